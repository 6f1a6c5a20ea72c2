#!/usr/bin/env bash
# Package: express 5.3.0, with Node.js 20.20.2, seen on 2026-11-29.
#
# app.use("/", …) sees every request. In a list of paths the same "/" stands for the root alone: app.use(["/a", "/"], …)
# does not see /b, and app.use(["/"], …) sees nothing but /.
#
# Output seen:
#   "/" -> /a 200, /b 200, / 200
#   ["/"] -> /a 404, /b 404, / 200
#   ["/a","/"] -> /a 200, /b 404, / 200
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --prefix "$folder" --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel error express@5.3.0 >/dev/null
cat >"$folder/show.mjs" <<'JAVASCRIPT'
import express from "express";

for (const path of ["/", ["/"], ["/a", "/"]]) {
  const app = express();
  app.use(path, (request, response) => response.send("seen"));
  const server = app.listen(0);
  await new Promise((resolve) => server.once("listening", resolve));
  const statuses = [];
  for (const asked of ["/a", "/b", "/"]) {
    const response = await fetch(`http://127.0.0.1:${server.address().port}${asked}`);
    statuses.push(`${asked} ${response.status}`);
  }
  console.log(JSON.stringify(path), "->", statuses.join(", "));
  server.close();
  server.closeAllConnections();
}
JAVASCRIPT
seen=$(node "$folder/show.mjs" 2>/dev/null)
echo "$seen"
test "$seen" = "$(sed -n 's/^#   //p' "$0")" || { echo "the behaviour has changed"; exit 1; }
