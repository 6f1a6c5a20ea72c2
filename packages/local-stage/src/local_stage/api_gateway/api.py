"""An API that is served, whatever its kind, and the gateway that knows them all."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, Protocol

from local_stage.api_gateway import gateway_error
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse

LOOPBACK_NAMES: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
"""What this machine calls itself; no other name can be trusted to mean it."""

# RFC 9110, 7.2: Host = uri-host [ ":" port ]
_HOST: Final = re.compile(r"(?P<name>\[[^]]*\]|[^:\[\]]*)(:[0-9]*)?")


@dataclass(frozen=True, slots=True)
class Route:
    """A verb and a path of an API, and what opens it.

    `path` is without the stage. `authorizer` and `token_kind` are None where the route is open to all;
    `identity_source` is the header that carries the token, None where no header does.
    """

    http_method: str
    path: str
    authorizer: str | None = None
    identity_source: str | None = None
    token_kind: Literal["id", "access", "any"] | None = None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an API has around it: the account, the host name it has on AWS, and its port on this machine."""

    account_id: str
    domain_name: str
    port: int


class Api(Protocol):
    """An API that answers requests, with its one stage."""

    @property
    def id(self) -> str:
        """The API's id, the first part of its host name on AWS."""

    @property
    def routes(self) -> Sequence[Route]:
        """Every verb and path that the API has."""

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """Return the response to a request, whatever it is; nothing is raised but cancellation."""

    def refuse(self, request: HttpRequest, error: GatewayError) -> HttpResponse:
        """Return the response to a request that is refused whatever it asks for."""


class Gateway:
    """The APIs of a template, each on a port of its own."""

    def __init__(self, apis: Mapping[int, Api]) -> None:
        """Serve these APIs, by the port that each has on this machine."""
        self._apis = apis

    def find_api(self, port: int) -> Api:
        """Return the API of a port. Raises KeyError for a port that none has."""
        return self._apis[port]


def check_host(request: HttpRequest, domain_name: str) -> None:
    """Raise GatewayError unless the request names this machine or the API's `domain_name` on AWS.

    A web page can have its own host name resolve to 127.0.0.1 (DNS rebinding) and would then read the
    responses as its own. AWS gives 403 for a host that is no API's. Only HTTP/1.0 comes without a Host, and
    no browser speaks it.
    """
    for host in request.header_values("Host"):
        if not _is_own(host, domain_name):
            reason = f"the Host {host!a} is not this API's; call it by 127.0.0.1 or localhost"
            raise gateway_error.unknown_stage(reason)


@lru_cache(maxsize=8)
def _is_own(host: str, domain_name: str) -> bool:
    match = _HOST.fullmatch(host)
    return match is not None and match["name"].lower() in LOOPBACK_NAMES | {domain_name}
