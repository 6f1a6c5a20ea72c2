// The thread that speaks HTTP with the Runtime API while the function's own thread stands still.

"use strict";

const http = require("node:http");
const { workerData } = require("node:worker_threads");

const { host, tcpPort, port, signal } = workerData;
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function answer(message) {
  port.postMessage(message);
  Atomics.store(signal, 0, 1);
  Atomics.notify(signal, 0);
}

port.on("message", ({ method, path, headers, body }) => {
  const length = { "Content-Length": Buffer.byteLength(body) };
  const options = { host, port: tcpPort, agent, method, path, headers: { ...headers, ...(body ? length : {}) } };
  const request = http.request(options, (response) => {
    const chunks = [];
    response.on("data", (chunk) => chunks.push(chunk));
    response.on("end", () => answer({ headers: response.headers, body: Buffer.concat(chunks).toString() }));
    response.on("error", () => answer({ lost: true }));
  });
  request.on("error", () => answer({ lost: true }));
  request.end(body);
});
