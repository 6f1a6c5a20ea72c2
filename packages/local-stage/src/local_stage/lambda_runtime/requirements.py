"""The interpreter and the packages of a Python function: installed once by pip, shared by all stages."""

from __future__ import annotations

import asyncio
import compileall
import importlib.util
import os
import re
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

_INCLUDE = re.compile(r"\s*(?:-[rc]\s*|--(?:requirement|constraint)[\s=]\s*)(\S+)")
_INSTALLING = ("--requirement", "--editable")
"""Long options that ask for something; the others, as `--hash`, say how."""
_PACKAGE = re.compile(r"\s*([A-Za-z0-9][\w.-]*)")


class PipError(Exception):
    """Pip failed, and the message is its own last error; or what it is to install cannot be read."""


async def install(
    requirements: Sequence[Path],
    target: Path,
    *,
    cwd: Path,
    only_wheels: bool = False,
    python: Path | None = None,
) -> None:
    """Install requirements files' packages into a folder; pip's own settings, as its index, apply.

    They are those for the version of `python`, which has pip, or else of the Python that runs the stage.
    With `only_wheels` nothing is built, which would run what the package brings. Raises PipError.
    """
    if not requirements:
        return
    files = [part for file in requirements for part in ("--requirement", str(file))]
    process = await asyncio.create_subprocess_exec(
        *(
            str(python or _find_pip_python()),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-input",
            "--disable-pip-version-check",
        ),
        *("--target", str(target), *(("--only-binary", ":all:") if only_wheels else ()), *files),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        cwd=cwd,
        # pip refuses --target together with the developer's own PIP_USER.
        env={**os.environ, "PIP_USER": "0"},
    )
    try:
        _, errors = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        raise PipError(_read_pip_error(errors.decode(errors="replace")))


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

    Raises PipError where the file is no text.
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
    return names


def _read_lines(requirements: Path) -> list[str]:
    try:
        text = requirements.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise PipError(f"{requirements} is not UTF-8 text")
    return text.splitlines()


def _find_pip_python() -> str:
    """Return a Python of this version that has pip: this one, or the one it was made from."""
    if importlib.util.find_spec("pip"):
        return sys.executable
    return str(Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}"))


def _read_pip_error(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    return f"pip: {([*lines[-1:], *errors] or ['failed without a word'])[-1]}"


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
