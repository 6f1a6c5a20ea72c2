"""Proxy events for the function: those of events/, and others made of them."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

EVENTS: Final = Path(__file__).parents[3] / "events"
ABSENT: Final = "<absent>"
"""As a claim's value: the claim is left out."""


def read_event(case: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"{case}.json").read_text())
    return event


def read_claims(case: str) -> dict[str, Any]:
    claims: dict[str, Any] = read_event(case)["requestContext"]["authorizer"]["claims"]
    return claims


def change_claims(claims: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**claims, **changes}.items() if value != ABSENT}


def build_event(case: str, path: str = "/hello", method: str = "GET", /, **claims: Any) -> dict[str, Any]:
    """Build the event of another route with the claims of the case, changed by `claims`."""
    event = read_event(case)
    event |= {"httpMethod": method, "resource": path, "path": path}
    context = event["requestContext"]
    context |= {"httpMethod": method, "resourcePath": path, "path": f"/dev{path}"}
    context["authorizer"]["claims"] = change_claims(context["authorizer"]["claims"], claims)
    return event


def build_event_with(authorizer: Any, path: str = "/hello") -> dict[str, Any]:
    """Build an event whose `requestContext.authorizer` is anything at all."""
    event = copy.deepcopy(build_event("signed_in", path))
    event["requestContext"]["authorizer"] = authorizer
    return event
