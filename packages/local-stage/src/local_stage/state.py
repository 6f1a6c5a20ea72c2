"""The state folder: what the running stage tells other commands, and files that appear whole or not."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit

from local_stage.errors import MachineError

DEFAULT_FOLDER: Final = Path(".local-stage")
RUNNING: Final = "running.json"
CONSOLE_PATH: Final = "/.local-stage"
"""Where the stage serves its console, beside the API."""
INVOCATIONS: Final = "/invocations"
"""Where the console invokes functions, also for the local AWS."""
CONTROL_PLANE: Final = "/control-plane"
"""Where the console tells what API Gateway's own API is asked of the APIs that run, for the local AWS."""
LOCK: Final = "lock"


@dataclass(frozen=True, slots=True)
class RunningApi:
    """An API of a stage that is up; `url` has the stage in it, and a route's path goes right behind it.

    `authorizers` are `AuthorizerDefinition`s as JSON holds them.
    """

    logical_id: str
    stage_name: str
    url: str
    authorizers: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RunningStage:
    """A stage that is up: its process, where it and the local AWS listen, its stack and its APIs.

    `api_url` is the first API's; where the template has no API it is the origin at which the console is.
    `api_keys` are `ApiKey`s as JSON holds them. `user_pools` and `app_clients` are the ids of the template's
    own in the local AWS, by logical id.
    """

    pid: int
    api_url: str
    aws_endpoint_url: str
    region: str
    stack_name: str
    template: str
    apis: tuple[RunningApi, ...] = ()
    api_keys: list[dict[str, Any]] = field(default_factory=list)
    user_pools: dict[str, str] = field(default_factory=dict)
    app_clients: dict[str, str] = field(default_factory=dict)

    @property
    def console_url(self) -> str:
        """Where the stage answers what its developer asks; below it lie `/clock` and the rest."""
        return find_console(self.api_url)

    @classmethod
    def find(cls, state_folder: Path) -> Self | None:
        """Return the stage that runs from this state folder, or None; a dead one's file does not count."""
        try:
            told = json.loads((state_folder / RUNNING).read_text(encoding="utf-8"))
            running = cls(**told | {"apis": tuple(RunningApi(**api) for api in told.get("apis", ()))})
            os.kill(running.pid, 0)
        except (OSError, ValueError, TypeError, AttributeError):
            return None
        return running

    def write(self, state_folder: Path) -> None:
        """Tell other commands of this stage."""
        write_json(state_folder / RUNNING, asdict(self))

    @staticmethod
    def remove(state_folder: Path) -> None:
        """Tell other commands that no stage runs any more."""
        (state_folder / RUNNING).unlink(missing_ok=True)


def find_console(api_url: str) -> str:
    """Return where the console is beside an API: each API has it on its own port."""
    url = urlsplit(api_url)
    return f"{url.scheme}://{url.netloc}{CONSOLE_PATH}"


@contextlib.contextmanager
def lock_state_folder(folder: Path) -> Iterator[Path]:
    """Make the folder, for its owner alone, and keep every other stage out of it meanwhile.

    A folder that is there already keeps its mode: it may be somebody's home. Yields its absolute path. Raises
    StartError where it cannot be made or another stage runs from it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = touch_for_owner(folder / LOCK).open("w")
    except OSError as error:
        raise MachineError(f"cannot keep state there: {error.strerror}", file=str(folder)) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            other = RunningStage.find(folder)
            where = f" at {other.api_url} (pid {other.pid})" if other else ""
            raise MachineError(f"another stage runs from this folder{where}", file=str(folder)) from None
        yield folder.resolve()


def touch_for_owner(file: Path) -> Path:
    """Make a file that only its owner may read, unless it is there, and return its path."""
    file.touch(mode=0o600)
    return file


def remove_json(file: Path) -> None:
    """Remove what `write_json` wrote, if it is there. Raises StartError for what is no file."""
    try:
        if file.exists() and not file.is_file():
            raise MachineError("is no file and cannot be replaced by one", file=str(file))
        file.unlink(missing_ok=True)
    except OSError as error:
        raise MachineError(f"cannot be replaced: {error.strerror}", file=str(file)) from None


def write_json(file: Path, value: Mapping[str, Any]) -> None:
    """Write a JSON object so that a reader sees the old file or the new one, never a part.

    Raises StartError where it cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _replace(file, json.dumps(value, indent=2) + "\n")
    except OSError as error:
        raise MachineError(f"cannot be written: {error.strerror}", file=str(file)) from None


def _replace(file: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
