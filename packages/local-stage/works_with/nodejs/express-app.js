import express from "express";

import { BYTES, COOKIES, describe, ORIGIN, readCookies } from "./caller.js";

// The two adapters put the event at different places of the request.
export function makeApp(prefixes, findEvent) {
  const app = express();
  const router = express.Router();
  app.use((request, response, next) => {
    response.set("Access-Control-Allow-Origin", ORIGIN);
    next();
  });
  router.get("/caller", (request, response) => {
    response.json(describe(findEvent(request), request.baseUrl + request.path, request.query.tag));
  });
  router.get("/cookies", (request, response) => {
    response.append("Set-Cookie", COOKIES).json(readCookies(request.headers.cookie));
  });
  router.get("/binary", (request, response) => response.type("application/octet-stream").send(BYTES));
  router.post("/length", express.raw({ type: "*/*" }), (request, response) => response.json(request.body.length));
  for (const prefix of prefixes) app.use(prefix, router);
  return app;
}
