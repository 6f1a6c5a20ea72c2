"""Where an authorizer finds who calls: headers, the query, stage variables and the context.

https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html#apigw-Type-Authorizer-identitySource
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import Final, Literal, Self

from local_stage.api_gateway.authorizers.authorizer import AuthorizationRequest
from local_stage.api_gateway.http_message import decode_query, valid_unicode
from local_stage.api_gateway.mapping_expression import CONTEXT_VARIABLES

_PARAMETER: Final = re.compile(r"method\.request\.(header|querystring)\.([!#$%&'*+.^_`|~0-9A-Za-z\[\]-]+)")
_STAGE_VARIABLE: Final = re.compile(r"stageVariables\.(\w+)", re.ASCII)
_CONTEXT: Final = re.compile(r"context\.(\w+(?:\.\w+)*)", re.ASCII)

type Place = Literal["header", "querystring", "stageVariables", "context"]


@dataclass(frozen=True, slots=True)
class IdentitySource:
    """One place of a request, such as the header `X-Tenant`."""

    place: Place
    name: str

    @classmethod
    def parse(cls, expression: str) -> Self:
        """Read `method.request.header.X`, `stageVariables.x` and the like. Raises ValueError for others."""
        text = expression.strip()
        if match := _PARAMETER.fullmatch(text):
            return cls("header" if match[1] == "header" else "querystring", match[2])
        if match := _STAGE_VARIABLE.fullmatch(text):
            return cls("stageVariables", match[1])
        if match := _CONTEXT.fullmatch(text):
            return cls("context", match[1])
        raise ValueError

    @property
    def is_ever_there(self) -> bool:
        """Say whether a request can have it before it is authorized, as it never has `$context.error`."""
        return self.place != "context" or self.name in CONTEXT_VARIABLES

    def __str__(self) -> str:
        """Return `header X-Tenant`, as messages say it."""
        names = {"querystring": "query parameter", "stageVariables": "stage variable", "context": "$context"}
        joint = "." if self.place == "context" else " "
        return f"{names.get(self.place, self.place)}{joint}{self.name}"

    def find(self, asked: AuthorizationRequest) -> str | None:
        """Return the value that a request has there, or None; of a repeated one it is the last."""
        match self.place:
            case "header":
                value = asked.request.header(self.name)
                return value and valid_unicode(value)
            case "querystring":
                return dict(decode_query(asked.request.query)).get(self.name)
            case "stageVariables":
                return asked.call.stage_variables.get(self.name) if asked.call else None
        read = CONTEXT_VARIABLES.get(self.name)
        return read(asked.call.context) if read and asked.call else None


def compile_expression(text: str) -> re.Pattern[str]:
    """Compile an authorizer's validation expression.

    ASCII, and no construct that Python warns about, since API Gateway may read those differently. Raises
    ValueError, which says so, for what cannot be enforced as a regular expression.
    """
    try:
        with warnings.catch_warnings(action="error"):
            return re.compile(text, re.ASCII)
    except (re.error, Warning, ValueError, OverflowError, RecursionError) as error:
        raise ValueError(f"{text!a} cannot be enforced as a regular expression: {error}") from error
