"""What keeps the stage from starting."""

from __future__ import annotations


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
