"""What a PreTokenGeneration trigger may change of the tokens, and what stays as Cognito has it.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

PRE_TOKEN_GENERATION: Final = "PreTokenGeneration"  # noqa: S105 - a trigger's name
PROTECTED: Final = frozenset(
    {
        "acr", "amr", "at_hash", "auth_time", "azp", "exp", "iat", "iss", "jti", "nbf", "nonce", "origin_jti",
        "sub", "token_use",
    }
)  # fmt: skip
"""Claims of both tokens that no trigger changes."""
_OF_ID_TOKEN: Final = frozenset({"aud", "identities"})
_OF_ACCESS_TOKEN: Final = frozenset({"client_id", "device_key", "event_id", "scope", "username", "version"})
_PREFIX: Final = "cognito:"
"""Claims of Cognito's own: groups and roles change by `groupOverrideDetails` alone."""
_GROUPS: Final = {
    "groupsToOverride": "cognito:groups",
    "iamRolesToOverride": "cognito:roles",
    "preferredRole": "cognito:preferred_role",
}


@dataclass(frozen=True, slots=True)
class TokenChanges:
    """The claims that a trigger has set and dropped, by the token's use: `id` and `access`."""

    set: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dropped: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def override(
    version: str, response: Mapping[str, Any], client_id: str
) -> tuple[dict[str, Any], TokenChanges]:
    """Return a trigger's `response` without what Cognito does not take, and what it changes.

    `version` is the event's: "1" changes the ID token, "2" and "3" change both. The access token may get an
    `aud`, which can only be the app client's id.
    """
    if version == "1":
        details = _object(response.get("claimsOverrideDetails"))
        section = _read(details, details, _OF_ID_TOKEN)
        return {"claimsOverrideDetails": section}, _find_changes({"id": section})
    details = _object(response.get("claimsAndScopeOverrideDetails"))
    of_id = _read(_object(details.get("idTokenGeneration")), details, _OF_ID_TOKEN)
    given = _object(details.get("accessTokenGeneration"))
    of_access = _read(given, details, _OF_ACCESS_TOKEN, groups=("groupsToOverride",))
    if of_access["claimsToAddOrOverride"].get("aud", client_id) != client_id:
        del of_access["claimsToAddOrOverride"]["aud"]
    for name in ("scopesToAdd", "scopesToSuppress"):
        of_access[name] = [scope for scope in _list(given.get(name)) if isinstance(scope, str)]
    sections = {"idTokenGeneration": of_id, "accessTokenGeneration": of_access}
    return {"claimsAndScopeOverrideDetails": sections}, _find_changes({"id": of_id, "access": of_access})


def _read(
    given: Mapping[str, Any],
    details: Mapping[str, Any],
    protected: frozenset[str],
    groups: Iterable[str] = tuple(_GROUPS),
) -> dict[str, Any]:
    """Return what one token gets: claims to set, and names to drop."""
    added = {
        name: value
        for name, value in _object(given.get("claimsToAddOrOverride")).items()
        if not _is_protected(name, protected)
    }
    dropped = [name for name in _list(given.get("claimsToSuppress")) if not _is_protected(name, protected)]
    if "groupOverrideDetails" in details:
        overridden = _object(details["groupOverrideDetails"])
        for key in groups:
            claim = _GROUPS[key]
            if overridden.get(key):
                added[claim] = overridden[key]
            else:
                dropped.append(claim)
    return {"claimsToAddOrOverride": added, "claimsToSuppress": dropped}


def _is_protected(name: Any, protected: frozenset[str]) -> bool:
    return not isinstance(name, str) or name in PROTECTED | protected or name.startswith(_PREFIX)


def _find_changes(sections: Mapping[str, Mapping[str, Any]]) -> TokenChanges:
    return TokenChanges(
        {use: tuple(section["claimsToAddOrOverride"]) for use, section in sections.items()},
        {use: tuple(section["claimsToSuppress"]) for use, section in sections.items()},
    )


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
