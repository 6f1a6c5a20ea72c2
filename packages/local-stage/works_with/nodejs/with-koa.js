import Koa from "koa";
import serverless from "serverless-http";

import { BYTES, COOKIES, describe, ORIGIN, readCookies } from "./caller.js";

const app = new Koa();
app.use(async (context) => {
  context.set("Access-Control-Allow-Origin", ORIGIN);
  switch (context.path) {
    case "/koa/caller":
      context.body = describe(context.req.apiGateway.event, context.path, context.query.tag);
      break;
    case "/koa/cookies":
      context.set("Set-Cookie", COOKIES);
      context.body = readCookies(context.headers.cookie);
      break;
    case "/koa/binary":
      context.type = "application/octet-stream";
      context.body = BYTES;
      break;
    case "/koa/length":
      context.body = String(context.req.body.length);
  }
});

export const handler = serverless(app, { binary: ["application/octet-stream"] });
