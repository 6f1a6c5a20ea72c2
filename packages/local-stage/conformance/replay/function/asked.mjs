// What recorded invocations ask of a function in Node.js, each as a handler.

export const introspect = async (_event, context) => ({
  context: {
    aws_request_id: context.awsRequestId,
    function_name: context.functionName,
    function_version: context.functionVersion,
    invoked_function_arn: context.invokedFunctionArn,
    log_group_name: context.logGroupName,
    log_stream_name: context.logStreamName,
    remaining_time_in_millis: String(context.getRemainingTimeInMillis()),
  },
  environment: { ...process.env },
});

export const raise_ = async (event) => {
  throw new Error(`Error: ${event.error_msg}`);
};
