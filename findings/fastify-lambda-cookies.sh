#!/usr/bin/env bash
# Package: @fastify/aws-lambda 6.4.1, fastify 5.12.8, with Node.js 20.20.2, seen on 2026-11-29.
#
# An HTTP API hands a function the cookies as a list. The adapter joins them to one header by ";" alone, where browsers and
# RFC 6265 (4.2.1) write "; ": code that splits the header at "; " finds one cookie, behind an HTTP API only.
#
# Output seen:
#   HTTP API -> a=1;b=2
#   REST API -> a=1; b=2
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --prefix "$folder" --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel error @fastify/aws-lambda@6.4.1 fastify@5.12.8 >/dev/null
cat >"$folder/show.mjs" <<'JAVASCRIPT'
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const awsLambdaFastify = require("@fastify/aws-lambda");
const app = require("fastify")();
app.get("/a", async (request) => request.headers.cookie);
const handler = awsLambdaFastify(app);
const http = {
  version: "2.0",
  rawPath: "/a",
  rawQueryString: "",
  cookies: ["a=1", "b=2"],
  headers: { host: "api.example" },
  requestContext: { stage: "$default", http: { method: "GET", path: "/a", sourceIp: "192.0.2.1" } },
  isBase64Encoded: false,
};
const rest = {
  resource: "/a",
  path: "/a",
  httpMethod: "GET",
  headers: { Cookie: "a=1; b=2" },
  multiValueHeaders: { Cookie: ["a=1; b=2"] },
  requestContext: { stage: "dev" },
  body: null,
  isBase64Encoded: false,
};
console.log("HTTP API ->", (await handler(http, {})).body);
console.log("REST API ->", (await handler(rest, {})).body);
JAVASCRIPT
seen=$(node "$folder/show.mjs" 2>/dev/null)
echo "$seen"
test "$seen" = "$(sed -n 's/^#   //p' "$0")" || { echo "the behaviour has changed"; exit 1; }
