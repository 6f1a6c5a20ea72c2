"""The packages of a Node.js function or layer: installed once by npm, shared by all stages."""

from __future__ import annotations

import json
import shutil
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from local_stage.lambda_runtime.cache_folder import make_once, place
from local_stage.lambda_runtime.function_error import FunctionUnavailableError
from local_stage.lambda_runtime.program import ProgramError, run_program
from local_stage.lambda_runtime.requirements import Progress

_INSTALL: Final = ("install", "--quiet", "--no-audit", "--no-fund", "--omit=dev")
"""As `sam build` installs: https://github.com/aws/aws-lambda-builders, workflow nodejs_npm."""
_ASKED: Final = ("dependencies", "optionalDependencies", "overrides")
_DETAILS: Final = ("code ", "dest ", "errno ", "path ", "syscall ")
_LOCKED: Final = ("ci", "--quiet", "--no-audit", "--no-fund", "--ignore-scripts")


async def install_own(
    folder: Path, owner: str, cache: Path, progress: Progress, *, is_moved: bool = False
) -> Path | None:
    """Return the node_modules of what a folder's package.json asks for, None where it asks for nothing.

    So it is, too, where the folder has node_modules of its own. `owner` is the function or layer.
    What `is_moved` has no links to packages outside. Raises FunctionUnavailableError where npm fails or is
    not there, and where the cache cannot be written.
    """
    manifest = folder / "package.json"
    if not manifest.is_file() or (folder / "node_modules").is_dir():
        return None
    asked = _read_asked(manifest)
    if not asked.get("dependencies"):
        return None
    settings = [file for file in [folder / ".npmrc"] if file.is_file()]
    text = json.dumps(asked, sort_keys=True)

    async def build(target: Path) -> None:
        progress(f"Installing the packages of {owner}, once: {', '.join(sorted(asked['dependencies']))}")
        (target / "package.json").write_text(text)
        _copy(settings, target)
        await _run_npm((*_INSTALL, *links), target)

    links = ("--install-links",) if is_moved else ()
    contents = [text.encode(), *(link.encode() for link in links), *(file.read_bytes() for file in settings)]
    return await _make(cache, contents, build)


async def install_packages(names: Sequence[str], what: str, cache: Path, progress: Progress) -> Path:
    """Return a node_modules with the newest versions of these packages; `what` says what they are.

    Raises as `install_own`.
    """

    async def build(target: Path) -> None:
        progress(f"Installing {what}, once: {', '.join(names)}")
        (target / "package.json").write_text('{"private": true}')
        await _run_npm((*_INSTALL, *names), target)

    return await _make(cache, (name.encode() for name in names), build)


async def install_locked(lock: Path, what: str, cache: Path, progress: Progress) -> Path:
    """Return a node_modules with what a folder's package-lock.json names. Raises as `install_own`."""
    files = [lock / "package.json", lock / "package-lock.json"]

    async def build(target: Path) -> None:
        progress(f"Installing {what}, once")
        _copy(files, target)
        await _run_npm(_LOCKED, target)

    return await _make(cache, (file.read_bytes() for file in files), build)


async def _make(cache: Path, contents: Iterable[bytes], build: Callable[[Path], Awaitable[None]]) -> Path:
    try:
        return await make_once(place(cache, "node", contents), build) / "node_modules"
    except OSError as error:
        raise FunctionUnavailableError(f"its packages cannot be installed: {error}") from error


async def _run_npm(arguments: Sequence[str], target: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        why = "npm is not on the PATH, and installs the function's packages; or run `npm install` in CodeUri"
        raise FunctionUnavailableError(why)
    try:
        await run_program((npm, *arguments), target)
    except ProgramError as error:
        why = f"its packages cannot be installed: npm: {_read_npm_error(str(error))}"
        raise FunctionUnavailableError(why, detail=str(error)) from None


def _read_npm_error(output: str) -> str:
    """Return npm's first sentence: lines with the error's code and place stand before it."""
    errors = [line for line in output.splitlines() if line.startswith("npm error")]
    lines = [line.removeprefix("npm error").strip() for line in errors]
    return next((line for line in lines if line and not line.startswith(_DETAILS)), "failed without a word")


def _read_asked(manifest: Path) -> Mapping[str, Any]:
    """Return what of a package.json says which packages are installed.

    Functions that ask for the same share them. The folder's own scripts, as `prepare`, are for its sources,
    which are not where npm runs.
    """
    try:
        content = json.loads(manifest.read_bytes())
    except ValueError as error:
        raise FunctionUnavailableError(f"{manifest} is no JSON: {error}") from None
    content = content if isinstance(content, dict) else {}
    asked = {
        kind: {name: _place(manifest.parent, version) for name, version in content[kind].items()}
        for kind in _ASKED
        if isinstance(content.get(kind), dict)
    }
    return {"private": True, **asked}


def _place(folder: Path, version: Any) -> Any:
    """Return a version of a package, a folder or file as an absolute path: npm runs in another folder."""
    if isinstance(version, str) and version.startswith("file:"):
        return f"file:{(folder / version.removeprefix('file:')).resolve()}"
    return version


def _copy(files: Iterable[Path], target: Path) -> None:
    for file in files:
        shutil.copyfile(file, target / file.name)
