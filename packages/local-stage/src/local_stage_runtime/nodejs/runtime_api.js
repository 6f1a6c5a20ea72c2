// The process's end of its Runtime API: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
//
// Each call blocks, as it does in AWS's client: while the process waits for its next invocation, its timers stand
// still. A thread of its own speaks HTTP meanwhile.

import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";

const ROOT = "/2018-06-01/runtime";
const JSON_TYPE = "application/json";
const ERROR_TYPE = "Lambda-Runtime-Function-Error-Type";

export class RuntimeApi {
  #port;
  #signal = new Int32Array(new SharedArrayBuffer(4));

  constructor(address) {
    const [, host, tcpPort] = /^(.*):(\d+)$/.exec(address);
    const { port1, port2 } = new MessageChannel();
    const workerData = { host, tcpPort, port: port2, signal: this.#signal };
    const thread = new URL("./runtime_connection.cjs", import.meta.url);
    const worker = new Worker(thread, { workerData, transferList: [port2], execArgv: [], env: {} });
    worker.unref();
    this.#port = port1;
    this.#port.unref();
  }

  /** Waits for the next invocation; `headers` have their names in lower case, `event` is a text. */
  next() {
    const { headers, body } = this.#call("GET", "/invocation/next", {}, "");
    return { headers, event: body };
  }

  /** Sends the handler's response, a text. */
  respond(requestId, response) {
    this.#call("POST", `/invocation/${requestId}/response`, { "Content-Type": JSON_TYPE }, response);
  }

  /** Sends the error with which an invocation failed, as `describeError` gives it. */
  fail(requestId, error) {
    this.#post(`/invocation/${requestId}/error`, error);
  }

  /** Sends the error with which the handler could not be loaded. */
  failInit(error) {
    this.#post("/init/error", error);
  }

  #post(path, error) {
    const headers = { "Content-Type": JSON_TYPE, [ERROR_TYPE]: error.errorType };
    this.#call("POST", path, headers, JSON.stringify(error));
  }

  #call(method, path, headers, body) {
    Atomics.store(this.#signal, 0, 0);
    this.#port.postMessage({ method, path: ROOT + path, headers, body });
    Atomics.wait(this.#signal, 0, 0);
    const { message } = receiveMessageOnPort(this.#port);
    if (message.lost) {
      // The stage has closed the Runtime API: nobody waits for this process any more.
      process.exit(1);
    }
    return message;
  }
}
