"""Mapping expressions of gateway responses: not VTL, only variables put in place of their names.

Source:
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final

from local_stage.api_gateway.exchange import RequestContext
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http_message import HttpRequest, decode_query, valid_unicode

_AUTHORIZER: Final = "authorizer."
VARIABLE: Final = re.compile(
    r"\$("
    r"context\.authorizer\.claims\.[A-Za-z0-9_-]+(?:[.:][A-Za-z0-9_-]+)*"
    r"|context(?:\.[A-Za-z0-9_]+)+"
    r"|stageVariables\.[A-Za-z0-9_]+"
    r"|method\.request\.(?:(?:multivalue)?(?:header|querystring)|path)\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*"
    r")"
)
"""A variable in a template or a log format; group 1 is its name, without the `$`."""

_UNSENDABLE: Final = re.compile(r"[^\t\x20-\x7e]")


@dataclass(frozen=True, slots=True)
class Variables:
    """What a mapping expression can name: the context, the stage's variables and the method request.

    `error` is what `$context.error.*` tells of, None where there is no error.
    """

    context: RequestContext
    request: HttpRequest
    stage_variables: Mapping[str, str] = field(default_factory=dict)
    error: GatewayError | None = None

    def find(self, name: str) -> str | None:
        """Return the value of a variable, named without its `$`, or None where the request has none.

        The several values of a `multivalue…` parameter are joined by commas (unverified).
        """
        scope, _, rest = name.partition(".")
        if scope == "context":
            return self._find_in_context(rest)
        if scope == "stageVariables":
            return self.stage_variables.get(rest)
        return self._find_in_method_request(name) if scope == "method" else None

    def _find_in_context(self, name: str) -> str | None:
        if name.startswith(_AUTHORIZER):
            return self.context.find_authorizer_variable(name.removeprefix(_AUTHORIZER))
        if name.startswith("error."):
            read_error = _ERROR_VARIABLES.get(name.removeprefix("error."))
            return read_error(self.error) if read_error and self.error else None
        read = CONTEXT_VARIABLES.get(name)
        return read(self.context) if read else None

    def _find_in_method_request(self, name: str) -> str | None:
        position, _, parameter = name.removeprefix("method.request.").partition(".")
        match position:
            case "header":
                value = self.request.header(parameter)
                return value and valid_unicode(value)
            case "multivalueheader":
                return ",".join(map(valid_unicode, self.request.header_values(parameter))) or None
            case "querystring":
                return dict(decode_query(self.request.query)).get(parameter)
            case "multivaluequerystring":
                pairs = decode_query(self.request.query)
                return ",".join(value for name, value in pairs if name == parameter) or None
            case "path":
                return self.context.path_parameters.get(parameter)
            case _:
                return None


CONTEXT_ATTRIBUTES: Final[Mapping[str, str]] = {
    "accountId": "account_id",
    "apiId": "api_id",
    "deploymentId": "deployment_id",
    "domainName": "domain_name",
    "domainPrefix": "domain_prefix",
    "extendedRequestId": "extended_request_id",
    "httpMethod": "http_method",
    "identity.apiKey": "api_key",
    "identity.apiKeyId": "api_key_id",
    "identity.sourceIp": "source_ip",
    "identity.userAgent": "user_agent",
    "path": "path",
    "protocol": "protocol",
    "requestId": "request_id",
    "requestTime": "request_time",
    "resourceId": "resource_id",
    "resourcePath": "resource_path",
    "stage": "stage",
}
"""The `$context` variables that a RequestContext has as they are, and its attributes."""

CONTEXT_VARIABLES: Final[Mapping[str, Callable[[RequestContext], str | None]]] = {
    **{name: attrgetter(attribute) for name, attribute in CONTEXT_ATTRIBUTES.items()},
    "requestTimeEpoch": lambda context: str(context.time_epoch),
}
"""Every `$context` variable that a Cognito-authorized REST API can fill before its integration, by its name.

Source:
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
"""


_ERROR_VARIABLES: Final[Mapping[str, Callable[[GatewayError], str]]] = {
    "message": lambda error: error.message or "",
    "messageString": lambda error: error.message_string,
    "responseType": lambda error: error.response_type.value,
    "validationErrorString": lambda error: error.validation_error or "",
}


def render_template(template: str, variables: Variables) -> str:
    """Return the template with every variable in its place, unescaped as AWS does it.

    A variable that the request has no value for leaves nothing behind (unverified).
    """
    return VARIABLE.sub(lambda found: variables.find(found[1]) or "", template)


def evaluate_header(expression: str, variables: Variables) -> str | None:
    """Return what a `gatewayresponse.header.*` expression stands for: a quoted literal or a variable.

    None where the request has no such value, or one that no header can carry: what comes decoded out of a
    query may hold a line break, and must not start a header of its own. Then the answer goes without the
    header (unverified).
    """
    text = expression.strip()
    if len(text) > 1 and text[0] == text[-1] == "'":
        value: str | None = text[1:-1]
    else:
        value = variables.find(text)
    if value is None or (value.isascii() and value.isprintable()):
        return value
    return None if _UNSENDABLE.search(value) else value
