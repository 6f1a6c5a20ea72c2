"""One trigger's invocation: five seconds, three attempts, and Cognito's errors.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-identity-pools-working-with-aws-lambda-triggers.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from local_stage.cloudformation.function_forwarder import NOT_INVOKED, Invoke
from local_stage.cloudformation.pool_front.accounts import RefusalError

TIMEOUT: Final = 5.0
"""Seconds that Cognito waits for a trigger; nobody can change it."""
ATTEMPTS: Final = 3

VALIDATION: Final = "UserLambdaValidationException"
UNEXPECTED: Final = "UnexpectedLambdaException"
INVALID: Final = "InvalidLambdaResponseException"


def fire(invoke: Invoke, name: str, arn: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """Invoke the function of the trigger `name`, and return the event that it returns.

    Raises RefusalError where the function fails, is too slow three times, or returns something else.
    """
    told = _invoke(invoke, name, arn, event)
    returned = json.loads(told["payload"])
    if told["error_type"] == NOT_INVOKED:
        why = f"{name} invocation failed due to error ResourceNotFoundException."
        raise RefusalError(UNEXPECTED, why)
    if told["error_type"]:
        raise RefusalError(VALIDATION, f"{name} failed with error {_find_message(returned)}.")
    if not isinstance(returned, dict) or not isinstance(returned.get("response"), dict):
        raise RefusalError(INVALID, "Unrecognizable lambda output")
    return returned


def _invoke(invoke: Invoke, name: str, arn: str, event: Mapping[str, Any]) -> Mapping[str, Any]:
    for _ in range(ATTEMPTS):
        try:
            return invoke(arn, event, TIMEOUT)
        except TimeoutError:
            continue
    why = f"{name} invocation failed due to error Socket timeout while invoking Lambda function."
    raise RefusalError(UNEXPECTED, why)


def _find_message(error: Any) -> str:
    message = error.get("errorMessage") if isinstance(error, dict) else None
    return str(message) if message is not None else "null"
