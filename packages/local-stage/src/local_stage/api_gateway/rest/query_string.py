"""The query string of a request, as a REST API decodes it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import unquote_plus

from local_stage.api_gateway.rest.request_context import valid_unicode

_SEPARATOR: Final = re.compile("[&;]")


def decode_query(query: str) -> list[tuple[str, str]]:
    """Return the query's decoded pairs, in order, repetitions included.

    `+` and `%20` are blanks, a name without `=` has the empty value. `;` splits like `&`, as AWS documents
    it: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html. A `%` that
    starts no octet stays, and octets that are no UTF-8 become U+FFFD (both unverified).
    """
    text = valid_unicode(query)
    decode: Callable[[str], str] = unquote_plus if "%" in text or "+" in text else str
    pairs = (part.partition("=") for part in _SEPARATOR.split(text) if part)
    return [(decode(name), decode(value)) for name, _, value in pairs]
