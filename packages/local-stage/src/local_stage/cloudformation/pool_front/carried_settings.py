"""Settings of an app client that MiniStack does not know: they ride in one that it keeps and does not read.

So they lie with the client in MiniStack's own state, and follow it through its CloudFormation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

CARRIED: Final = "RefreshTokenRotation"
_CARRIER: Final = "AnalyticsConfiguration"


def carry(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return a client's properties, of a template or a call, with the unknown one inside the other.

    A condition about the analytics themselves, which nobody reads here, is left out for it.
    """
    if properties.get(CARRIED) is None:
        return dict(properties)
    carrier = properties.get(_CARRIER)
    is_plain = isinstance(carrier, dict) and not any(name == "Ref" or "::" in name for name in carrier)
    others = {name: value for name, value in properties.items() if name != CARRIED}
    return {**others, _CARRIER: {**(carrier if is_plain and carrier else {}), CARRIED: properties[CARRIED]}}


def restore(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return a client as Cognito describes it: what was carried has its own place again."""
    carrier = described.get(_CARRIER)
    if not isinstance(carrier, dict) or CARRIED not in carrier:
        return dict(described)
    left = {name: value for name, value in carrier.items() if name != CARRIED}
    others = {name: value for name, value in described.items() if name != _CARRIER}
    return {**others, **({_CARRIER: left} if left else {}), CARRIED: carrier[CARRIED]}
