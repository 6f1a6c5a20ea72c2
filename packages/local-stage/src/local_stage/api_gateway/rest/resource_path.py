"""The path of a resource: `/users/{id}` or `/files/{proxy+}`, segment by segment."""

from __future__ import annotations

import re
from typing import Final

_SEGMENT: Final = re.compile(r"\{[\w.:-]+\+?\}|[a-zA-Z0-9._:,-]+", re.ASCII)


def split_path(path: str) -> list[str]:
    """Return the segments of a path, none for the root; slashes at its ends do not count."""
    inner = path.strip("/")
    return inner.split("/") if inner else []


def parameter_name(segment: str) -> str | None:
    """Return `id` for `{id}` and `proxy` for `{proxy+}`, and None for a literal segment."""
    return segment[1:-1].removesuffix("+") if segment.startswith("{") and segment.endswith("}") else None


def is_greedy(segment: str) -> bool:
    """Say whether a segment is `{proxy+}` or another greedy parameter."""
    return segment.startswith("{") and segment.endswith("+}")


def find_path_fault(path: str) -> str | None:
    """Return why API Gateway cannot have a resource with this path, or None if it can.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html: segments have
    letters, digits, `._:,-`, and a parameter is a segment of its own. A greedy parameter is the last segment.
    """
    if not path.startswith("/"):
        return "a path starts with a slash"
    segments = split_path(path)
    for segment in segments:
        if not _SEGMENT.fullmatch(segment):
            return f"API Gateway allows no path segment {segment!r}"
    if any(is_greedy(segment) for segment in segments[:-1]):
        return "nothing can follow a greedy path parameter"
    names = [name for name in map(parameter_name, segments) if name is not None]
    return "a path parameter stands twice in this path" if len(set(names)) < len(names) else None
