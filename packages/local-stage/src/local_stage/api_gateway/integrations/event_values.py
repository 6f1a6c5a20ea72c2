"""What the events of REST and HTTP APIs make in the same way of a request's headers, query and body."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection, Mapping

from local_stage.api_gateway.exchange import RequestContext
from local_stage.api_gateway.http_message import HttpRequest, decode_query, valid_unicode

type CollectedHeaders = dict[str, tuple[str, list[str]]]
"""The name and the values of each header by its name in lower case."""


def collect_headers(
    request: HttpRequest,
    context: RequestContext,
    *,
    dropped: Collection[str],
    names: Mapping[str, str],
    added: Mapping[str, str],
) -> CollectedHeaders:
    """Return every value of every header that goes on, sorted by name without regard to case (recorded).

    `dropped` and `names`, the casing that some headers always have, are by names in lower case, and so are
    the headers `added` by the API, beside X-Amzn-Trace-Id and X-Forwarded-For, which every API adds. A header
    that is repeated in another casing keeps the casing in which it came first (unverified).
    """
    collected: CollectedHeaders = {}
    for name, value in request.headers:
        lowered = name.lower()
        if lowered not in dropped:
            _, values = collected.setdefault(lowered, (names.get(lowered, name), []))
            values.append(valid_unicode(value))
    _, forwarded_for = collected.get("x-forwarded-for", ("", []))
    by_api = {
        "x-amzn-trace-id": context.event_trace_header,
        "x-forwarded-for": ", ".join((*forwarded_for, request.source_ip)),
        **added,
    }
    collected.setdefault("host", ("Host", [context.domain_name]))
    collected |= {lowered: (names[lowered], [value]) for lowered, value in by_api.items()}
    return {lowered: collected[lowered] for lowered in sorted(collected)}


def group_query(query: str) -> dict[str, list[str]]:
    """Return every value of each parameter, in order."""
    grouped: dict[str, list[str]] = {}
    for name, value in decode_query(query):
        grouped.setdefault(name, []).append(value)
    return grouped


def last_values(values: Mapping[str, list[str]]) -> dict[str, str]:
    """Return the last of the values of each name."""
    return {name: several[-1] for name, several in values.items()}


def encode_body(body: bytes, *, is_base64: bool) -> str | None:
    """Return a body as base64 or as text; octets that are no UTF-8 become U+FFFD (unverified)."""
    if not body:
        return None
    return b64encode(body).decode() if is_base64 else body.decode("utf-8", "replace")
