"""Functions that bring their own runtime: a program called `bootstrap`, written in Rust or Go for example.

So do those of go1.x, which Lambda has no more: the program's name is the handler's.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-provided.html
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_stage.lambda_runtime.function_error import FunctionUnavailableError
from local_stage.lambda_runtime.function_settings import FunctionSettings
from local_stage.lambda_runtime.runtimes.runtime import Workspace, build_paths

GO: Final = "go1.x"


@dataclass(frozen=True, slots=True)
class PreparedProvided:
    """A function's own program, which speaks the Runtime API by itself."""

    bootstrap: Path

    @property
    def folder(self) -> Path:
        """The folder of the program."""
        return self.bootstrap.parent

    def command(self, handler: str, debug_port: int | None) -> Sequence[str]:  # noqa: ARG002 - as the protocol
        """Return the program; it finds the handler's name in `_HANDLER`, and knows no debugger."""
        return (str(self.bootstrap),)

    def environment(self, settings: FunctionSettings, opt_folder: Path | None) -> Mapping[str, str]:
        """Return where programs and libraries are."""
        path = f"/usr/local/bin:/usr/bin/:/bin:{opt_folder or '/opt'}/bin"
        return {"PATH": path, **build_paths(settings, opt_folder, [], [])}


class ProvidedRuntime:
    """provided.al2 and provided.al2023, and go1.x."""

    async def prepare(self, settings: FunctionSettings, workspace: Workspace) -> PreparedProvided:  # noqa: ARG002 - as the protocol
        """Return how to start the function's `bootstrap`.

        Raises FunctionUnavailableError where there is none that this machine can run.
        """
        bootstrap = settings.code_folder / (settings.handler if settings.runtime == GO else "bootstrap")
        if not os.access(bootstrap, os.X_OK):
            raise FunctionUnavailableError(
                f"{bootstrap} is not there or not executable; build the function first, as by `sam build`"
            )
        return PreparedProvided(bootstrap)
