"""Which policies of a template say what a user or role of it may call, or may not.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-policy.html
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from local_stage.cloudformation.references import referenced_names

ATTACHED_TYPES: Final = frozenset({"AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"})
"""Created in the local AWS where the users or roles are there to whom they are attached."""

_NAMES: Final[Mapping[str, str]] = {"AWS::IAM::Role": "RoleName", "AWS::IAM::User": "UserName"}
"""To whom a policy is attached, and the property that names them."""


def make_placeholder_caller(kind: str, account_id: str) -> str | None:
    """Return an ARN as the local AWS will give one to a user or role, None for every other type."""
    if kind not in _NAMES:
        return None
    return f"arn:aws:iam::{account_id}:{kind.rpartition('::')[2].lower()}/Placeholder"


def is_attached(
    resource: Mapping[str, Any], present: Collection[str], existing: Mapping[str, Mapping[str, Any]]
) -> bool:
    """Say whether a resource is a policy of a user or role that is present, whom it refers to or names."""
    if resource["Type"] not in ATTACHED_TYPES:
        return False
    properties = resource.get("Properties") or {}
    attached = [properties.get(name) for name in ("Roles", "Users")]
    callers = {name for name in present if existing[name]["Type"] in _NAMES}
    if referenced_names(attached) & callers:
        return True
    written = [one for listed in attached if isinstance(listed, list) for one in listed]
    return any(_find_name(existing[name]) in written for name in callers if _find_name(existing[name]))


def _find_name(caller: Mapping[str, Any]) -> Any:
    """Return the name that a template gives to a user or role."""
    return (caller.get("Properties") or {}).get(_NAMES[caller["Type"]])
