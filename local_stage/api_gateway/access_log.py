"""The access log: one line a request, in the format that the template's `AccessLogSetting` gives.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Final

from local_stage.api_gateway.answered import Answered
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.mapping_expression import VARIABLE, Variables
from local_stage.api_gateway.request_context import Outcome, RequestContext, valid_unicode

MISSING: Final = "-"
"""What stands for a variable that the request has no value for."""

_QUOTED: Final = frozenset({"context.error.messageString"})
"""Variables that bring quotes of their own."""

_SPECIAL: Final = re.compile(r'["\\<]')


class AccessLog:
    """Writes a line for every answer.

    A value is escaped as in JSON, and so is each of its characters that prints nothing, such as the controls
    that a terminal obeys, and `<`: whatever a client or user chose neither ends the line nor the string it
    stands in, nor the script of a page that shows it (unverified: AWS documents no escaping).
    """

    def __init__(self, line_format: str, write: Callable[[str], object]) -> None:
        """Write lines of this format, each with its line feed, by `write`."""
        # VARIABLE has one group, so that texts and names of variables take turns.
        self._parts = VARIABLE.split(line_format.strip())
        self._write = write

    def record(self, answered: Answered) -> None:
        """Write the line of an answer."""
        variables = Variables(answered.context, answered.request)
        known = _collect(answered)
        texts, names = self._parts[::2], self._parts[1::2]
        values = [_render(name, known.get(name) or variables.find(name)) for name in names]
        line = "".join(text + value for text, value in zip(texts, [*values, ""], strict=True))
        self._write(f"{line}\n")


def _render(name: str, value: str | None) -> str:
    if value is None or value == "":
        return MISSING
    if name in _QUOTED:
        return value
    text = valid_unicode(value)
    if text.isprintable() and not _SPECIAL.search(text):
        return text
    return "".join(map(_escape, text))


def _escape(letter: str) -> str:
    if letter == "<":
        return "\\u003c"
    return json.dumps(letter, ensure_ascii=not letter.isprintable())[1:-1]


def _collect(answered: Answered) -> Mapping[str, str | None]:
    """Return the variables that only the answer or its making has, by their full names."""
    context = answered.context
    return {
        "context.status": str(answered.response.status),
        "context.responseLength": str(len(answered.response.body)),
        "context.responseLatency": _milliseconds(answered.duration),
        "context.xrayTraceId": context.trace_id,
        **_describe_error(answered.error),
        **_describe_authorizer(context.authorizer),
        **_describe_integration(context),
    }


def _describe_error(error: GatewayError | None) -> dict[str, str | None]:
    if error is None:
        return {}
    return {
        "context.error.message": error.message,
        "context.error.messageString": error.message_string,
        "context.error.responseType": error.response_type.value,
        "context.error.validationErrorString": error.validation_error,
    }


def _describe_authorizer(authorizer: Outcome | None) -> dict[str, str | None]:
    if authorizer is None:
        return {}
    return {
        "context.authorizer.error": authorizer.error,
        "context.authorizer.latency": _milliseconds(authorizer.latency),
        "context.authorizer.status": str(int(authorizer.status)) if authorizer.status else None,
    }


def _describe_integration(context: RequestContext) -> dict[str, str | None]:
    """Return the integration's variables.

    With a Lambda proxy integration `integrationStatus` is Lambda's own status, 200 also where the function
    failed; `integration.status` is the one that the function's answer holds.
    """
    integration = context.integration
    if integration is None:
        return {}
    latency = _milliseconds(integration.latency)
    return {
        "context.awsEndpointRequestId": integration.request_id,
        "context.integration.error": integration.error,
        "context.integration.integrationStatus": "200",
        "context.integration.latency": latency,
        "context.integration.requestId": integration.request_id,
        "context.integration.status": str(integration.status) if integration.status else None,
        "context.integrationErrorMessage": integration.error,
        "context.integrationLatency": latency,
        "context.integrationStatus": "200",
    }


def _milliseconds(seconds: float) -> str:
    return str(round(seconds * 1000))
