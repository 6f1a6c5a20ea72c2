#!/usr/bin/env bash
# Package: amazon-cognito-identity-js 6.3.21, seen on 2026-11-29.
#
# refreshSession retries with growing pauses whatever the error is, also where the pool has refused the token for good
# (NotAuthorizedException): it sends the token six times before it tells its caller, after six to seven seconds. Six calls
# of each signed-out page count against Cognito's quota.
#
# Output seen:
#   NotAuthorizedException after 6 requests, more than 6 s: true
#   targets: InitiateAuth
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" amazon-cognito-identity-js@6.3.21
cat >"$folder/show.mjs" <<'JAVASCRIPT'
import { createServer } from "node:http";

import { CognitoRefreshToken, CognitoUser, CognitoUserPool } from "amazon-cognito-identity-js";

const targets = [];
const server = createServer((request, response) => {
  targets.push(request.headers["x-amz-target"].split(".").pop());
  response.writeHead(400, { "Content-Type": "application/x-amz-json-1.1" });
  response.end(JSON.stringify({ __type: "NotAuthorizedException", message: "Refresh Token has been revoked" }));
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const endpoint = `http://127.0.0.1:${server.address().port}/`;
const pool = new CognitoUserPool({ UserPoolId: "ap-northeast-1_Example00", ClientId: "client", endpoint });
const user = new CognitoUser({ Username: "alice", Pool: pool });
const began = Date.now();
const error = await new Promise((resolve) => {
  user.refreshSession(new CognitoRefreshToken({ RefreshToken: "refused" }), resolve);
});
console.log(`${error.code} after ${targets.length} requests, more than 6 s: ${Date.now() - began > 6000}`);
console.log(`targets: ${[...new Set(targets)]}`);
server.close();
server.closeAllConnections();
JAVASCRIPT
seen=$(node "$folder/show.mjs" 2>/dev/null)
echo "$seen"
test "$seen" = "$(sed -n 's/^#   //p' "$0")" || { echo "the behaviour has changed"; exit 1; }
