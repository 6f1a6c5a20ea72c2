"""What keeps the stage from starting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


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
