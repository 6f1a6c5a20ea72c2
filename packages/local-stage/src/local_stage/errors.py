"""What a developer is told: why the stage does not start, what it ignores, how a command is typed."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Self, override

NAME: Final = "local-stage"


def spell_command(arguments: str) -> str:
    """Return a command of this program with its arguments, as the reader of a message can run it.

    Where another program has imported the stage, as pytest does, the name alone is all that is known.
    """
    typed = sys.argv[0]
    return f"{spell_program(typed) if Path(typed).name == NAME else NAME} {arguments}"


def spell_program(typed: str) -> str:
    """Return a program as it can be typed here: by its name alone where the PATH has it, else by its path."""
    path = Path(typed).absolute()
    return path.name if shutil.which(path.name) == str(path) else shlex.quote(shorten(path))


def shorten(file: Path) -> str:
    """Return a path as it can be typed here: relative where it lies below the current folder."""
    return str(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file)


class StartError(Exception):
    """The stage cannot start, or a command cannot run. Only its subclasses are raised.

    Each subclass says who has to act. The command line prints any of them on one line and exits with code 2.
    The error names the file, the resource and the property wherever the cause has one, so that the cause can
    be found without a search.
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

    @property
    def reasons(self) -> tuple[StartError, ...]:
        """Each reason by itself, where there are several."""
        return (self,)

    def __str__(self) -> str:
        """Return `file: Resource.Property: why`, without the parts that are unknown."""
        where = ".".join(part for part in (self.resource, self.property_path) if part)
        return ": ".join(part for part in (self.file, where, self.why) if part)


class SeveralErrors(StartError):
    """Several reasons at once, of which each names its own file, resource and property."""

    def __init__(self, reasons: Iterable[StartError]) -> None:
        self._reasons = tuple(reasons)
        super().__init__(f"{len(self._reasons)} reasons")

    @property
    @override
    def reasons(self) -> tuple[StartError, ...]:
        """Each reason by itself."""
        return self._reasons

    @override
    def __str__(self) -> str:
        """Return the reasons, one on each line."""
        return "\n".join(map(str, self._reasons))


class UsageError(StartError):
    """The command line, or a file that it names, has to be changed."""


class TemplateError(StartError):
    """The template, or the code that it names, has to be changed: the stage would not do what it says."""


class MachineError(StartError):
    """This machine, the network or AWS keeps the command from running: the disk, a process, a service."""


@contextmanager
def reading(file: str, resource: str | None = None, property_path: str | None = None) -> Iterator[None]:
    """Name file, resource and property in a StartError that is raised meanwhile and names none."""
    try:
        yield
    except StartError as error:
        for reason in error.reasons:
            reason.file = reason.file or file
            if reason.resource is None:
                reason.resource, reason.property_path = resource, property_path
        raise


class Refusals:
    """Collects the reasons not to start, so that a developer is told all that can be known at once.

    At the end of its block it raises what was collected, together with the StartError that ended the block.
    Of several reasons that name the same property the first one is told.
    """

    def __init__(self) -> None:
        self._reasons: dict[tuple[str | None, ...], StartError] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is not None and not isinstance(error, StartError):
            return
        if error is not None:
            self.add(*error.reasons)
        reasons = list(self._reasons.values())
        if reasons:
            raise SeveralErrors(reasons) if reasons[1:] else reasons[0]

    def add(self, *reasons: StartError) -> None:
        """Collect reasons."""
        for reason in reasons:
            place = (reason.file, reason.resource, reason.property_path)
            self._reasons.setdefault(place if reason.property_path else (*place, reason.why), reason)

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Collect a StartError that is raised meanwhile, and go on behind the block."""
        try:
            yield
        except StartError as error:
            self.add(*error.reasons)


@dataclass(frozen=True, slots=True)
class NotRun:
    """One line of the list `Not run locally`: it changes neither who may call nor what an API allows.

    `resource` is the logical id and `why` what happens here instead of what AWS would do, as a clause without
    a full stop. `property_path` names the property as the template does, where one of them alone is not run.
    `type` is the resource's, which `NotRunLocally` fills in. A line that `is_warned_of` tells of who is let
    in, and is a warning at start as well.
    """

    resource: str
    why: str
    property_path: str = ""
    type: str = ""
    is_warned_of: bool = field(default=False, compare=False)

    @override
    def __str__(self) -> str:
        """Return `Resource (type): why`, or `Resource.Property (type): why`."""
        where = f"{self.resource}.{self.property_path}" if self.property_path else self.resource
        return f"{where} ({self.type}): {self.why}" if self.type else f"{where}: {self.why}"


class NotRunLocally:
    """The list of what a template has and this machine does not run, in the order in which it was found."""

    def __init__(self, types: Mapping[str, str], *items: NotRun) -> None:
        """Begin with these lines; `types` has the type of each resource by its logical id."""
        self._types = types
        self._items: dict[NotRun, None] = {}
        self.add(*items)

    def add(self, *items: NotRun) -> None:
        """Add lines with their resources' types; a line that is there already is not added again."""
        for item in items:
            self._items[replace(item, type=item.type or self._types.get(item.resource, ""))] = None

    def __iter__(self) -> Iterator[NotRun]:
        """Yield the lines."""
        return iter(self._items)


def first_start_error(error: BaseException) -> StartError | None:
    """Return the error if it is a StartError, or the first one in a group, however deep it lies."""
    if isinstance(error, StartError):
        return error
    if isinstance(error, BaseExceptionGroup):
        return next(filter(None, map(first_start_error, error.exceptions)), None)
    return None
