"""What of a template's resources the local AWS gets: without the pool's triggers that nothing here fires.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-identity-pools-working-with-aws-lambda-triggers.html
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Final

from local_stage.cloudformation.pool_settings import CLIENT, USER_POOL, set_default_flows
from local_stage.errors import NotRun

_TRIGGERS: Final = "LambdaConfig"

_NOT_FIRED: Final = frozenset({"CustomEmailSender", "CustomSMSSender", "InboundFederation"})
"""Triggers of messages and of other identity providers, neither of which the local AWS has."""


def localize(resources: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[NotRun, ...]]:
    """Return the resources as the local AWS gets them, and what of them is not run."""
    localized = copy.deepcopy(dict(resources))
    return localized, tuple(_take_triggers(localized))


def _take_triggers(resources: Mapping[str, Any]) -> Iterator[NotRun]:
    for name, properties in _find(resources, USER_POOL):
        for trigger in sorted(_take(properties.get(_TRIGGERS))):
            yield NotRun(name, "it is not run locally", f"{_TRIGGERS}.{trigger}")
    for _, properties in _find(resources, CLIENT):
        set_default_flows(properties)


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


def _find(resources: Mapping[str, Any], kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, resource in resources.items():
        if resource["Type"] == kind and resource.get("Properties"):
            yield name, resource["Properties"]
