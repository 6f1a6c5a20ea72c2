"""The document's gateway responses: how the API customises what API Gateway answers itself.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-gateway-responses.html
"""

from __future__ import annotations

import re
from typing import Final

from local_stage.api_gateway.rest.gateway_response import GatewayResponse, GatewayResponseType
from local_stage.api_gateway.template_part import TemplatePart

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
