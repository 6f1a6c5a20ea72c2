// Invokes handlers as nodejs24.x and later do: a handler's promise, or the value that it returns, is the response.

import { readFunction, readInvocation, setTraceId } from "./context.js";
import { describeError, formatError, RuntimeError } from "./function_error.js";
import { setRequestId } from "./function_logging.js";

const DEPRECATED =
  "ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. " +
  "Make the handler an async function, with two parameters.";

/** Gives the handler one event after the other; returns only where it takes a callback, which is refused. */
export async function runAsync(runtimeApi, handler) {
  if (handler.length > 2) {
    const error = new RuntimeError("Runtime.CallbackHandlerDeprecated", DEPRECATED);
    console.error("Uncaught Exception", formatError(error));
    runtimeApi.failInit(describeError(error));
    process.exit(1);
  }
  for (;;) {
    const { headers, event } = runtimeApi.next();
    const requestId = headers["lambda-runtime-aws-request-id"];
    setRequestId(requestId);
    const xRayTraceId = setTraceId(headers);
    try {
      const { getRemainingTimeInMillis, ...invocation } = readInvocation(headers);
      const context = { ...invocation, xRayTraceId, getRemainingTimeInMillis, ...readFunction() };
      runtimeApi.respond(requestId, stringify(await handler(JSON.parse(event), context)));
    } catch (error) {
      console.error("Invoke Error", formatError(error));
      runtimeApi.fail(requestId, describeError(error));
    }
    // What the handler left behind has its turn before the process stands still.
    await new Promise(setImmediate);
  }
}

function stringify(response) {
  try {
    return JSON.stringify(response === undefined ? null : response) ?? "";
  } catch {
    throw new RuntimeError("Runtime.JSONStringifyError", "Unable to stringify response body");
  }
}
