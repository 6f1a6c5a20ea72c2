#!/usr/bin/env bash
# Package: @codegenie/serverless-express 5.0.0, express 5.3.0, with Node.js 20.20.2, seen on 2026-11-29.
#
# The same request to the same resource /shop/{proxy+} has another path for the application behind a REST API than behind
# an HTTP API: of an event of format 1.0 the adapter takes what {proxy+} has matched, where there is one, and of format 2.0
# the whole path.
#
# Output seen:
#   REST API -> /orders
#   HTTP API -> /shop/orders
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --prefix "$folder" --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel error @codegenie/serverless-express@5.0.0 express@5.3.0 >/dev/null
cat >"$folder/show.mjs" <<'JAVASCRIPT'
import serverlessExpress from "@codegenie/serverless-express";
import express from "express";

const app = express();
app.use((request, response) => response.send(request.path));
const handler = serverlessExpress({ app });
const pathParameters = { proxy: "orders" };
const rest = {
  resource: "/shop/{proxy+}",
  path: "/shop/orders",
  httpMethod: "GET",
  headers: { Host: "api.example" },
  multiValueHeaders: { Host: ["api.example"] },
  queryStringParameters: null,
  multiValueQueryStringParameters: null,
  pathParameters,
  requestContext: { stage: "dev", identity: { sourceIp: "192.0.2.1" } },
  body: null,
  isBase64Encoded: false,
};
const http = {
  version: "2.0",
  routeKey: "ANY /shop/{proxy+}",
  rawPath: "/shop/orders",
  rawQueryString: "",
  headers: { host: "api.example" },
  pathParameters,
  requestContext: { stage: "$default", http: { method: "GET", path: "/shop/orders", sourceIp: "192.0.2.1" } },
  isBase64Encoded: false,
};
console.log("REST API ->", (await handler(rest, {})).body);
console.log("HTTP API ->", (await handler(http, {})).body);
JAVASCRIPT
seen=$(node "$folder/show.mjs" 2>/dev/null)
echo "$seen"
test "$seen" = "$(sed -n 's/^#   //p' "$0")" || { echo "the behaviour has changed"; exit 1; }
