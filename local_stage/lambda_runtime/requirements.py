"""The interpreter and the packages of a function: made once, kept in a cache folder, shared by all stages."""

from __future__ import annotations

import asyncio
import compileall
import hashlib
import importlib.util
import os
import re
import shutil
import sys
import sysconfig
import tempfile
import venv
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

from local_stage.errors import StartError
from local_stage.lambda_runtime.function_settings import FunctionSettings

Progress = Callable[[str], None]
"""Takes a line that says what takes its time."""

_INCLUDE = re.compile(r"\s*(?:-r|--requirement|-c|--constraint)[\s=]\s*(\S+)")
_PACKAGE = re.compile(r"\s*([A-Za-z0-9][\w.-]*)")
_PYTHON_FOLDER = Path("lib", f"python{sys.version_info.major}.{sys.version_info.minor}", "site-packages")


_RUNTIME_PACKAGE = Path(__file__).parents[2] / "local_stage_runtime"
"""What every function's process is started with; it goes into the interpreter, where the stage is not."""


async def make_interpreter(runtime_requirements: Path, cache: Path, progress: Progress, *more: Path) -> Path:
    """Return a Python that has what starts a function, and none of the developer's packages.

    `runtime_requirements` is the locked list of what is installed into it, an absolute path: AWS's runtime
    interface client, where there is one for this platform; `more` are further such lists. Raises StartError
    where pip fails or the cache cannot be written.
    """
    lists = [file for file in (runtime_requirements, *more) if _read_names(file)]

    async def build(folder: Path) -> None:
        progress("Making the functions' interpreter, once")
        builder = venv.EnvBuilder(symlinks=True, with_pip=False)
        await asyncio.to_thread(builder.create, folder)
        await _install(lists, folder / _PYTHON_FOLDER, cwd=folder)
        await asyncio.to_thread(_copy_package, _RUNTIME_PACKAGE, folder / _PYTHON_FOLDER)

    try:
        package = sorted(_RUNTIME_PACKAGE.glob("*.py"))
        folder = await _make_once(_place(cache, "runtime", *lists, *package), build)
    except (PipError, OSError) as error:
        raise StartError(str(error), file=str(runtime_requirements)) from error
    return folder / "bin" / "python"


async def install_requirements(settings: FunctionSettings, cache: Path, progress: Progress) -> Path | None:
    """Return a folder with the packages of the function's requirements.txt, None where it has none.

    The file lies in the function's folder, as `sam build` wants it. Raises StartError with pip's own words
    where pip fails, naming file, function and property, and where the cache cannot be written.
    """
    requirements = settings.code_folder / "requirements.txt"
    names = _read_names(requirements)
    if not names:
        return None

    async def build(folder: Path) -> None:
        progress(f"Installing {settings.logical_id}'s requirements, once: {', '.join(names)}")
        await _install([requirements], folder, cwd=settings.code_folder)

    try:
        return await _make_once(_place(cache, "requirements", requirements), build)
    except (PipError, OSError) as error:
        raise StartError(
            str(error), file=str(requirements), resource=settings.logical_id, property_path="CodeUri"
        ) from error


class PipError(Exception):
    """Pip failed; the message is its own last error."""


async def _make_once(folder: Path, build: Callable[[Path], Awaitable[None]]) -> Path:
    """Build a folder beside its place and move it there when complete, so that it is there whole or not.

    Two stages that build it at the same time both succeed: the first to finish keeps its own.
    """
    building = _begin(folder)
    if building is not None:
        try:
            await build(building)
            _move(building, folder)
        finally:
            shutil.rmtree(building, ignore_errors=True)
    return folder


def _begin(folder: Path) -> Path | None:
    if folder.is_dir():
        return None
    folder.parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))


def _move(building: Path, folder: Path) -> None:
    building.chmod(0o755)
    try:
        building.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise


async def _install(requirements: Sequence[Path], target: Path, *, cwd: Path) -> None:
    """Install requirements files' packages into a folder; pip's own settings, as its index, apply."""
    if not requirements:
        return
    files = [part for file in requirements for part in ("--requirement", str(file))]
    process = await asyncio.create_subprocess_exec(
        *(_find_pip_python(), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"),
        *("--target", str(target), *files),
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


def _copy_package(package: Path, target: Path) -> None:
    """Copy a package's modules, and compile them now: a function's process writes no bytecode."""
    shutil.copytree(package, target / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    compileall.compile_dir(target / package.name, quiet=2)


def _find_pip_python() -> str:
    """Return a Python of this version that has pip: this one, or the one it was made from."""
    if importlib.util.find_spec("pip"):
        return sys.executable
    return str(Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}"))


def _read_pip_error(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    return f"pip: {([*lines[-1:], *errors] or ['failed without a word'])[-1]}"


def _place(cache: Path, kind: str, *files: Path) -> Path:
    """Return a folder whose name changes with the files, requirements they include, and the interpreter."""
    digest = hashlib.sha256(f"{sys.version} {sysconfig.get_platform()} {sys.base_prefix}".encode())
    seen: set[Path] = set()
    for file in files:
        for included in _find_includes(file, seen):
            digest.update(b"\0" + included.read_bytes())
    return cache.absolute() / f"{kind}-{digest.hexdigest()[:16]}"


def _find_includes(requirements: Path, seen: set[Path]) -> Iterator[Path]:
    """Yield a requirements file and those it names by -r or -c, each once."""
    if requirements in seen or not requirements.is_file():
        return
    seen.add(requirements)
    yield requirements
    for line in requirements.read_text(encoding="utf-8").splitlines():
        if match := _INCLUDE.match(line):
            yield from _find_includes(requirements.parent / match[1], seen)


def _read_names(requirements: Path) -> list[str]:
    """Return what a requirements file asks for: packages by name, else the option or path as it stands."""
    if not requirements.is_file():
        return []
    names = []
    for line in requirements.read_text(encoding="utf-8").splitlines():
        text = line.split("#")[0].strip()
        if text and not line[0].isspace() and not text.startswith("--"):
            match = _PACKAGE.match(text)
            names.append(match[1] if match else text)
    return names
