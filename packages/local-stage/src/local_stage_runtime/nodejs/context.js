// The context object that a handler gets: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html

/** Returns what every handler is told of its invocation; `headers` are those of `next`. */
export function readInvocation(headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    clientContext: readJson(headers["lambda-runtime-client-context"]),
    identity: readJson(headers["lambda-runtime-cognito-identity"]),
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    tenantId: headers["lambda-runtime-aws-tenant-id"],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

/** Returns what every handler is told of its function. */
export function readFunction() {
  return {
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
  };
}

/** Gives the process the trace id of the invocation, which X-Ray's SDK reads there. */
export function setTraceId(headers) {
  const traceId = headers["lambda-runtime-trace-id"];
  if (traceId) {
    process.env._X_AMZN_TRACE_ID = traceId;
  } else {
    delete process.env._X_AMZN_TRACE_ID;
  }
  return traceId;
}

function readJson(text) {
  return text ? JSON.parse(text) : undefined;
}
