"""The CORS configuration of an HTTP API, which responds to preflights by itself.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html. The order of a preflight's
headers, and what a request of an origin that is not allowed gets, are unverified.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from local_stage.api_gateway.http_message import HttpRequest, HttpResponse

_ANY: Final = "*"
_HEADERS: Final = "access-control-"


@dataclass(frozen=True, slots=True)
class CorsConfiguration:
    """What a page of another origin may do; `max_age` is in seconds, None for no such header."""

    allow_origins: tuple[str, ...] = ()
    allow_methods: tuple[str, ...] = ()
    allow_headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    max_age: int | None = None
    allow_credentials: bool = False

    def respond_to_preflight(self) -> HttpResponse:
        """Return the response to a preflight, before `add_headers` adds what the origin is allowed."""
        return HttpResponse(HTTPStatus.NO_CONTENT)

    def add_headers(self, request: HttpRequest, response: HttpResponse) -> None:
        """Put the configured headers in the place of a response's own ones about CORS.

        They are on refusals too (recorded for 401).
        """
        kept = [header for header in response.headers if not header[0].lower().startswith(_HEADERS)]
        response.headers = [*self._list_headers(request), *kept]

    def _list_headers(self, request: HttpRequest) -> Iterator[tuple[str, str]]:
        allowed = self._find_allowed(request.header("Origin"))
        if allowed is None:
            return
        yield "access-control-allow-origin", allowed
        if allowed != _ANY:
            yield "vary", "origin"
        if is_preflight(request):
            yield from self._list_preflight_headers()
        elif self.expose_headers:
            yield "access-control-expose-headers", ",".join(self.expose_headers)
        if self.allow_credentials:
            yield "access-control-allow-credentials", "true"

    def _list_preflight_headers(self) -> Iterator[tuple[str, str]]:
        if self.allow_methods:
            yield "access-control-allow-methods", ",".join(self.allow_methods)
        if self.allow_headers:
            yield "access-control-allow-headers", ",".join(self.allow_headers)
        if self.max_age is not None:
            yield "access-control-max-age", str(self.max_age)

    def _find_allowed(self, origin: str | None) -> str | None:
        """Return what the response allows: the origin itself, `*`, or nothing.

        Beside origins a configuration may have `*`, `http://*` and `https://*`.
        """
        if not origin:
            return None
        if _ANY in self.allow_origins:
            return _ANY
        scheme = f"{origin.partition('://')[0]}://{_ANY}"
        return origin if {origin, scheme} & {*self.allow_origins} else None


def is_preflight(request: HttpRequest) -> bool:
    """Say whether a browser asks what a page may do: https://fetch.spec.whatwg.org/#cors-preflight-request."""
    return (
        request.method == "OPTIONS"
        and request.header("Origin") is not None
        and request.header("Access-Control-Request-Method") is not None
    )
