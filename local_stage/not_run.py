"""What a template says and the local stage leaves out, told to the developer at start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import override


@dataclass(frozen=True, slots=True)
class NotRun:
    """One property that has no effect here, and changes neither who may call nor what is answered.

    `resource` is the logical id, `property_path` the property as the template names it, `why` what happens
    here instead of what AWS would do, as a clause without a full stop.
    """

    resource: str
    property_path: str
    why: str

    @override
    def __str__(self) -> str:
        """Return `Resource.Property: why`."""
        return f"{self.resource}.{self.property_path}: {self.why}"
