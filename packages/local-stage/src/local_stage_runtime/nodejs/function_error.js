// What an error looks like: in the answer to the caller, and in the function's log.

/** An error of the runtime itself, with the name that Lambda has for it. */
export class RuntimeError extends Error {
  constructor(name, message) {
    super(message);
    this.name = name;
    Error.captureStackTrace(this, RuntimeError);
  }
}

/** Returns `{errorType, errorMessage, trace}`; what is thrown may be no Error at all. */
export function describeError(error) {
  if (!(error instanceof Error)) {
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  }
  const { name, message, stack } = error;
  return { errorType: escape(name), errorMessage: escape(message), trace: lines(stack).map(escape) };
}

/** Returns the error as a line of the log shows it. */
export function formatError(error) {
  if (!(error instanceof Error)) {
    return `\t${JSON.stringify({ errorType: typeof error, errorMessage: String(error), trace: [] })}`;
  }
  const own = Object.fromEntries(Object.entries(error).filter(([key]) => key !== "name"));
  const described = { errorType: error.name, errorMessage: error.message, code: error.code, ...own };
  return `\t${JSON.stringify({ ...described, stack: lines(error.stack) })}`;
}

function lines(stack) {
  return (stack ?? "").split("\n");
}

// Lambda's header with the error's type cannot hold this character.
function escape(text) {
  return String(text).replaceAll("\x7F", "%7F");
}
