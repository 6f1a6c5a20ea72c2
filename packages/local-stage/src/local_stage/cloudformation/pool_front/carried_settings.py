"""Settings of an app client that MiniStack does not know: they ride in one that it keeps and does not read.

So they lie with the client in MiniStack's own state, and follow it through its CloudFormation, which creates
clients past everything that stands in front of MiniStack.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Final

from local_stage.cloudformation.pool_settings import CLIENT

CARRIED: Final = "RefreshTokenRotation"
_CARRIER: Final = "AnalyticsConfiguration"
_CREATE: Final = ("logical_id", "props", "stack_name")
_UPDATE: Final = ("physical_id", "old_props", "new_props", "stack_name", "logical_id")


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


def carry_in_stacks(provisioners: Any) -> bool:
    """Let MiniStack's CloudFormation keep the settings of anybody's clients, also those of `sam deploy`.

    It has what it does for a type in `_RESOURCE_HANDLERS`, a private name of the pinned version. Returns
    False, and changes nothing, where that is not there.
    """
    handlers = getattr(provisioners, "_RESOURCE_HANDLERS", {}).get(CLIENT, {})
    create, update = handlers.get("create"), handlers.get("update")
    if not (takes(create, _CREATE) and takes(update, _UPDATE)):
        return False

    def create_client(logical_id: str, properties: Mapping[str, Any], stack: str) -> Any:
        return create(logical_id, carry(properties), stack)

    def update_client(client_id: str, old: Mapping[str, Any], new: Mapping[str, Any], *others: Any) -> Any:
        return update(client_id, carry(old), carry(new), *others)

    handlers.update(create=create_client, update=update_client)
    return True


def takes(handler: Any, parameters: tuple[str, ...]) -> bool:
    """Say whether something is a function of these parameters."""
    return callable(handler) and tuple(inspect.signature(handler).parameters) == parameters


def restore(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return a client as Cognito describes it: what was carried has its own place again."""
    carrier = described.get(_CARRIER)
    if not isinstance(carrier, dict) or CARRIED not in carrier:
        return dict(described)
    left = {name: value for name, value in carrier.items() if name != CARRIED}
    others = {name: value for name, value in described.items() if name != _CARRIER}
    return {**others, **({_CARRIER: left} if left else {}), CARRIED: carrier[CARRIED]}
