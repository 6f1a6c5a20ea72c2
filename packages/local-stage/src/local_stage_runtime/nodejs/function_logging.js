// The function's log: console's methods in Lambda's form.
//
// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html

import { format } from "node:util";

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
const METHODS = { trace: "TRACE", debug: "DEBUG", log: "INFO", info: "INFO", warn: "WARN", error: "ERROR", fatal: "FATAL" };

let requestId;

/** Puts console's methods into Lambda's form; `initialId` stands in a line before the first invocation. */
export function patchConsole(initialId) {
  requestId = initialId;
  const write = process.env.AWS_LAMBDA_LOG_FORMAT?.toUpperCase() === "JSON" ? writeJson : writeText;
  const least = LEVELS.indexOf((process.env.AWS_LAMBDA_LOG_LEVEL ?? "").toUpperCase());
  for (const [method, level] of Object.entries(METHODS)) {
    const isKept = write === writeText || LEVELS.indexOf(level) >= least;
    console[method] = isKept ? (message, ...more) => write(level, message, more) : () => {};
  }
}

/** Names the invocation to which the lines belong from now on. */
export function setRequestId(id) {
  requestId = id;
}

// One event of the log is one line: its own line ends are carriage returns, as Lambda writes them.
function writeText(level, message, more) {
  const text = format(message, ...more).replaceAll("\n", "\r");
  process.stdout.write(`${[new Date().toISOString(), requestId, level, text].join("\t")}\n`);
}

function writeJson(level, message, more) {
  const line = { timestamp: new Date().toISOString(), level, requestId };
  if (more.length === 0) {
    line.message = typeof message === "object" && message !== null ? message : format(message);
  } else {
    line.message = format(message, ...more);
    const error = [message, ...more].find((one) => one instanceof Error);
    Object.assign(line, error === undefined ? {} : describe(error));
  }
  process.stdout.write(`${JSON.stringify(line, (_, value) => (value instanceof Error ? describe(value) : value))}\n`);
}

function describe(error) {
  return { errorType: error.name, errorMessage: error.message, stackTrace: (error.stack ?? "").split("\n") };
}
