import awsLambdaFastify from "@fastify/aws-lambda";
import Fastify from "fastify";

import { BYTES, COOKIES, describe, ORIGIN, readCookies } from "./caller.js";

const app = Fastify();
app.addContentTypeParser("application/octet-stream", { parseAs: "buffer" }, (request, body, done) => done(null, body));
app.addHook("onRequest", async (request, reply) => {
  reply.header("Access-Control-Allow-Origin", ORIGIN);
});
app.get("/fastify/caller", async (request) =>
  describe(request.awsLambda.event, request.url.split("?")[0], request.query.tag),
);
app.get("/fastify/cookies", async (request, reply) => {
  reply.header("Set-Cookie", COOKIES);
  return readCookies(request.headers.cookie);
});
app.get("/fastify/binary", async (request, reply) => reply.type("application/octet-stream").send(BYTES));
app.post("/fastify/length", async (request) => request.body.length);

export const handler = awsLambdaFastify(app, {
  binaryMimeTypes: ["application/octet-stream"],
  decorateRequest: true,
});
