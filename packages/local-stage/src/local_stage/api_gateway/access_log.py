"""The access log: one line a request, in the format that the template's `AccessLogSetting` gives.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from operator import attrgetter
from types import MappingProxyType
from typing import Final

from local_stage.api_gateway.exchange import Exchange, Outcome
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http_message import valid_unicode
from local_stage.api_gateway.mapping_expression import (
    CONTEXT_ATTRIBUTES,
    CONTEXT_VARIABLES,
    VARIABLE,
    Variables,
)

MISSING: Final = "-"
"""What stands for a variable that the request has no value for."""

_NONE: Final[Mapping[str, Callable[[Exchange], str | None]]] = MappingProxyType({})

_QUOTED: Final = frozenset({"context.error.messageString"})
"""Variables that bring quotes of their own."""


class AccessLog:
    """Writes a line for every answer of the stage.

    A value is escaped as in JSON, and so is each of its characters that prints nothing, such as the controls
    that a terminal obeys, and `<`: whatever a client or user chose neither ends the line nor the string it
    stands in, nor the script of a page that shows it (unverified: AWS documents no escaping).
    """

    def __init__(
        self,
        line_format: str,
        write: Callable[[str], object],
        variables: Mapping[str, Callable[[Exchange], str | None]] = _NONE,
    ) -> None:
        """Write lines of this format, each with its line feed, by `write`.

        `variables` are those of the API's kind, or take the place of others, by their full names.
        """
        # VARIABLE has one group, so that texts and names of variables take turns.
        parts = VARIABLE.split(line_format.strip())
        self._form = "%s".join(text.replace("%", "%%") for text in parts[::2])
        self._readers = [(variables.get(name) or _find_reader(name), name in _QUOTED) for name in parts[1::2]]
        self._write = write

    def record(self, exchange: Exchange) -> None:
        """Write the line of an answer; what no stage has answered has none."""
        if exchange.error is not None and not exchange.error.is_of_stage:
            return
        values = [read(exchange) or MISSING for read, _ in self._readers]
        if not _is_plain("".join(values)):
            values = [
                value if is_quoted else _render(value)
                for value, (_, is_quoted) in zip(values, self._readers, strict=True)
            ]
        self._write(f"{self._form % tuple(values)}\n")


type _Read = Callable[[Exchange], str | None]


def _find_reader(name: str) -> _Read:
    """Return what reads a variable, by its full name, off an answer."""
    if (read := _OF_ANSWER.get(name)) is not None:
        return read
    in_context = name.removeprefix("context.")
    if (attribute := CONTEXT_ATTRIBUTES.get(in_context)) is not None:
        return attrgetter(f"context.{attribute}")
    if (read_context := CONTEXT_VARIABLES.get(in_context)) is not None:
        return lambda exchange: read_context(exchange.context)
    if in_context.startswith("authorizer."):
        in_authorizer = in_context.removeprefix("authorizer.")
        return lambda exchange: exchange.context.find_authorizer_variable(in_authorizer)
    return lambda exchange: Variables(exchange.context, exchange.request).find(name)


def _is_plain(text: str) -> bool:
    """Return whether nothing in a text has to be escaped; a lone surrogate prints nothing."""
    # One after the other: an expression for all three takes ten times as long, on every line of the log.
    return text.isprintable() and '"' not in text and "\\" not in text and "<" not in text


def _render(value: str) -> str:
    text = valid_unicode(value)
    return text if _is_plain(text) else "".join(map(_escape, text))


def _escape(letter: str) -> str:
    if letter == "<":
        return "\\u003c"
    return json.dumps(letter, ensure_ascii=not letter.isprintable())[1:-1]


def _of_error(read: Callable[[GatewayError], str | None]) -> _Read:
    return lambda exchange: None if exchange.error is None else read(exchange.error)


def _of_authorizer(read: Callable[[Outcome], str | None]) -> _Read:
    return lambda exchange: None if (outcome := exchange.context.authorizer) is None else read(outcome)


def _of_integration(read: Callable[[Outcome], str | None]) -> _Read:
    return lambda exchange: None if (outcome := exchange.context.integration) is None else read(outcome)


def _milliseconds(seconds: float) -> str:
    return str(round(seconds * 1000))


def _latency(outcome: Outcome) -> str:
    return _milliseconds(outcome.latency)


def _status(outcome: Outcome) -> str | None:
    return str(int(outcome.status)) if outcome.status else None


def _service_status(outcome: Outcome) -> str | None:
    """Return the service's own status: Lambda's is 200 also where the function failed."""
    return str(int(outcome.service_status)) if outcome.service_status else None


def _request_id(outcome: Outcome) -> str | None:
    """Return the service's id of the request, which API Gateway learns with its response."""
    return outcome.request_id if outcome.service_status else None


_OF_ANSWER: Final[Mapping[str, _Read]] = {
    "context.status": lambda exchange: str(exchange.response.status),
    "context.responseLength": lambda exchange: str(len(exchange.response.body)),
    "context.responseLatency": lambda exchange: _milliseconds(exchange.duration),
    "context.xrayTraceId": lambda exchange: exchange.context.trace_id,
    "context.error.message": _of_error(lambda error: error.message),
    "context.error.messageString": _of_error(lambda error: error.message_string),
    "context.error.responseType": _of_error(lambda error: error.response_type.value),
    "context.error.validationErrorString": _of_error(lambda error: error.validation_error),
    "context.authorizer.error": _of_authorizer(lambda outcome: outcome.error),
    "context.authorizer.latency": _of_authorizer(_latency),
    "context.authorizer.status": _of_authorizer(_status),
    "context.awsEndpointRequestId": _of_integration(_request_id),
    "context.integration.error": _of_integration(lambda outcome: outcome.error),
    "context.integration.integrationStatus": _of_integration(_service_status),
    "context.integration.latency": _of_integration(_latency),
    "context.integration.requestId": _of_integration(_request_id),
    "context.integration.status": _of_integration(_status),
    "context.integrationErrorMessage": _of_integration(lambda outcome: outcome.error),
    "context.integrationLatency": _of_integration(_latency),
    "context.integrationStatus": _of_integration(_service_status),
}
"""The variables that only the answer or its making has, by their full names.

With a Lambda proxy integration `integration.status` is the one that the function's answer holds.
"""
