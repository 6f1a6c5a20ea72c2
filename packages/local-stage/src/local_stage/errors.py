"""What a developer is told of a template: what keeps the stage from starting, and what is ignored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import override


class StartError(Exception):
    """The stage cannot start, or would not enforce what the template says.

    The command line prints it on one line and exits with code 2. It names the file, the resource and the
    property wherever the cause has one, so that it can be found without a search.
    """

    def __init__(
        self,
        why: str,
        *,
        file: str | None = None,
        resource: str | None = None,
        property_path: str | None = None,
    ) -> None:
        super().__init__(why)
        self.why = why
        self.file = file
        self.resource = resource
        self.property_path = property_path

    def __str__(self) -> str:
        """Return `file: Resource.Property: why`, without the parts that are unknown."""
        where = ".".join(part for part in (self.resource, self.property_path) if part)
        return ": ".join(part for part in (self.file, where, self.why) if part)


@contextmanager
def reading(file: str, resource: str | None = None, property_path: str | None = None) -> Iterator[None]:
    """Name file, resource and property in a StartError that is raised meanwhile and names none."""
    try:
        yield
    except StartError as error:
        error.file = error.file or file
        if error.resource is None:
            error.resource, error.property_path = resource, property_path
        raise


@dataclass(frozen=True, slots=True)
class IgnoredProperty:
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
