"""The interpreter and the packages of a function: made once, kept in a cache folder, shared by all stages."""

from __future__ import annotations

import asyncio
import compileall
import shutil
import sys
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

from local_stage.errors import MachineError, reading
from local_stage.lambda_runtime.cache_folder import make_once, place
from local_stage.lambda_runtime.function_settings import FunctionSettings
from local_stage.lambda_runtime.pip import PipError, find_includes, install, read_names

Progress = Callable[[str], None]
"""Takes a line that says what takes its time."""

_PYTHON_FOLDER = Path("lib", f"python{sys.version_info.major}.{sys.version_info.minor}", "site-packages")

_RUNTIME_PACKAGE = Path(__file__).parents[2] / "local_stage_runtime"
"""What every function's process is started with; it goes into the interpreter, where the stage is not."""


async def make_interpreter(runtime_requirements: Path, cache: Path, progress: Progress, *more: Path) -> Path:
    """Return a Python that has what starts a function, and none of the developer's packages.

    `runtime_requirements` is the locked list of what is installed into it, an absolute path: AWS's runtime
    interface client, where there is one for this platform; `more` are further such lists. Raises StartError
    where a list is missing, pip fails, or the cache cannot be written.
    """
    for file in (runtime_requirements, *more):
        if not file.is_file():
            raise MachineError("is missing; install local-stage again", file=str(file))

    async def build(folder: Path) -> None:
        progress("Making the functions' interpreter, once")
        builder = venv.EnvBuilder(symlinks=True, with_pip=False)
        await asyncio.to_thread(builder.create, folder)
        await install(lists, folder / _PYTHON_FOLDER, cwd=folder, only_wheels=True)
        await asyncio.to_thread(_copy_package, _RUNTIME_PACKAGE, folder / _PYTHON_FOLDER)

    try:
        lists = [file for file in (runtime_requirements, *more) if read_names(file)]
        package = sorted(_RUNTIME_PACKAGE.glob("*.py"))
        folder = await make_once(place(cache, "runtime", _read_all(*lists, *package)), build)
    except (PipError, OSError) as error:
        raise MachineError(str(error), file=str(runtime_requirements)) from error
    return folder / "bin" / "python"


async def install_requirements(settings: FunctionSettings, cache: Path, progress: Progress) -> Path | None:
    """Return a folder with the packages of the function's requirements.txt, None where it has none.

    The file lies in the function's folder, as `sam build` wants it. Raises StartError with pip's own words
    where pip fails, naming file, function and property, and where the cache cannot be written.
    """
    with reading(str(settings.code_folder / "requirements.txt"), settings.logical_id, "CodeUri"):
        return await install_requirements_of(settings.code_folder, settings.logical_id, cache, progress)


async def install_requirements_of(folder: Path, owner: str, cache: Path, progress: Progress) -> Path | None:
    """Return a folder with the packages of a folder's requirements.txt, None where it has none.

    Raises StartError with pip's own words where pip fails, and where the cache cannot be written.
    """
    requirements = folder / "requirements.txt"

    async def build(target: Path) -> None:
        progress(f"Installing {owner}'s requirements, once: {', '.join(names)}")
        await install([requirements], target, cwd=folder)

    try:
        names = read_names(requirements)
        if not names:
            return None
        return await make_once(place(cache, "requirements", _read_all(requirements)), build)
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
    shutil.copytree(package, target / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    compileall.compile_dir(target / package.name, quiet=2)
