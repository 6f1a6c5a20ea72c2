"""Python: AWS's own runtime interface client where it is built for this machine, else a portable one."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_stage.lambda_runtime.function_error import FunctionUnavailableError
from local_stage.lambda_runtime.function_settings import FunctionSettings
from local_stage.lambda_runtime.requirements import (
    OWN_PYTHON,
    OWN_VERSION,
    Python,
    install_libraries,
    install_requirements,
    make_interpreter,
)
from local_stage.lambda_runtime.runtimes.interpreters import Interpreter, choose_nearest, find_interpreters
from local_stage.lambda_runtime.runtimes.runtime import Workspace, build_paths, build_shell_variables

LOCKS: Final = Path(__file__).parent.parent / "locks"
RUNTIME_REQUIREMENTS: Final = LOCKS / "runtime.txt"
"""The lock of AWS's runtime interface client."""
LIBRARIES: Final = LOCKS / "libraries.txt"
"""The lock of what Lambda's runtime brings along: boto3, and what it needs."""
DEBUG_REQUIREMENTS: Final = LOCKS / "debug.txt"
"""The lock of the debugger's side in a function's process."""

OLDEST: Final = (3, 8)
"""The oldest version in which a function can run; what names an older one runs in a later one."""
NEWEST: Final = (3, 14)

MANAGED: Final = (
    ".pyenv/versions/3.*/bin/python3",
    ".local/share/uv/python/cpython-3.*/bin/python3",
    ".asdf/installs/python/3.*/bin/python3",
)
"""Where pyenv, uv and asdf keep their interpreters, below the home folder."""


@dataclass(frozen=True, slots=True)
class PreparedPython:
    """A function's interpreter, and the folders of its own packages and of Lambda's, None where it has none.

    The interpreter is the Python of an environment that holds what starts a function and nothing else.
    """

    interpreter: Path
    requirements_folder: Path | None = None
    python: Python = OWN_PYTHON
    libraries_folder: Path | None = None

    @property
    def folder(self) -> Path:
        """The folder of what runs the handler."""
        return self.interpreter.parent.parent / self.python.packages_folder

    def command(self, handler: str, debug_port: int | None) -> Sequence[str]:
        """Return the command of a process.

        No bytecode is written: Lambda's code folder is read-only, and a file that is saved twice in one
        second would be run from the bytecode of the first.
        """
        client = "aws" if (self.folder / "awslambdaric").is_dir() else "portable"
        # A debugger warns that it may miss breakpoints where Python's own modules are frozen.
        options = () if debug_port is None else ("-X", "frozen_modules=off")
        debug = () if debug_port is None else ("--debug", str(debug_port))
        return (str(self.interpreter), "-B", *options, "-m", "local_stage_runtime", *debug, client, handler)

    def environment(self, settings: FunctionSettings, opt_folder: Path | None) -> Mapping[str, str]:
        """Return where programs, libraries and modules are."""
        language = [f"{self.interpreter.resolve().parent.parent}/lib"]
        runtime = [str(self.folder), f"{self.folder}/lib"]
        path = f"{self.interpreter.parent}:/usr/local/bin:/usr/bin/:/bin:{opt_folder or '/opt'}/bin"
        return {
            "PATH": path,
            "PYTHONPATH": ":".join(self._find_python_path(settings, opt_folder)),
            # Python sets it where a machine lacks en_US.UTF-8 (PEP 538), as Lambda's of these versions do.
            **({"LC_CTYPE": "C.UTF-8"} if self._is_coerced(settings) else {}),
            **build_shell_variables(settings),
            **build_paths(settings, opt_folder, language, runtime),
        }

    @staticmethod
    def _is_coerced(settings: FunctionSettings) -> bool:
        return settings.runtime not in {f"python3.{minor}" for minor in range(8, 12)}

    def _find_python_path(self, settings: FunctionSettings, opt_folder: Path | None) -> Iterator[str]:
        """Yield where Python looks for modules after the code folder, in Lambda's order.

        A function may set PYTHONPATH; here its requirements and layers must be found all the same.
        https://docs.aws.amazon.com/lambda/latest/dg/python-package.html#python-package-searchpath
        """
        if own := settings.environment.get("PYTHONPATH"):
            yield own
        if self.requirements_folder is not None:
            yield str(self.requirements_folder)
        if opt_folder is not None:
            yield f"{opt_folder}/python/lib/{settings.runtime}/site-packages"
            yield f"{opt_folder}/python"
        yield str(self.folder)
        if self.libraries_folder is not None:
            yield str(self.libraries_folder)


class PythonRuntime:
    """Every python3 runtime, in the very version where this machine has it, else in the nearest."""

    def __init__(self) -> None:
        self._interpreters: Sequence[Interpreter] | None = None

    async def prepare(self, settings: FunctionSettings, workspace: Workspace) -> PreparedPython:
        """Install the function's interpreter and requirements, unless they are there. Raises as `Runtime`."""
        python = await self._find_python(settings, workspace)
        lists = [RUNTIME_REQUIREMENTS, *([DEBUG_REQUIREMENTS] if workspace.is_debugged else [])]
        cache, progress = workspace.cache_folder, workspace.progress
        interpreter, libraries, packages = await asyncio.gather(
            make_interpreter(lists, cache, progress, python),
            _install_libraries(workspace, python),
            _install_own(settings, workspace, python),
        )
        return PreparedPython(interpreter, packages, python, libraries)

    async def _find_python(self, settings: FunctionSettings, workspace: Workspace) -> Python:
        match = re.fullmatch(r"python(3)\.(\d+)", settings.runtime)
        wanted = (int(match[1]), int(match[2])) if match else None
        if wanted is None:
            raise FunctionUnavailableError(f"the runtime {settings.runtime} is not run locally")
        if wanted == OWN_VERSION:
            return Python()
        nearest = choose_nearest(await self._list_interpreters(), wanted)
        if nearest is None or nearest.version == OWN_VERSION:
            python = Python()
        else:
            python = Python(nearest.program, nearest.version)
        if python.version != wanted:
            workspace.replace_version(settings, f"Python {'.'.join(map(str, python.version))}")
        return python

    async def _list_interpreters(self) -> Sequence[Interpreter]:
        if self._interpreters is None:
            names = [f"python3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
            found = await find_interpreters(names, MANAGED, 2)
            own = Interpreter(OWN_VERSION, Path(sys.executable))
            others = [one for one in found if OLDEST <= one.version <= NEWEST and one.version != OWN_VERSION]
            self._interpreters = sorted([own, *others])
        return self._interpreters


async def _install_own(settings: FunctionSettings, workspace: Workspace, python: Python) -> Path | None:
    if settings.is_built:
        return None
    cache, progress = workspace.cache_folder, workspace.progress
    return await install_requirements(settings.code_folder, settings.logical_id, cache, progress, python)


async def _install_libraries(workspace: Workspace, python: Python) -> Path | None:
    """Install what Lambda's runtime brings along; a function that needs none of it can do without."""
    try:
        return await install_libraries(LIBRARIES, workspace.cache_folder, workspace.progress, python)
    except FunctionUnavailableError as error:
        workspace.progress(str(error))
        workspace.left_out.append(("Runtime", f"boto3 is missing: {error.reason}"))
        return None
