"""The interpreter and the packages of a Python function: installed once by pip, shared by all stages."""

from __future__ import annotations

import asyncio
import compileall
import functools
import os
import re
import shutil
import sys
import venv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_stage.lambda_runtime.cache_folder import make_once, place
from local_stage.lambda_runtime.function_error import FunctionUnavailableError
from local_stage.lambda_runtime.pip import PipError, install, name_files

_INCLUDE = re.compile(r"\s*(?:-[rc]\s*|--(?:requirement|constraint)[\s=]\s*)(\S+)")
_INSTALLING = ("--requirement", "--editable")
"""Long options that ask for something; the others, as `--hash`, say how."""
_PACKAGE = re.compile(r"\s*([A-Za-z0-9][\w.-]*)")


def find_includes(requirements: Path, seen: set[str]) -> Iterator[Path]:
    """Yield a requirements file and those it names by -r or -c, each once, also where it is not there.

    `seen` are the real paths of those that were yielded. Raises PipError for no text, OSError.
    """
    if (real_path := os.path.realpath(requirements)) in seen:
        return
    seen.add(real_path)
    yield requirements
    if requirements.is_file():
        for line in _read_lines(requirements):
            if match := _INCLUDE.match(line):
                yield from find_includes(requirements.parent / match[1], seen)


def read_names(requirements: Path) -> list[str]:
    """Return what a requirements file asks for: packages by name, else the option or path as it stands.

    Each comes once, for however many versions of Python the file has it. Raises PipError where the file is no
    text.
    """
    if not requirements.is_file():
        return []
    names = []
    for line in _read_lines(requirements):
        text = line.split("#")[0].strip()
        is_other_option = text.startswith("--") and not text.startswith(_INSTALLING)
        if text and not line[0].isspace() and not is_other_option:
            match = _PACKAGE.match(text)
            names.append(match[1] if match else text)
    return list(dict.fromkeys(names))


def _read_lines(requirements: Path) -> list[str]:
    try:
        text = requirements.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise PipError(f"{requirements} is not UTF-8 text")
    return text.splitlines()


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
    where there is one for this platform. Raises FunctionUnavailableError where a list is missing, pip fails,
    or the cache cannot be written.
    """

    async def build(folder: Path) -> None:
        progress(f"Making the functions' interpreter, once: Python {'.'.join(map(str, python.version))}")
        await python.make_environment(folder)
        packages = folder / python.packages_folder
        await install(name_files(named), packages, cwd=folder, only_wheels=True, python=python.program)
        await asyncio.to_thread(_copy_package, _RUNTIME_PACKAGE, packages)

    with _installing("the functions' interpreter cannot be made"):
        _check(lists)
        named = [file for file in lists if read_names(file)]
        contents = [*python.identity, *_read_all(*named), *_read_runtime_package()]
        folder = await make_once(place(cache, "runtime", contents), build)
    return folder / "bin" / "python"


async def install_libraries(lock: Path, cache: Path, progress: Progress, python: Python = OWN_PYTHON) -> Path:
    """Return a folder with the libraries that Lambda's runtime brings along, as the locked list has them.

    Raises FunctionUnavailableError where pip fails, and where the cache cannot be written.
    """

    async def build(folder: Path) -> None:
        version = ".".join(map(str, python.version))
        progress(f"Installing what Lambda has for Python {version}, once: {', '.join(read_names(lock))}")
        await install(name_files([lock]), folder, cwd=folder, only_wheels=True, python=python.program)

    with _installing("what Lambda's runtime brings along cannot be installed"):
        _check([lock])
        return await make_once(place(cache, "libraries", [*python.identity, *_read_all(lock)]), build)


async def install_requirements(
    folder: Path, owner: str, cache: Path, progress: Progress, python: Python = OWN_PYTHON
) -> Path | None:
    """Return a folder with the packages of a folder's requirements.txt, None where it has none.

    The file lies in the folder of the function or layer, as `sam build` wants it, which `owner` is. Raises
    FunctionUnavailableError with pip's own words where pip fails, and where the cache cannot be written.
    """
    requirements = folder / "requirements.txt"

    async def build(target: Path) -> None:
        progress(f"Installing {owner}'s requirements, once: {', '.join(names)}")
        await install(name_files([requirements]), target, cwd=folder, python=python.program)

    with _installing(f"what {requirements} asks for cannot be installed"):
        names = read_names(requirements)
        if not names:
            return None
        contents = [*python.identity, *_read_all(requirements)]
        return await make_once(place(cache, "requirements", contents), build)


@contextmanager
def _installing(what: str) -> Iterator[None]:
    """Say of a failure what could not be done, with all that pip said."""
    try:
        yield
    except (PipError, OSError) as error:
        output = error.output if isinstance(error, PipError) else ""
        raise FunctionUnavailableError(f"{what}: {error}", detail=output) from error


def _check(lists: Sequence[Path]) -> None:
    for file in lists:
        if not file.is_file():
            raise PipError(f"{file} is missing; install local-stage again")


def _read_all(*files: Path) -> Iterator[bytes]:
    """Yield what the files hold, and what they include."""
    seen: set[str] = set()
    for file in files:
        for included in find_includes(file, seen):
            if included.is_file():
                yield included.read_bytes()


@functools.cache
def _read_runtime_package() -> Sequence[bytes]:
    """Return what its modules hold, which do not change while the stage runs: each function asks for it."""
    return [module.read_bytes() for module in sorted(_RUNTIME_PACKAGE.glob("*.py"))]


def _copy_package(package: Path, target: Path) -> None:
    """Copy a package's modules, and compile them now: a function's process writes no bytecode."""
    shutil.copytree(package, target / package.name, ignore=shutil.ignore_patterns("__pycache__", "nodejs"))
    compileall.compile_dir(target / package.name, quiet=2)  # by another Python these are only sources
