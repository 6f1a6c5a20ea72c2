"""Which route of an HTTP API a request reaches.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html: a full match comes
before a greedy one, and that before `$default`; the most specific path wins, and on one path a verb wins over
ANY. Where a more specific path lacks the verb, the next path is tried.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from local_stage.api_gateway.http.event import cut_path, decode_path
from local_stage.api_gateway.http.http_api import ANY, DEFAULT, HttpRoute
from local_stage.api_gateway.rest.router import VERBS, is_greedy, parameter_name

_LEADING_SLASHES: Final = re.compile("^//+")
_READ_IN_SEVERAL_WAYS: Final = re.compile("[?#]|%[23]f", re.IGNORECASE)
_LITERAL, _PARAMETER, _GREEDY = range(3)


@dataclass(frozen=True, slots=True)
class Match:
    """The route that a request reaches, and its path parameters, which are decoded."""

    route: HttpRoute
    path_parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """The routes of one path by verb, and the path's segments."""

    segments: tuple[str, ...]
    routes: Mapping[str, HttpRoute]

    @property
    def order(self) -> tuple[bool, tuple[int, ...]]:
        """Sorts paths, the most specific first; the greedy ones come last."""
        kinds = tuple(map(_kind, self.segments))
        return _GREEDY in kinds, kinds

    def pick(self, http_method: str) -> HttpRoute | None:
        return self.routes.get(http_method) or self.routes.get(ANY)

    def match(self, segments: Sequence[str]) -> dict[str, str] | None:
        """Return the path parameters, or None where the segments are not of this path."""
        parameters = {}
        for position, segment in enumerate(self.segments):
            if position >= len(segments):
                return None
            name = parameter_name(segment)
            if name is None:
                if segment != segments[position]:
                    return None
            elif is_greedy(segment):
                # That an empty last segment, as in /pets/, is one that it takes, is unverified.
                parameters[name] = "/".join(segments[position:])
                return parameters
            elif not segments[position]:
                return None
            else:
                parameters[name] = segments[position]
        return parameters if len(segments) == len(self.segments) else None


class Router:
    """The routes of an HTTP API, in the order in which they are tried."""

    def __init__(self, routes: Iterable[HttpRoute]) -> None:
        """Order the routes; ValueError if two are one, as `GET /a/{x}` and `GET /a/{y}` are."""
        by_place: dict[tuple[str, ...], dict[str, HttpRoute]] = {}
        self._default: HttpRoute | None = None
        for route in routes:
            if route.path == DEFAULT:
                if self._default is not None:
                    raise ValueError(f"{DEFAULT} is there twice")
                self._default = route
                continue
            place = by_place.setdefault(tuple(map(_place, split_path(route.path))), {})
            if (other := place.setdefault(route.http_method, route)) is not route:
                raise ValueError(f"{route.key} and {other.key} are one route")
        candidates = [
            _Candidate(split_path(route.path), {verb: route})
            for routes_here in by_place.values()
            for verb, route in routes_here.items()
        ]
        self._candidates = sorted(
            candidates, key=lambda candidate: (candidate.order, ANY in candidate.routes)
        )

    def match(self, http_method: str, path: str) -> Match | None:
        """Return the route for a verb and a path without its stage, or None if the API has none.

        `path` is percent-encoded as sent, and is decoded before it is compared (recorded). Leading slashes
        count once (recorded), one at the end counts. Whether AWS compares what follows a decoded `?`, which
        functions do not see, and whether `%2F` parts segments, is unverified: a path that would reach another
        route then reaches none, so that no spelling goes past a route that asks for a token.
        """
        if http_method not in VERBS:
            return None
        match, *others = (self._find(http_method, segments) for segments in _list_readings(path))
        if match is None or any(other is None or other.route is not match.route for other in others):
            return None
        return match

    def _find(self, http_method: str, segments: Sequence[str]) -> Match | None:
        for candidate in self._candidates:
            route = candidate.pick(http_method)
            if route is not None and (parameters := candidate.match(segments)) is not None:
                return Match(route, parameters)
        return None if self._default is None else Match(self._default, {})


def _list_readings(path: str) -> list[tuple[str, ...]]:
    """Return the segments that AWS may compare, without doubles; the first ones are those taken here."""
    if not has_several_readings(path):
        return [split_path(clean_path(path))]
    readings = dict.fromkeys(split_path(clean_path(one)) for one in (path, cut_path(path)))
    for one in (path, cut_path(path)):
        parted = split_path(_LEADING_SLASHES.sub("/", one))
        readings[tuple(map(decode_path, parted))] = None
    return list(readings)


def has_several_readings(path: str) -> bool:
    """Say whether a path has `%2F`, which may part segments, or what may end it: `?`, `%3F` or `#`."""
    return _READ_IN_SEVERAL_WAYS.search(path) is not None


def clean_path(path: str) -> str:
    """Return a path as it is compared: decoded, and with one slash at its beginning."""
    return _LEADING_SLASHES.sub("/", decode_path(path))


def split_path(path: str) -> tuple[str, ...]:
    """Return the segments of a path, none for the root; after a slash at the end comes an empty one."""
    inner = path.removeprefix("/")
    return tuple(inner.split("/")) if inner else ()


def _kind(segment: str) -> int:
    if parameter_name(segment) is None:
        return _LITERAL
    return _GREEDY if is_greedy(segment) else _PARAMETER


def _place(segment: str) -> str:
    return segment if parameter_name(segment) is None else ("{+}" if is_greedy(segment) else "{}")
