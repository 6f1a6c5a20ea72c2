"""A method with a request validator, and requests that it lets through or refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest

from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.api_gateway.integrations.mock import MockIntegration
from local_stage.api_gateway.rest.request_validator import validate_request
from local_stage.api_gateway.rest.rest_api import Method, RequestValidator, Resource
from local_stage.api_gateway.rest.router import Match

BOTH: Final = RequestValidator(body=True, parameters=True)
SUM: Final = {
    "type": "object",
    "properties": {"a": {"type": "number"}, "b": {"type": "number"}},
    "required": ["a", "b"],
}


def match(
    *required: tuple[str, str],
    models: Mapping[str, Mapping[str, Any]] | None = None,
    validator: RequestValidator = BOTH,
    path_parameters: Mapping[str, str] | None = None,
) -> Match:
    """Return the match of a method with these required parameters and models."""
    method = Method(
        "POST",
        MockIntegration(200),
        validator=validator,
        required_parameters=required,
        request_models=models or {},
    )
    return Match(Resource("r", "/a", {"POST": method}), method, path_parameters or {})


def request(
    body: str | bytes = b"", *headers: tuple[str, str], query: str = "", method: str = "POST"
) -> HttpRequest:
    return HttpRequest(method, "/dev/a", query, headers, body.encode() if isinstance(body, str) else body)


def refusal(matched: Match, asked: HttpRequest) -> GatewayError:
    """Return the error that a request is refused with."""
    with pytest.raises(GatewayError) as caught:
        validate_request(matched, asked)
    return caught.value


def passes(matched: Match, asked: HttpRequest) -> bool:
    """Return True for a request that is let through; GatewayError for one that is not."""
    validate_request(matched, asked)
    return True


JSON: Final = ("Content-Type", "application/json")
