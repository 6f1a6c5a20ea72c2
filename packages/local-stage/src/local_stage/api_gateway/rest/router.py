"""Which method of a REST API a request reaches.

API Gateway picks resource and verb as a pair. Segment by segment a literal comes before a path parameter and
a path parameter before a greedy one; wherever the more specific resource lacks the verb or leads nowhere, the
next best one is tried, up to `/{proxy+}` at the root. Recorded for literal, parameter and greedy siblings and
for a greedy resource further up; that a parameter further up is tried again as well is unverified.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from local_stage.api_gateway.rest.rest_api import ANY, Method, Resource

VERBS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
"""The verbs that a REST API has, and all that ANY stands for.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html
"""

_SEGMENT: Final = re.compile(r"\{[\w.:-]+\+?\}|[a-zA-Z0-9._:,-]+", re.ASCII)


@dataclass(slots=True)
class Match:
    """The method that a request reaches, and the path parameters as sent, percent-encoding included."""

    resource: Resource
    method: Method
    path_parameters: Mapping[str, str]


@dataclass(slots=True)
class _Node:
    """What may follow one segment of a path, and the resource that ends with that segment."""

    literals: dict[str, _Node] = field(default_factory=dict)
    parameter: _Node | None = None
    greedy: _Node | None = None
    resource: Resource | None = None


class Router:
    """The resources of a REST API as a tree of path segments."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        """Build the tree; ValueError if two resources stand at one place, as `/a/{x}` and `/a/{y}` do."""
        self._root = _Node()
        for resource in resources:
            node = _grow(self._root, split_path(resource.path))
            if node.resource is not None:
                raise ValueError(f"{resource.path} and {node.resource.path} are one path")
            node.resource = resource

    def match(self, http_method: str, path: str) -> Match | None:
        """Return the method for a verb and a path without its stage, or None if the API has none.

        `path` is percent-encoded as sent and compared as it stands: nothing is decoded, no dot segment is
        removed, and case counts, so that no spelling but its own reaches a literal. Slashes before the first
        and after the last segment do not count (recorded); an empty segment between them is a part of what a
        greedy parameter takes (recorded), and no other segment matches it. The time taken is linear in the
        path's length.
        """
        if http_method not in VERBS or (path and not path.startswith("/")):
            return None
        segments = split_path(path)
        resource = _find(self._root, segments, 0, http_method)
        if resource is None or (method := _pick(resource, http_method)) is None:
            return None
        return Match(resource, method, _path_parameters(resource, segments))


def _grow(node: _Node, segments: Iterable[str]) -> _Node:
    for segment in segments:
        if is_greedy(segment):
            node.greedy = child = node.greedy or _Node()
        elif parameter_name(segment) is not None:
            node.parameter = child = node.parameter or _Node()
        else:
            child = node.literals.setdefault(segment, _Node())
        node = child
    return node


def _find(node: _Node, segments: Sequence[str], position: int, http_method: str) -> Resource | None:
    """Return the most specific resource below a node that ends the path and has the verb.

    Every node of the tree is reached by one way only, so each is looked at once at most.
    """
    if position == len(segments):
        return _having(node, http_method)
    segment = segments[position]
    found = None
    if literal := node.literals.get(segment):
        found = _find(literal, segments, position + 1, http_method)
    if found is None and segment and node.parameter:
        found = _find(node.parameter, segments, position + 1, http_method)
    return found or (_having(node.greedy, http_method) if node.greedy else None)


def _having(node: _Node, http_method: str) -> Resource | None:
    return node.resource if node.resource and _pick(node.resource, http_method) else None


def _pick(resource: Resource, http_method: str) -> Method | None:
    return resource.methods.get(http_method) or resource.methods.get(ANY)


def _path_parameters(resource: Resource, segments: Sequence[str]) -> dict[str, str]:
    parameters: dict[str, str] = {}
    if "{" not in resource.path:
        return parameters
    for position, segment in enumerate(split_path(resource.path)):
        name = parameter_name(segment)
        if name is not None:
            parameters[name] = "/".join(segments[position:]) if is_greedy(segment) else segments[position]
    return parameters


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
