"""What a stage asks of an authorizer, whatever its kind, and what it gets from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import unquote

from local_stage.api_gateway.exchange import Outcome, RequestContext
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.api_gateway.policy.keys import ANONYMOUS_KEYS
from local_stage.api_gateway.policy.policy import Policy
from local_stage.api_gateway.policy.principal import ANONYMOUS, Caller


@dataclass(slots=True)
class MethodCall:
    """A call of a method that the router has found.

    `path` is the request's path without the stage, and `method_arn` the method's ARN as it was called, which
    ends with it. `port` is where the stage listens on this machine. `other_paths` are how else the same path
    was spelled, or may be.
    """

    context: RequestContext
    path: str
    method_arn: str
    stage_variables: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    other_paths: tuple[str, ...] = ()

    @property
    def spellings(self) -> tuple[str, ...]:
        """Other ARNs by which the same method could have been called.

        Slashes at the end do not count for the router, and a function may decode what it gets.
        """
        others = {
            spelling
            for path in {self.path, *self.other_paths}
            for decoded in ({path, unquote(path)} if "%" in path else (path,))
            for spelling in (decoded, decoded.rstrip("/"), f"{path.rstrip('/')}/")
        }
        root = self.method_arn.removesuffix(self.path)
        return tuple(root + other for other in sorted(others - {self.path}))


@dataclass(slots=True)
class AuthorizationRequest:
    """A request for a method that has an authorizer, and the scopes that the method asks for, if any.

    `call` is None where there is only a token to judge, as in a test of an authorizer.
    """

    request: HttpRequest
    scopes: Sequence[str] = ()
    call: MethodCall | None = None


@dataclass(frozen=True, slots=True)
class Authorization:
    """An authorizer has let a request through, as far as it is concerned.

    `principal_id` identifies the caller, who is a user or a machine. `event_context` is what the function's
    event holds as `requestContext.authorizer`, made of what JSON can hold. `log_variables` is what a format
    or a template calls `$context.authorizer.NAME`: a text, or a mapping of texts where a dot follows.

    An authorizer that knows who calls, and not what they may call, gives `policies`, of which one has to
    allow the request and none may deny it; `origin` says in the log whose they are, `is_kept` that they were
    given for an earlier call. `usage_identifier` is the API key that a Lambda authorizer found. Who has
    signed a request is told by `identity`, members of `requestContext.identity` of format 1.0, in the place
    of `event_context`; `caller` and `condition_keys` are what the API's own policy knows of the caller.
    """

    principal_id: str
    event_context: Mapping[str, Any]
    log_variables: Mapping[str, str | Mapping[str, str]]
    policies: tuple[Policy, ...] | None = None
    origin: str = ""
    is_kept: bool = False
    usage_identifier: str | None = None
    identity: Mapping[str, Any] | None = None
    caller: Caller = ANONYMOUS
    condition_keys: Mapping[str, str] = field(default_factory=lambda: ANONYMOUS_KEYS)

    def note(self, context: RequestContext, latency: float) -> None:
        """Put into a request's context who calls; `latency` is the authorizer's, in seconds."""
        context.identity = self.identity
        context.authorizer_event = self.event_context if self.identity is None else None
        context.authorizer_variables = self.log_variables
        context.authorizer = Outcome(HTTPStatus.OK, latency)


class Authorizer(Protocol):
    """Lets a request through, or refuses it as API Gateway does."""

    async def authorize(self, asked: AuthorizationRequest) -> Authorization:
        """Return what the caller may be told by. Raises GatewayError for a request that is refused."""
