"""The paths beside the API, and who may ask for them.

No API is there: a stage's name holds letters, digits, hyphens and underscores, but no dot.
https://docs.aws.amazon.com/apigateway/latest/api/API_CreateStage.html
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, Protocol

from local_stage.api_gateway.api import LOOPBACK_NAMES
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.deployment.deployment import Deployment
from local_stage.deployment.served_api import ServedApi
from local_stage.state import CONSOLE_PATH, RunningStage

JSON: Final = "application/json"
_READING: Final = frozenset({"GET", "HEAD"})
_OWN_SITES: Final = frozenset({"same-origin", "none"})
"""`none` is the address bar: https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header"""

# RFC 9110, 7.2: Host = uri-host [ ":" port ]. The port has to be there: it is a part of the page's origin.
_HOST: Final = re.compile(r"(?P<name>.*):[0-9]{1,5}")

logger: Final = logging.getLogger(__name__)

type Endpoint = Callable[[HttpRequest], Awaitable[HttpResponse]]
type Endpoints = Mapping[tuple[str, str], Endpoint]
"""What answers a verb and a path below CONSOLE_PATH, as ("GET", "/clock"); HEAD is answered as GET is."""


class ConsoleError(Exception):
    """A refusal with its status; the text is for the developer, in a browser or a terminal."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Served(Protocol):
    """A stage as other commands know it, its deployment, and its APIs."""

    @property
    def running(self) -> RunningStage:
        """What `running.json` says of it."""

    @property
    def deployment(self) -> Deployment:
        """What runs of the template."""

    @property
    def apis(self) -> Sequence[ServedApi]:
        """The APIs in the template's order."""


def find_api(served: Served, port: int) -> ServedApi | None:
    """Return the API at a port, or None where there is none."""
    return next((api for api in served.apis if api.port == port), None)


type FindServed = Callable[[], Served]
"""Returns the stage that serves at the time of the call: another one after each save of the template."""


class Console:
    """Answers what its developer asks of the stage, from this machine and from no other site's page."""

    def __init__(
        self,
        endpoints: Endpoints,
        pages: Collection[str] = (),
        allowed_hosts: frozenset[str] = frozenset(),
    ) -> None:
        """Answer with these endpoints; `pages` are the paths to which any site may send the browser.

        `allowed_hosts` are names beside loopback's by which the developer calls it, also through a proxy that
        speaks HTTPS.
        """
        self._endpoints = endpoints
        self._pages = pages
        self._allowed_hosts = allowed_hosts

    def has(self, request: HttpRequest) -> bool:
        """Say whether a request is for the console and not for the API."""
        return request.path == CONSOLE_PATH or request.path.startswith(f"{CONSOLE_PATH}/")

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """Return the endpoint's answer, or why there is none."""
        try:
            self._check_host(request)
            if not self._is_visit(request):
                self._check_site(request)
            return await self._find(request)(request)
        except ConsoleError as error:
            return json_response({"message": str(error)}, error.status)
        except asyncio.CancelledError:
            raise
        except Exception:
            logger.exception("the console has failed")
            return json_response({"message": "a fault of the local stage itself; its log has it"}, 500)

    def _check_host(self, request: HttpRequest) -> None:
        """Raise ConsoleError for a name that only leads here (DNS rebinding)."""
        hosts = [*request.header_values("Host")]
        if len(hosts) != 1 or not (_has_name(hosts[0], LOOPBACK_NAMES) or self._is_allowed(hosts[0])):
            raise ConsoleError(
                HTTPStatus.FORBIDDEN,
                "call it by 127.0.0.1 or localhost, with the port, or start the stage with --allow-host",
            )

    def _is_allowed(self, host: str) -> bool:
        """Say whether the developer allows this name, with a port or, of a proxy, without."""
        return host.lower() in self._allowed_hosts or _has_name(host, self._allowed_hosts)

    def _check_site(self, request: HttpRequest) -> None:
        """Raise ConsoleError for a page of another site.

        Programs send neither Origin nor Sec-Fetch-Site; browsers send one of them with all that is not the
        address bar's.
        """
        origins = {origin.lower() for origin in request.header_values("Origin")}
        sites = {site.lower() for site in request.header_values("Sec-Fetch-Site")}
        own = {origin_of(request).lower()}
        host = (request.header("Host") or "").lower()
        if self._is_allowed(host):
            own.add(f"https://{host}")
        if origins - own or sites - _OWN_SITES:
            raise ConsoleError(HTTPStatus.FORBIDDEN, "no other site's page may ask this")

    def _is_visit(self, request: HttpRequest) -> bool:
        """Say whether a link or a redirect, as that of the login form, brings the browser to a page.

        Only the address bar shows it then, and what is in it no other site can read.
        https://www.w3.org/TR/fetch-metadata/
        """
        asked = {name: [*request.header_values(f"Sec-Fetch-{name}")] for name in ("Mode", "Dest")}
        return (
            request.method == "GET"
            and _path(request) in self._pages
            and asked == {"Mode": ["navigate"], "Dest": ["document"]}
            and not [*request.header_values("Origin")]
        )

    def _find(self, request: HttpRequest) -> Endpoint:
        verb = "GET" if request.method in _READING else request.method
        path = _path(request)
        if (verb, path) in self._endpoints:
            return self._endpoints[verb, path]
        if any(path == other for _, other in self._endpoints):
            raise ConsoleError(HTTPStatus.METHOD_NOT_ALLOWED, f"{request.path} takes no {request.method}")
        raise ConsoleError(HTTPStatus.NOT_FOUND, f"nothing is at {ascii(request.path)[1:-1]}")


def read_json(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object that the request holds.

    Raises ConsoleError for anything else, and for a body that is not called JSON: what a form of another
    site can send without asking is none.
    """
    if (request.header("Content-Type") or "").partition(";")[0].strip().lower() != JSON:
        raise ConsoleError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"send {JSON}")
    try:
        value = json.loads(request.body)
    except (ValueError, RecursionError):
        raise ConsoleError(HTTPStatus.BAD_REQUEST, "the body is no JSON") from None
    if not isinstance(value, dict):
        raise ConsoleError(HTTPStatus.BAD_REQUEST, "the body is no JSON object")
    return value


def json_response(value: Any, status: int = HTTPStatus.OK) -> HttpResponse:
    """Return an answer that no cache keeps."""
    headers = [("Content-Type", JSON), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]
    return HttpResponse(status, headers, json.dumps(value).encode())


def _path(request: HttpRequest) -> str:
    return request.path.removeprefix(CONSOLE_PATH) or "/"


def _has_name(host: str, names: frozenset[str]) -> bool:
    found = _HOST.fullmatch(host)
    return found is not None and found["name"].lower() in names


def origin_of(request: HttpRequest) -> str:
    """Return the origin at which the browser has the console's page."""
    return f"http://{request.header('Host')}"
