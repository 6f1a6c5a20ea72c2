"""An HTTP request and its answer as plain values: no sockets, casing and order kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

HEADER_LIMIT: Final = 10_240
"""Bytes of all header values together: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html"""
HEADERS_TOO_LARGE: Final = f"HTTP header is larger than {HEADER_LIMIT} bytes."
"""What the answer says beyond that, see rule limits.headers."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request as it came over the wire.

    `path` and `query` are the two halves of the request target, percent-encoded as sent; `path` starts with
    the stage (`/dev/hello`) and `query` has no `?`. `headers` keeps order, repetitions and casing.
    """

    method: str
    path: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    source_ip: str = "127.0.0.1"
    protocol: str = "HTTP/1.1"
    _values: dict[str, list[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        values: dict[str, list[str]] = {}
        for name, value in self.headers:
            values.setdefault(name.lower(), []).append(value)
        # Each request is asked for half a dozen headers: lowering every name each time takes longer.
        object.__setattr__(self, "_values", values)

    def header_values(self, name: str) -> Sequence[str]:
        """Return every value of the header, in order; names match without regard to case (RFC 9110, 5.1)."""
        return self._values.get(name.lower(), ())

    def header(self, name: str) -> str | None:
        """Return the last value of the header, which is the one API Gateway uses, or None."""
        values = self._values.get(name.lower())
        return values[-1] if values else None


@dataclass(slots=True)
class HttpResponse:
    """An answer; `headers` is sent in this order and casing, repetitions included."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the first value of the header, or None; names match without regard to case."""
        lowered = name.lower()
        return next((value for header, value in self.headers if header.lower() == lowered), None)
