import { Hono } from "hono";
import { handle } from "hono/aws-lambda";
import { cors } from "hono/cors";

import { BYTES, COOKIES, describe, ORIGIN, readCookies } from "./caller.js";

const app = new Hono().basePath("/hono");
app.use(cors({ origin: ORIGIN }));
app.get("/caller", (c) => c.json(describe(c.env.event, c.req.path, c.req.queries("tag"))));
app.get("/cookies", (c) => {
  for (const cookie of COOKIES) c.header("Set-Cookie", cookie, { append: true });
  return c.json(readCookies(c.req.header("cookie")));
});
app.get("/binary", (c) => c.body(BYTES, 200, { "Content-Type": "application/octet-stream" }));
app.post("/length", async (c) => c.json((await c.req.arrayBuffer()).byteLength));

export const handler = handle(app);
