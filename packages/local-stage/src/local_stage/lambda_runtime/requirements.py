"""The interpreter and the packages of a function: made once, kept in a cache folder, shared by all stages."""

from __future__ import annotations

import asyncio
import compileall
import shutil
import sys
import venv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_stage.errors import MachineError, reading
from local_stage.lambda_runtime.cache_folder import make_once, place
from local_stage.lambda_runtime.function_settings import FunctionSettings
from local_stage.lambda_runtime.pip import PipError, find_includes, install, read_names

Progress = Callable[[str], None]
"""Takes a line that says what takes its time."""


@dataclass(frozen=True, slots=True)
class Python:
    """A Python that runs functions: this one, or another `program` of another version."""

    program: Path | None = None
    version: tuple[int, ...] = sys.version_info[:2]

    @property
    def packages_folder(self) -> Path:
        """Where an environment of it has its packages, relative to the environment's folder."""
        return Path("lib", f"python{self.version[0]}.{self.version[1]}", "site-packages")

    @property
    def identity(self) -> Sequence[bytes]:
        """What tells it apart from the others in the name of a folder of the cache."""
        return [] if self.program is None else [str(self.program).encode()]

    async def make_environment(self, folder: Path) -> None:
        """Make a virtual environment without pip. Raises OSError where that fails."""
        if self.program is None:
            builder = venv.EnvBuilder(symlinks=True, with_pip=False)
            await asyncio.to_thread(builder.create, folder)
            return
        command = (str(self.program), "-m", "venv", "--symlinks", "--without-pip", str(folder))
        process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL)
        if await process.wait():
            raise OSError(f"{self.program} cannot make a virtual environment")


OWN_PYTHON: Final = Python()
OWN_VERSION: Final = sys.version_info[:2]
"""The version of the Python that runs the stage."""

_RUNTIME_PACKAGE: Final = Path(__file__).parents[2] / "local_stage_runtime"
"""What every Python function's process is started with; the stage itself is not in the interpreter."""


async def make_interpreter(
    lists: Sequence[Path], cache: Path, progress: Progress, python: Python = OWN_PYTHON
) -> Path:
    """Return a Python that has what starts a function, and none of the developer's packages.

    `lists` are the locked lists of what is installed into it, absolute paths: AWS's runtime interface client,
    where there is one for this platform. Raises StartError where a list is missing, pip fails, or the cache
    cannot be written.
    """
    for file in lists:
        if not file.is_file():
            raise MachineError("is missing; install local-stage again", file=str(file))

    async def build(folder: Path) -> None:
        progress(f"Making the functions' interpreter, once: Python {'.'.join(map(str, python.version))}")
        await python.make_environment(folder)
        packages = folder / python.packages_folder
        await install(named, packages, cwd=folder, only_wheels=True, python=python.program)
        await asyncio.to_thread(_copy_package, _RUNTIME_PACKAGE, packages)

    named: list[Path] = []
    try:
        named += [file for file in lists if read_names(file)]
        package = sorted(_RUNTIME_PACKAGE.glob("*.py"))
        contents = [*python.identity, *_read_all(*named, *package)]
        folder = await make_once(place(cache, "runtime", contents), build)
    except (PipError, OSError) as error:
        raise MachineError(str(error), file=str(lists[0]) if lists else None) from error
    return folder / "bin" / "python"


async def install_requirements(
    settings: FunctionSettings, cache: Path, progress: Progress, python: Python = OWN_PYTHON
) -> Path | None:
    """Return a folder with the packages of the function's requirements.txt, None where it has none.

    The file lies in the function's folder, as `sam build` wants it. Raises StartError with pip's own words
    where pip fails, naming file, function and property, and where the cache cannot be written.
    """
    with reading(str(settings.code_folder / "requirements.txt"), settings.logical_id, "CodeUri"):
        return await install_requirements_of(
            settings.code_folder, settings.logical_id, cache, progress, python
        )


async def install_requirements_of(
    folder: Path, owner: str, cache: Path, progress: Progress, python: Python = OWN_PYTHON
) -> Path | None:
    """Return a folder with the packages of a folder's requirements.txt, None where it has none.

    Raises StartError with pip's own words where pip fails, and where the cache cannot be written.
    """
    requirements = folder / "requirements.txt"

    async def build(target: Path) -> None:
        progress(f"Installing {owner}'s requirements, once: {', '.join(names)}")
        await install([requirements], target, cwd=folder, python=python.program)

    try:
        names = read_names(requirements)
        if not names:
            return None
        return await make_once(
            place(cache, "requirements", [*python.identity, *_read_all(requirements)]), build
        )
    except (PipError, OSError) as error:
        raise MachineError(str(error)) from error


def _read_all(*files: Path) -> Iterator[bytes]:
    """Yield what the files hold, and what they include."""
    seen: set[str] = set()
    for file in files:
        for included in find_includes(file, seen):
            if included.is_file():
                yield included.read_bytes()


def _copy_package(package: Path, target: Path) -> None:
    """Copy a package's modules, and compile them now: a function's process writes no bytecode."""
    shutil.copytree(package, target / package.name, ignore=shutil.ignore_patterns("__pycache__", "nodejs"))
    compileall.compile_dir(target / package.name, quiet=2)  # by another Python these are only sources
