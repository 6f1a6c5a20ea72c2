"""What a stage asks of an authorizer, whatever its kind, and what it gets from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from local_stage.api_gateway.http_message import HttpRequest


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request for a method that has an authorizer, and the scopes that the method asks for, if any."""

    request: HttpRequest
    scopes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Authorization:
    """An authorizer has let a request through.

    `principal_id` identifies the caller, who is a user or a machine. `event_context` is what the function's
    event holds as `requestContext.authorizer`, made of what JSON can hold. `log_variables` is what a format
    or a template calls `$context.authorizer.NAME`: a text, or a mapping of texts where a dot follows.
    """

    principal_id: str
    event_context: Mapping[str, Any]
    log_variables: Mapping[str, str | Mapping[str, str]]


class Authorizer(Protocol):
    """Lets a request through, or refuses it as API Gateway does."""

    async def authorize(self, asked: AuthorizationRequest) -> Authorization:
        """Return what the caller may be told by. Raises GatewayError for a request that is refused."""
