"""An API that is served, whatever its kind, and the gateway that knows them all."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, Protocol
from urllib.parse import quote

from local_stage.api_gateway import gateway_error
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.errors import UsageError
from local_stage.state import CONSOLE_PATH

LOOPBACK_NAMES: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
"""What this machine calls itself; no other name can be trusted to mean it."""

# RFC 9110, 7.2: Host = uri-host [ ":" port ]
_STRAY_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ILLEGAL_IN_QUERY: Final = re.compile(rf"""[{{}}|^\\"<>`]|{_STRAY_PERCENT.pattern}""")
_HOST: Final = re.compile(r"(?P<name>\[[^]]*\]|[^:\[\]]*)(:[0-9]*)?")


type AuthorizerKind = Literal["cognito", "jwt", "lambda", "iam"]


@dataclass(frozen=True, slots=True)
class Route:
    """A verb and a path of an API, and what opens it.

    `path` is without the stage. `authorizer` and its `authorizer_kind` are None where the route is open to
    all. `identity_source` is the header that carries the credential, and None where no header does, or more
    than one place; `token_kind` is None where no token alone opens the route.
    """

    http_method: str
    path: str
    authorizer: str | None = None
    identity_source: str | None = None
    token_kind: Literal["id", "access", "any"] | None = None
    scopes: tuple[str, ...] = ()
    authorizer_kind: AuthorizerKind | None = None
    api_key_required: bool = False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an API has around it: account and region, its host name on AWS, and its port on this machine.

    `host_names` are those beside loopback's by which the developer allows it to be called.
    """

    account_id: str
    region: str
    domain_name: str
    port: int
    host_names: frozenset[str] = frozenset()

    def name_stage(self, api_id: str, stage_name: str) -> str:
        """Return the ARN of an API's stage, with which those of its methods begin."""
        return f"arn:aws:execute-api:{self.region}:{self.account_id}:{api_id}/{stage_name}"


class NamedApi(Protocol):
    """An API that a person can name, by itself or together with its stage."""

    @property
    def logical_id(self) -> str:
        """The API's name in the template; two stages of one API have the same."""

    @property
    def stage_name(self) -> str:
        """The name of its stage."""


class Api(Protocol):
    """An API that answers requests, with its one stage."""

    @property
    def id(self) -> str:
        """The API's id, the first part of its host name on AWS."""

    @property
    def logical_id(self) -> str:
        """The API's name in the template."""

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

    def find_api(self, port: int) -> Api | None:
        """Return the API of a port, or None for a port that none has."""
        return self._apis.get(port)


def name_api(api: NamedApi, apis: Sequence[NamedApi]) -> str:
    """Return how `--api` names an API among others: `HelloApi`, or `HelloApi/dev` of several stages."""
    alike = [other for other in apis if other.logical_id == api.logical_id]
    return f"{api.logical_id}/{api.stage_name}" if alike[1:] else api.logical_id


def choose_api[A: NamedApi](
    apis: Sequence[A], name: str | None, fits: Callable[[A], bool] = lambda _: True
) -> A:
    """Return the API of this name (`HelloApi` or `HelloApi/dev`), or without a name the only one that fits.

    The only API of a template fits always. Raises UsageError, which lists the APIs, where none or several
    would do.
    """
    if not apis:
        raise UsageError("the template has no API")
    if name is not None:
        found = [api for api in apis if name in {api.logical_id, f"{api.logical_id}/{api.stage_name}"}]
    else:
        found = [api for api in apis if fits(api)] if apis[1:] else [*apis]
    if len(found) == 1:
        return found[0]
    candidates = [name_api(api, apis) for api in found or apis]
    if name is not None and not found:
        raise UsageError(f"--api {name}: the template has no such API; it has {', '.join(candidates)}")
    why = "several APIs would do" if found else "none of the APIs has it"
    raise UsageError(f"{why}; choose one with --api: {', '.join(candidates)}")


def check_host(request: HttpRequest, domain_name: str, host_names: frozenset[str] = frozenset()) -> None:
    """Raise GatewayError unless the request names this machine, its `domain_name` on AWS, or one allowed.

    A web page can have its own host name resolve to 127.0.0.1 (DNS rebinding) and would then read the
    responses as its own. AWS gives 403 for a host that is no API's. Only HTTP/1.0 comes without a Host, and
    no browser speaks it.
    """
    for host in request.header_values("Host"):
        if not _is_own(host, host_names | {domain_name}):
            reason = (
                f"the Host {host!a} is not this API's; call it by 127.0.0.1 or localhost, or start the stage"
                " with --allow-host and this name without its port"
            )
            raise gateway_error.unknown_stage(reason)


def name_page(surroundings: Surroundings) -> str:
    """Say where the stage's own page is, for who opens the root in a browser and finds what AWS answers."""
    return f"the stage's page is http://127.0.0.1:{surroundings.port}{CONSOLE_PATH}/"


def check_target(request: HttpRequest) -> None:
    """Raise GatewayError for a path or query that API Gateway takes for no URL."""
    if fault := find_target_fault(request.path, request.query):
        raise gateway_error.bad_request(fault)


def find_target_fault(path: str, query: str) -> str | None:
    r"""Return why API Gateway answers 400 to a request target, or None for one that it reads.

    A query may have no `{`, `}` or `|`, and no target a `%` that starts no octet:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html, and recorded.
    `[` and `]` are tolerated (recorded). Unverified: `^`, `\`, `"`, `<`, `>` and the backtick in a query are
    refused, as by RFC 3986 and by the URI class of Java, which does take `[` and `]`; a path may have them
    all.
    """
    if query and (found := _ILLEGAL_IN_QUERY.search(query)):
        return (
            f"the query has {found[0]!a}, which API Gateway does not read; encode it as"
            f" {quote(found[0], safe='')}, as encodeURIComponent does"
        )
    if "%" in path and _STRAY_PERCENT.search(path):
        return "the path has a % that is not followed by two hexadecimal digits; encode it as %25"
    return None


@lru_cache(maxsize=8)
def _is_own(host: str, names: frozenset[str]) -> bool:
    match = _HOST.fullmatch(host)
    return match is not None and match["name"].lower() in LOOPBACK_NAMES | names
