"""Where a Lambda authorizer of an HTTP API finds who calls.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Self, override

from local_stage.api_gateway.authorizers.authorizer import AuthorizationRequest
from local_stage.api_gateway.authorizers.identity_source import IdentitySource, Place
from local_stage.api_gateway.exchange import RequestContext
from local_stage.api_gateway.http_message import valid_unicode
from local_stage.api_gateway.integrations.event_values import group_query
from local_stage.api_gateway.mapping_expression import CONTEXT_VARIABLES

_EXPRESSION: Final = re.compile(
    r"\$(?:request\.(?:(?P<header>header)|(?P<querystring>querystring))"
    r"|(?P<stageVariables>stageVariables)|(?P<context>context))\.(?P<name>.+)"
)
_NAMES: Final[Mapping[Place, re.Pattern[str]]] = {
    "header": re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"),
    "querystring": re.compile(r"[^\s&=#]+"),
    "stageVariables": re.compile(r"\w+", re.ASCII),
    "context": re.compile(r"\w+(?:\.\w+)*", re.ASCII),
}
_ONLY_REST: Final = frozenset(
    {"deploymentId", "identity.apiKey", "identity.apiKeyId", "requestTimeEpoch", "resourceId", "resourcePath"}
)
_CONTEXT: Final[Mapping[str, Callable[[RequestContext], str | None]]] = {
    **{name: read for name, read in CONTEXT_VARIABLES.items() if name not in _ONLY_REST},
    "requestTimeEpoch": lambda context: str(context.time_epoch // 1000),
    "routeKey": lambda context: context.resource_id,
}
"""Every variable of the context that a request has before it is authorized."""


@dataclass(frozen=True, slots=True)
class HttpIdentitySource(IdentitySource):
    """One place of a request, such as `$request.header.X-Tenant`."""

    @classmethod
    @override
    def parse(cls, expression: str) -> Self:
        """Read `$request.querystring.x`, `$context.routeKey` and the like. Raises ValueError for others."""
        if match := _EXPRESSION.fullmatch(expression.strip()):
            for place, pattern in _NAMES.items():
                if match[place] and pattern.fullmatch(match["name"]):
                    return cls(place, match["name"])
        raise ValueError

    @property
    @override
    def is_ever_there(self) -> bool:
        """Say whether a request can have it before it is authorized, as it never has `$context.error`."""
        return self.place != "context" or self.name in _CONTEXT

    @override
    def find(self, asked: AuthorizationRequest) -> str | None:
        """Return the value that a request has there, or None.

        All values of what is repeated count, joined by commas as in the event; for AWS that is unverified.
        """
        match self.place:
            case "header":
                values = asked.request.header_values(self.name)
                return ",".join(map(valid_unicode, values)) or None
            case "querystring":
                return ",".join(group_query(asked.request.query).get(self.name, ())) or None
            case "stageVariables":
                return asked.call.stage_variables.get(self.name) if asked.call else None
        read = _CONTEXT.get(self.name)
        return read(asked.call.context) if read and asked.call else None
