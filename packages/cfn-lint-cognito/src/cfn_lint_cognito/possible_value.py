"""One of the values that a place in a template can have when it is deployed."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

Path = tuple[str | int, ...]
"""Keys and indexes from the template's root: `("Resources", "UserPool", "Properties")`."""


class Marker(enum.Enum):
    """What stands in the place of a value that is no value."""

    ABSENT = "absent"
    UNKNOWN = "unknown"


ABSENT: Final = Marker.ABSENT
"""The property is not there, or `Ref: AWS::NoValue` removes it."""
UNKNOWN: Final = Marker.UNKNOWN
"""Only the deployment tells the value: an attribute of a resource, a parameter without a default."""


@dataclass(frozen=True, slots=True)
class PossibleValue:
    """A value, where it is written, and under which conditions it is the one that counts.

    `value` is any JSON value whose members may hold intrinsic functions again, or a marker. `when` has the
    outcome of each condition that was assumed on the way; it is empty where the value holds in every
    deployment. `is_written` is false where the value comes from a parameter or a mapping: `path` then leads
    to what refers to it.
    """

    value: Any
    path: Path
    when: Mapping[str, bool] = field(default_factory=dict)
    is_written: bool = True

    def member(self, key: str | int) -> PossibleValue:
        """Return the member of a mapping or list at a key or index that it has."""
        path = (*self.path, key) if self.is_written else self.path
        return replace(self, value=self.value[key], path=path)

    def under(self, when: Mapping[str, bool]) -> PossibleValue | None:
        """Return the value with further conditions assumed, or None where both cannot be."""
        if any(self.when.get(name, outcome) is not outcome for name, outcome in when.items()):
            return None
        return replace(self, when={**self.when, **when})


def read_number(value: Any) -> float | None:
    """Return a number that is written as one or as text, as CloudFormation takes both; None for all else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def read_text(value: Any) -> str | None:
    """Return a scalar as the text that CloudFormation makes of it; None for all else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        return str(value) if isinstance(value, str | int | float) else None
    except ValueError:  # Python writes no number of more than 4,300 digits.
        return None


def is_true(value: Any) -> bool:
    """Return whether the value is true, written as a boolean or as text: CloudFormation takes both."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def is_false(value: Any) -> bool:
    """Return whether the value is false, written as a boolean or as text."""
    return value is False or (isinstance(value, str) and value.lower() == "false")
