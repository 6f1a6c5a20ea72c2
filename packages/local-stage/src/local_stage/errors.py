"""What a developer is told: why the stage does not start, what it ignores, how a command is typed."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, override

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

    def __str__(self) -> str:
        """Return `file: Resource.Property: why`, without the parts that are unknown."""
        where = ".".join(part for part in (self.resource, self.property_path) if part)
        return ": ".join(part for part in (self.file, where, self.why) if part)


class UsageError(StartError):
    """The command line, or a file that it names, has to be changed."""


class TemplateError(StartError):
    """The template, or the code that it names, has to be changed: the stage would not do what it says."""


class MachineError(StartError):
    """This machine, the network or AWS keeps the command from running: a port, the disk, a service."""


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
