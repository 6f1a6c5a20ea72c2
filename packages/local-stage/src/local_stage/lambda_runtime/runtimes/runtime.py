"""What every language's runtime does: install what a function needs, and start its processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from local_stage.errors import MachineError
from local_stage.lambda_runtime.function_settings import FunctionSettings
from local_stage.lambda_runtime.requirements import Progress


class PreparedRuntime(Protocol):
    """A runtime with everything that one function needs installed."""

    @property
    def folder(self) -> Path:
        """The folder of what runs the handler, which Lambda calls LAMBDA_RUNTIME_DIR."""

    def command(self, handler: str, debug_port: int | None) -> Sequence[str]:
        """Return the command of a process; with a `debug_port` it waits there for a debugger."""

    def environment(self, settings: FunctionSettings, opt_folder: Path | None) -> Mapping[str, str]:
        """Return the variables that the language needs: where programs, libraries and modules are.

        `opt_folder` holds what the function's layers have in /opt, None where it has none.
        """


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where runtimes install for one function, and whom they tell what takes its time.

    `is_debugged` says that a debugger will come, `is_strict` that no other version may run the function.
    `left_out` is what the function has to do without, by the property that asks for it.
    """

    cache_folder: Path
    progress: Progress
    is_debugged: bool = False
    is_strict: bool = False
    left_out: list[tuple[str, str]] = field(default_factory=list)

    def replace_version(self, settings: FunctionSettings, found: str) -> None:
        """Say that another version than the template's runs the function, unless only that one may.

        Raises RuntimeRefusedError then.
        """
        if self.is_strict:
            why = f"{settings.runtime} is not on this machine; with --strict-runtimes {found} may not run it"
            raise RuntimeRefusedError(why, resource=settings.logical_id, property_path="Runtime")
        self.progress(f"{settings.logical_id}: {settings.runtime} is not here; {found} runs it")


class RuntimeRefusedError(MachineError):
    """The very version of a runtime is asked for, and this machine has another one."""


class Runtime(Protocol):
    """One language."""

    async def prepare(self, settings: FunctionSettings, workspace: Workspace) -> PreparedRuntime:
        """Install what the function needs, unless it is there, and return how to start it.

        Raises FunctionUnavailableError where the language is not on this machine or something cannot be
        installed, RuntimeRefusedError where only another version is here and none but the very one will do.
        """


def build_shell_variables(settings: FunctionSettings) -> dict[str, str]:
    """Return what the shell script leaves that starts Python and Node.js on Lambda; others have none."""
    return {"PWD": str(settings.code_folder), "SHLVL": "0"}


def build_paths(
    settings: FunctionSettings, opt_folder: Path | None, language: Sequence[str], runtime: Sequence[str]
) -> dict[str, str]:
    """Return LD_LIBRARY_PATH in Lambda's order: the language's libraries first, the layers' last."""
    task_root, opt = str(settings.code_folder), str(opt_folder or "/opt")
    folders = [*language, "/lib64", "/usr/lib64", *runtime, task_root, f"{task_root}/lib", f"{opt}/lib"]
    return {"LD_LIBRARY_PATH": ":".join(folders)}
