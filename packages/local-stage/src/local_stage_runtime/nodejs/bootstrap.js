// Starts a Node.js function's process: `node bootstrap.js HANDLER`, a client of the Runtime API.
//
// It does what AWS's own does, https://github.com/aws/aws-lambda-nodejs-runtime-interface-client, in JavaScript
// alone: as version 3 of it for nodejs16.x to nodejs22.x, as version 4 from nodejs24.x on, where handlers are async.

import { runAsync } from "./async_client.js";
import { runCallbacks } from "./callback_client.js";
import { describeError, formatError } from "./function_error.js";
import { patchConsole } from "./function_logging.js";
import { loadHandler } from "./handler.js";
import { RuntimeApi } from "./runtime_api.js";

const FIRST_ASYNC_VERSION = 24;

const version = Number(/nodejs(\d+)/.exec(process.env.AWS_EXECUTION_ENV ?? "")?.[1] ?? FIRST_ASYNC_VERSION);
const isAsync = version >= FIRST_ASYNC_VERSION;
const runtimeApi = new RuntimeApi(process.env.AWS_LAMBDA_RUNTIME_API);
patchConsole(isAsync ? "-" : "undefined");

// What a pipe does not take at once would be written while the process waits for its next invocation: too late.
for (const stream of [process.stdout, process.stderr]) {
  stream._handle?.setBlocking?.(true);
}

loadHandler(process.env.LAMBDA_TASK_ROOT, process.argv[2], { isAsync }).then(
  (handler) => (isAsync ? runAsync(runtimeApi, handler) : runCallbacks(runtimeApi, handler)),
  (error) => {
    console.error("Uncaught Exception", formatError(error));
    runtimeApi.failInit(describeError(error));
    process.exit(isAsync ? 1 : 129);
  },
);
