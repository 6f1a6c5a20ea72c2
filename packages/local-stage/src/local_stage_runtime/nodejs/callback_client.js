// Invokes handlers as nodejs16.x to nodejs22.x do: by promise, by callback, or by the context's own methods.

import { readFunction, readInvocation, setTraceId } from "./context.js";
import { describeError, formatError, RuntimeError } from "./function_error.js";
import { setRequestId } from "./function_logging.js";

const EXIT_AFTER_REJECTION = 128;
const EXIT_AFTER_EXCEPTION = 129;

/** Gives the handler one event after the other, as long as the process lives. */
export function runCallbacks(runtimeApi, handler) {
  new CallbackClient(runtimeApi, handler).invokeNext();
}

class CallbackClient {
  #runtimeApi;
  #handler;
  #requestId;
  /** What happens when the handler has left nothing to wait for. */
  #whenIdle = () => {};

  constructor(runtimeApi, handler) {
    this.#runtimeApi = runtimeApi;
    this.#handler = handler;
    process.on("beforeExit", () => this.#whenIdle());
    process.on("uncaughtException", (error) => this.#exit(error, "Uncaught Exception", EXIT_AFTER_EXCEPTION));
    process.on("unhandledRejection", (reason) => {
      const error = new RuntimeError("Runtime.UnhandledPromiseRejection", String(reason));
      error.stack = reason?.stack ?? error.stack;
      this.#exit(error, "Unhandled Promise Rejection", EXIT_AFTER_REJECTION);
    });
  }

  invokeNext() {
    const { headers, event } = this.#runtimeApi.next();
    this.#requestId = headers["lambda-runtime-aws-request-id"];
    setRequestId(this.#requestId);
    setTraceId(headers);
    const { callback, context, settle } = this.#begin(headers);
    this.#whenIdle = () => settle(null, null);
    try {
      const result = this.#handler(JSON.parse(event), context, callback);
      if (typeof result?.then === "function") {
        result.then((value) => settle(null, value), (error) => settle(error ?? new Error(String(error))));
      }
    } catch (error) {
      settle(error ?? new Error(String(error)));
    }
  }

  /** Returns the three ways by which a handler can end its invocation, of which the first one counts. */
  #begin(headers) {
    let isSettled = false;
    let isCalledBack = false;
    const settle = (error, value) => {
      if (!isSettled) {
        isSettled = true;
        this.#end(error, value);
      }
    };
    const callback = (error, value) => {
      if (isCalledBack) {
        return;
      }
      isCalledBack = true;
      if (isError(error) || !context.callbackWaitsForEmptyEventLoop) {
        settle(error, value);
      } else {
        this.#whenIdle = () => settle(null, value);
      }
    };
    const context = {
      callbackWaitsForEmptyEventLoop: true,
      succeed: (value) => settle(null, value),
      fail: (error) => settle(error ?? "handled"),
      done: (error, value) => settle(error, value),
      ...readFunction(),
      ...readInvocation(headers),
    };
    return { callback, context, settle };
  }

  #end(error, value) {
    this.#whenIdle = () => {};
    const outcome = isError(error) ? { error } : stringify(value);
    if ("error" in outcome) {
      console.error("Invoke Error", formatError(outcome.error));
      this.#runtimeApi.fail(this.#requestId, describeError(outcome.error));
    } else {
      this.#runtimeApi.respond(this.#requestId, outcome.response);
    }
    this.#requestId = undefined;
    setImmediate(() => this.invokeNext());
  }

  /** Fails the running invocation, and ends a process of which nobody knows what it still does. */
  #exit(error, title, code) {
    console.error(title, formatError(error));
    if (this.#requestId !== undefined) {
      this.#runtimeApi.fail(this.#requestId, describeError(error));
    }
    process.exit(code);
  }
}

function isError(error) {
  return error !== undefined && error !== null;
}

function stringify(value) {
  try {
    return { response: JSON.stringify(value === undefined ? null : value) ?? "" };
  } catch {
    return { error: new Error("Unable to stringify response body") };
  }
}
