"""A route whose place in its API is not known here, and the open routes that would take its requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from local_stage.cloudformation.transforms import ELSEWHERE
from local_stage.cloudformation.unknown import Unknown, find_unknown
from local_stage.errors import NotRun

DECIDING: Final = ("AuthorizationType", "AuthorizerId", "AuthorizationScopes", "ApiKeyRequired")
"""The properties of a route or method that decide who may call it."""

DECIDING_TYPES: Final = frozenset({"ApiGatewayManagedOverrides", "Authorizer", "Method", "Resource", "Route"})
"""What the types of resources end in that decide who may call an API."""

_ANY: Final = "ANY"


@dataclass(frozen=True, slots=True)
class UnplacedRoute:
    """A protected route that is in the API, nobody knows where; `verb` is ANY where that is not known."""

    verb: str
    unknown: Unknown


def find_unplaced_in(document: Mapping[str, Any]) -> list[UnplacedRoute]:
    """Return what stands for the routes of a document that is not on this machine."""
    place = document.get(ELSEWHERE)
    if place is None:
        return []
    source = NotRun("Body", f"the API's definition is not on this machine: {place}")
    return [UnplacedRoute(_ANY, Unknown("unknown-definition", source))]


def find_hidden(routes: Iterable[UnplacedRoute], verb: str, path: str) -> Unknown | None:
    """Return why an open route may not be served: it would take the requests of one that is protected.

    A request reaches it where no route has its verb and path: so it has ANY, a path parameter, or `$default`.
    """
    if verb != _ANY and "{" not in path and path.strip("/") != "$default":
        return None
    return next((one.unknown for one in routes if _ANY in {verb, one.verb} or verb == one.verb), None)


def is_open(properties: Mapping[str, Any]) -> bool:
    """Say whether it is known that anybody may call a route or method with these properties."""
    kind, authorizer, scopes, key = (properties.get(name) for name in DECIDING)
    if find_unknown([kind, authorizer, scopes, key]) or authorizer or scopes:
        return False
    return str(kind or "NONE").upper() == "NONE" and str(key or False).lower() == "false"
