"""Gateway responses: how an API customises what API Gateway answers itself.

Source:
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from local_stage.api_gateway.gateway_error import GatewayError, GatewayResponseType
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse, parse_media_type
from local_stage.api_gateway.mapping_expression import Variables, evaluate_header, render_template
from local_stage.api_gateway.request_context import GATEWAY_HEADERS, RequestContext

__all__ = ("GatewayError", "GatewayResponse", "GatewayResponseType", "build_gateway_response")

JSON: Final = "application/json"
_ERROR_TYPE: Final = "x-amzn-ErrorType"


@dataclass(frozen=True, slots=True)
class GatewayResponse:
    """How an API customises one gateway response type.

    `status` None keeps the status of the error. `headers` maps a header's name (`X` of
    `gatewayresponse.header.X`) to its mapping expression (`'v'`, `context.requestId`, …). `templates` maps a
    content type to a body template; empty keeps the default body.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)


def build_gateway_response(
    error: GatewayError,
    definitions: Mapping[GatewayResponseType, GatewayResponse],
    context: RequestContext,
    request: HttpRequest,
    stage_variables: Mapping[str, str],
) -> HttpResponse:
    """Return the answer to a request that API Gateway answers itself, customised as the API defines it.

    The type's own definition wins over DEFAULT_4XX and DEFAULT_5XX, which stand in for every type of their
    class that has none. A definition keeps the error's status and default body where it says nothing of them,
    and x-amzn-ErrorType always.
    """
    definition = _find_definition(error, definitions)
    if definition is None:
        return _build(error.status, error, JSON, error.default_body)
    variables = Variables(context, request, stage_variables, _error_variables(error))
    content_type, template = _choose_template(definition.templates, request.header("Accept"))
    body = error.default_body if template is None else render_template(template, variables)
    response = _build(definition.status or error.status, error, content_type, body)
    for name, expression in definition.headers.items():
        _set_header(response, name, evaluate_header(expression, variables))
    return response


def _find_definition(
    error: GatewayError, definitions: Mapping[GatewayResponseType, GatewayResponse]
) -> GatewayResponse | None:
    if not error.customizable:
        return None
    own = definitions.get(error.response_type)
    if own is not None:
        return own
    server_error = error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return definitions.get(
        GatewayResponseType.DEFAULT_5XX if server_error else GatewayResponseType.DEFAULT_4XX
    )


def _error_variables(error: GatewayError) -> dict[str, str]:
    return {
        "message": error.message,
        "messageString": error.message_string,
        "responseType": error.response_type.value,
        "validationErrorString": error.validation_error or "",
    }


def _choose_template(templates: Mapping[str, str], accept: str | None) -> tuple[str, str | None]:
    """Return the content type and the body template that the answer has, None for the default body.

    That is the first media type in Accept that has a template, else application/json, else the first template
    that the API defines. AWS documents no rule for gateway responses (unverified), but has been recorded to
    keep to application/json when Accept asks for a type without a template.
    """
    for accepted in (accept or "").split(","):
        media_type = parse_media_type(accepted)
        if media_type in templates:
            return media_type, templates[media_type]
    if JSON in templates or not templates:
        return JSON, templates.get(JSON)
    return next(iter(templates.items()))


def _build(status: int, error: GatewayError, content_type: str, body: str) -> HttpResponse:
    headers = [("Content-Type", content_type), (_ERROR_TYPE, error.error_type)]
    return HttpResponse(status, headers, body.encode("utf-8", "replace"))


def _set_header(response: HttpResponse, name: str, value: str | None) -> None:
    """Add a header or replace the Content-Type; what is API Gateway's own stays as it is."""
    lowered = name.lower()
    if value is None or lowered in GATEWAY_HEADERS or lowered == _ERROR_TYPE.lower():
        return
    if lowered == "content-type":
        response.headers[0] = ("Content-Type", value)
    else:
        response.headers.append((name, value))
