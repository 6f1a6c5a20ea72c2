"""An HTTP request and its answer as plain values: no sockets, casing and order kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote_plus

HEADER_LIMIT: Final = 10_240
"""Bytes of all header values together: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html"""
HEADERS_TOO_LARGE: Final = f"HTTP header is larger than {HEADER_LIMIT} bytes."
"""What the answer says beyond that, see rule limits.headers."""


_SEPARATOR: Final = re.compile("[&;]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


@dataclass(slots=True)
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
        self._values = values

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


def decode_query(query: str) -> list[tuple[str, str]]:
    """Return the query's decoded pairs, in order, repetitions included.

    `+` and `%20` are blanks, a name without `=` has the empty value. `;` splits like `&`, as AWS documents
    it: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html. A `%` that
    starts no octet, which no stage sees, stays here; octets that are no UTF-8 become U+FFFD (unverified).
    """
    text = valid_unicode(query)
    decode: Callable[[str], str] = unquote_plus if "%" in text or "+" in text else str
    pairs = (part.partition("=") for part in _SEPARATOR.split(text) if part)
    return [(decode(name), decode(value)) for name, _, value in pairs]


def valid_unicode(text: str) -> str:
    """Return the text with U+FFFD for every lone surrogate, which is a byte of the wire that was no UTF-8."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def parse_media_type(header: str) -> str:
    """Return the first media type of a Content-Type or Accept header, in lower case, without parameters."""
    return header.partition(",")[0].partition(";")[0].strip().lower()


def is_binary(header: str | None, binary_media_types: Iterable[str]) -> bool:
    """Whether a Content-Type or Accept header names a binary media type of the API.

    `*/*` covers everything, a missing header too; `image/*` covers every subtype. Of several types in an
    Accept header only the first counts:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/lambda-proxy-binary-media.html
    """
    if not binary_media_types:
        return False
    media_type = parse_media_type(header or "")
    return any(_covers(parse_media_type(binary), media_type) for binary in binary_media_types)


def _covers(binary: str, media_type: str) -> bool:
    if binary == "*/*" or binary == media_type != "":
        return True
    return binary.endswith("/*") and media_type.startswith(binary[:-1])
