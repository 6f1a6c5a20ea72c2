"""What of a template's resources the local AWS gets: without the triggers that it does not fire.

A trigger that could refuse a sign-in and is not fired refuses all of them instead.
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-identity-pools-working-with-aws-lambda-triggers.html
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Final

from local_stage.cloudformation.pool_settings import CLIENT, USER_POOL, decides_sign_in, set_default_flows
from local_stage.cloudformation.references import referenced_names
from local_stage.errors import NotRun

_TRIGGERS: Final = "LambdaConfig"

_REFUSING: Final = "PreAuthentication"
REFUSING_TAG: Final = "local-stage-refuses-sign-ins"
"""The tag of a local pool at which nobody may sign in, whatever app clients it has."""

_NOT_RUN: Final[Mapping[str, str]] = {
    _REFUSING: "it could refuse a sign-in and is not run locally: nobody can sign in at the local pool",
    "PostAuthentication": "it is not run locally, so that it refuses no sign-in at the local pool",
    "UserMigration": "it is not run locally, so that only users of the local pool can sign in",
}
"""What comes of it that a trigger which decides who signs in, or what a token says, is not run."""

_NOT_FIRED: Final = frozenset(
    {*_NOT_RUN, "CustomEmailSender", "CustomSMSSender", "InboundFederation", "PostConfirmation"}
)
"""Triggers that the local AWS does not fire. It fires the others when users sign up or in, and for tokens."""


def localize(resources: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[NotRun, ...]]:
    """Return the resources as the local AWS gets them, and what of them is not run."""
    localized = copy.deepcopy(dict(resources))
    return localized, tuple(_take_triggers(localized))


def is_warned_of(item: NotRun) -> bool:
    """Say whether a line tells of what decides who signs in or what a token says: a trigger or a setting."""
    is_trigger = item.property_path.startswith(f"{_TRIGGERS}.") and item.why in _NOT_RUN.values()
    return is_trigger or decides_sign_in(item)


def _take_triggers(resources: Mapping[str, Any]) -> Iterator[NotRun]:
    closed = set()
    for name, properties in _find(resources, USER_POOL):
        triggers = _take(properties.get(_TRIGGERS))
        for trigger in sorted(triggers):
            yield NotRun(name, _NOT_RUN.get(trigger, "it is not run locally"), f"{_TRIGGERS}.{trigger}")
        if _REFUSING in triggers:
            closed.add(name)
            tags = properties.setdefault("UserPoolTags", {})
            if isinstance(tags, dict):
                tags[REFUSING_TAG] = _REFUSING
    for _, properties in _find(resources, CLIENT):
        set_default_flows(properties)
        if referenced_names(properties.get("UserPoolId")) & closed:
            _refuse_sign_ins(properties)


def _take(value: Any) -> set[str]:
    """Take the triggers that are not fired off a value, in any branch of an `Fn::If`; return their names."""
    if isinstance(value, list):
        return set().union(*map(_take, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    taken = value.keys() & _NOT_FIRED
    for name in taken:
        del value[name]
    return taken.union(*(_take(member) for key, member in value.items() if key == "Fn::If"))


def _refuse_sign_ins(properties: dict[str, Any]) -> None:
    """Leave an app client the flows that sign nobody in: refreshing, and a program's own credentials."""
    properties["ExplicitAuthFlows"] = ["ALLOW_REFRESH_TOKEN_AUTH"]
    flows = properties.pop("AllowedOAuthFlows", None)
    if flows == ["client_credentials"]:
        properties["AllowedOAuthFlows"] = flows
    else:
        properties.pop("AllowedOAuthFlowsUserPoolClient", None)
        properties.pop("AllowedOAuthScopes", None)


def _find(resources: Mapping[str, Any], kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, resource in resources.items():
        if resource["Type"] == kind and resource.get("Properties"):
            yield name, resource["Properties"]
