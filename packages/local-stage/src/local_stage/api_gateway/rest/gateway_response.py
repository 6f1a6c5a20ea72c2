"""Gateway responses: how an API customises what API Gateway answers itself.

Source:
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from local_stage.api_gateway.exchange import GATEWAY_HEADERS, RequestContext
from local_stage.api_gateway.gateway_error import GatewayError, GatewayResponseType
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse, parse_media_type
from local_stage.api_gateway.mapping_expression import Variables, evaluate_header, render_template
from local_stage.api_gateway.template_part import TemplatePart

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
    variables = Variables(context, request, stage_variables, error)
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


GATEWAY_RESPONSES: Final = "x-amazon-apigateway-gateway-responses"

_HEADER_PREFIX: Final = "gatewayresponse.header."
_EXPRESSION: Final = re.compile(
    r"'[^'\r\n]*'|method\.request\.(header|path|querystring|multivalueheader|multivaluequerystring)\.[^\s'\"]+"
    r"|context\.[\w.-]+|stageVariables\.\w+"
)


def read_gateway_responses(document: TemplatePart) -> dict[GatewayResponseType, GatewayResponse]:
    """Return the customised gateway responses by type; StartError for a type that AWS does not have."""
    return {
        _read_type(name, part): _read_gateway_response(part)
        for name, part in document[GATEWAY_RESPONSES].items()
    }


def _read_type(name: str, part: TemplatePart) -> GatewayResponseType:
    try:
        return GatewayResponseType(name)
    except ValueError:
        raise part.refusal(f"there is no gateway response {name}", ("GatewayResponses", name)) from None


def _read_gateway_response(part: TemplatePart) -> GatewayResponse:
    part.refuse_unknown({"statusCode", "responseParameters", "responseTemplates"}, "a gateway response")
    return GatewayResponse(
        status=_read_status(part["statusCode"]),
        headers=_read_headers(part["responseParameters"]),
        templates={key: template.text() for key, template in part["responseTemplates"].items()},
    )


def _read_status(part: TemplatePart) -> int | None:
    if not part:
        return None
    if not re.fullmatch(r"[1-5]\d\d", part.text(), re.ASCII):
        raise part.refusal(f"{part.text()} is no status code")
    return int(part.text())


def _read_headers(parameters: TemplatePart) -> dict[str, str]:
    headers = {}
    for key, expression in parameters.items():
        if not key.startswith(_HEADER_PREFIX):
            raise expression.refusal(f"only {_HEADER_PREFIX}NAME is run locally")
        if not _EXPRESSION.fullmatch(expression.text()):
            text = expression.text()
            raise expression.refusal(f"{text} is no mapping expression; a constant is written \"'{text}'\"")
        headers[key.removeprefix(_HEADER_PREFIX)] = expression.text()
    return headers
