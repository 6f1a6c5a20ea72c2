"""The context object that Lambda hands to a handler, as far as the function reads it."""

from __future__ import annotations

from aws_lambda_powertools.utilities.typing import LambdaContext


class FakeLambdaContext(LambdaContext):
    """A context of an invocation that is nobody's."""

    _function_name = "hello-api-HelloFunction-0123456789ab"
    _memory_limit_in_mb = 256
    _invoked_function_arn = f"arn:aws:lambda:ap-northeast-1:123456789012:function:{_function_name}"
    _aws_request_id = "0a1b2c3d-0000-4000-8000-000000000000"
