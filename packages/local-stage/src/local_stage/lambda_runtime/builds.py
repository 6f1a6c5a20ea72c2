"""Functions whose code has to be built first: by esbuild or a makefile here, else by `sam build`.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/building-custom-runtimes.html
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from local_stage.lambda_runtime.cache_folder import make_once, place
from local_stage.lambda_runtime.code_folders import read_state
from local_stage.lambda_runtime.function_error import FunctionUnavailableError
from local_stage.lambda_runtime.function_settings import Build, FunctionSettings
from local_stage.lambda_runtime.npm import install_locked, install_own
from local_stage.lambda_runtime.program import ProgramError, run_program
from local_stage.lambda_runtime.runtimes.provided import GO
from local_stage.lambda_runtime.runtimes.runtime import Workspace

ESBUILD: Final = Path(__file__).parent / "locks" / "esbuild"
"""The lock of the esbuild that builds where neither the function nor the PATH has one."""

_NOT_COPIED: Final = shutil.ignore_patterns(".aws-sam", ".git")
_NOT_FOR_ESBUILD: Final = frozenset({"EntryPoints", "UseNpmCi"})
_ALWAYS: Final[Mapping[str, Any]] = {"Target": "es2020", "Format": "cjs", "Minify": True}
"""What `sam build` gives esbuild unless the template says otherwise."""
_ERROR: Final = re.compile("error|not found", re.IGNORECASE)
_HERE: Final = ("python", "nodejs")
"""Beginnings of the build methods that only install packages, as is done here anyway."""


class _UnbuiltError(FunctionUnavailableError):
    """Only `sam build` can build it."""


async def build_function(
    settings: FunctionSettings, workspace: Workspace, builds_folder: Path
) -> FunctionSettings:
    """Return the settings with the folder of what was built, the same where nothing has to be.

    What was built of the same source before is in `builds_folder`. What cannot be built here is taken from
    `.aws-sam/build`, where it is newer than the source. Raises FunctionUnavailableError where it is not.
    """
    build = settings.build
    if build is None or _is_ready(settings, build):
        return settings
    try:
        folder = await _build(settings, build, workspace, builds_folder)
    except FunctionUnavailableError as error:
        folder = await asyncio.to_thread(_find_sam_build, settings, build.sam_folder, error)
    return replace(settings, code_folder=folder)


def take_sam_build(settings: FunctionSettings) -> FunctionSettings:
    """Give a function whose source is not here what `sam build` has made of it, if it has."""
    if not settings.unavailable or settings.build is None or not settings.build.sam_folder.is_dir():
        return settings
    return replace(settings, unavailable="", code_folder=settings.build.sam_folder)


async def _build(settings: FunctionSettings, build: Build, workspace: Workspace, builds_folder: Path) -> Path:
    source, name = settings.source_folder, settings.logical_id
    if build.method == "esbuild":
        return await _build_by_esbuild(settings, build.properties, workspace, builds_folder)
    if build.method == "makefile":
        return await build_by_makefile(source, name, workspace, builds_folder)
    raise _UnbuiltError(f"its code has to be built{f' by {build.method}' if build.method else ''}")


async def build_by_makefile(source: Path, name: str, workspace: Workspace, builds_folder: Path) -> Path:
    """Return the folder of what `make build-<name>` makes of a copy of the source, as `sam build` does it.

    Raises FunctionUnavailableError where it fails, with all that it said.
    """
    make = shutil.which("make") or ""
    if not make:
        raise FunctionUnavailableError("make is not on the PATH, and its makefile builds the code")

    async def build(target: Path) -> None:
        workspace.progress(f"Building {name}: make build-{name}")
        scratch = target.with_name(f"{target.name}-source")
        try:
            await asyncio.to_thread(shutil.copytree, source, scratch, symlinks=True, ignore=_NOT_COPIED)
            await run_program((make, f"build-{name}"), scratch, {"ARTIFACTS_DIR": str(target)})
        finally:
            await asyncio.to_thread(shutil.rmtree, scratch, ignore_errors=True)

    return await _make(source, (name,), builds_folder, build, f"make build-{name}")


async def _build_by_esbuild(
    settings: FunctionSettings, properties: Mapping[str, Any], workspace: Workspace, builds_folder: Path
) -> Path:
    source = settings.source_folder
    package = _find_package(settings)
    modules = await install_own(package, settings.logical_id, workspace.cache_folder, workspace.progress)
    esbuild = await _find_esbuild([package / "node_modules", *([modules] if modules else [])], workspace)
    options = tuple(_list_esbuild_arguments(source, properties))

    async def run(target: Path) -> None:
        workspace.progress(f"Building {settings.logical_id} by esbuild")
        variables = {"NODE_PATH": str(modules)} if modules else {}
        await run_program((esbuild, *options, f"--outdir={target}"), source, variables)

    return await _make(source, (esbuild, str(modules), *options), builds_folder, run, "esbuild")


def _find_package(settings: FunctionSettings) -> Path:
    """Return the nearest folder with a package.json: the source's own, or one up to the template's folder."""
    source = settings.source_folder
    template_folder = settings.build.sam_folder.parents[2] if settings.build else source
    above = [folder for folder in source.parents if folder.is_relative_to(template_folder)]
    return next((folder for folder in (source, *above) if (folder / "package.json").is_file()), source)


async def _find_esbuild(modules: list[Path], workspace: Workspace) -> str:
    """Return the function's own esbuild, else that of the PATH, else one that is locked here."""
    for folder in modules:
        if os.access(program := folder / ".bin" / "esbuild", os.X_OK):
            return str(program)
    if found := shutil.which("esbuild"):
        return found
    own = await install_locked(ESBUILD, "esbuild", workspace.cache_folder, workspace.progress)
    # The program itself: without its install script the package starts it by way of Node.js.
    return str(next(own.glob("@esbuild/*/bin/esbuild"), own / ".bin" / "esbuild"))


def _list_esbuild_arguments(source: Path, properties: Mapping[str, Any]) -> Iterator[str]:
    """Yield esbuild's arguments as `sam build` gives them.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-using-build-typescript.html
    """
    entries = properties.get("EntryPoints")
    if not isinstance(entries, list) or not entries:
        raise FunctionUnavailableError("Metadata.BuildProperties.EntryPoints has to name what esbuild builds")
    yield from (_find_entry(source, str(entry)) for entry in entries)
    yield from ("--bundle", "--platform=node")
    for name, value in {**_ALWAYS, **properties}.items():
        if name in _NOT_FOR_ESBUILD:
            continue
        option = "--" + re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
        if isinstance(value, list):
            yield from (f"{option}:{item}" for item in value)
        elif isinstance(value, bool):
            yield from ((option,) if value else ())
        else:
            yield f"{option}={value}"


def _find_entry(source: Path, entry: str) -> str:
    found = next((name for name in (entry, f"{entry}.ts", f"{entry}.js") if (source / name).is_file()), None)
    if found is None:
        raise FunctionUnavailableError(
            f"Metadata.BuildProperties.EntryPoints names {entry}, which is not there"
        )
    return found


async def _make(source: Path, contents: tuple[str, ...], builds_folder: Path, build: Any, what: str) -> Path:
    state = await asyncio.to_thread(lambda: sorted(read_state(str(source))))
    try:
        return await make_once(place(builds_folder, "build", [repr((contents, state)).encode()]), build)
    except (OSError, shutil.Error) as error:
        raise FunctionUnavailableError(f"it cannot be built: {what}: {error}") from error
    except ProgramError as error:
        said = str(error)
        first = next(filter(_ERROR.search, said.splitlines()), said[:200]).strip()
        raise FunctionUnavailableError(f"it cannot be built: {what}: {first}", detail=said) from None


def _is_ready(settings: FunctionSettings, build: Build) -> bool:
    """Say whether a runtime can run what is in the folder, or only what is built of it."""
    folder = settings.source_folder
    if build.method == "makefile" and settings.runtime.startswith(_HERE):
        # What only copies files and adds packages has nothing to do here, at a start or at each save.
        return _has_module(settings)
    if build.method:
        return build.method.startswith(_HERE)
    if settings.runtime.startswith(("provided", "go")):
        return (folder / (settings.handler if settings.runtime == GO else "bootstrap")).exists()
    if settings.runtime.startswith("nodejs"):
        path, _, name = settings.handler.rpartition("/")
        written = folder / path / f"{name.partition('.')[0]}.ts"
        return _has_module(settings) or not (written.is_file() or (folder / "tsconfig.json").is_file())
    return True


def _has_module(settings: FunctionSettings) -> bool:
    """Say whether the source has the handler's module as its language loads it."""
    path, _, name = settings.handler.rpartition("/")
    if settings.runtime.startswith("nodejs"):
        module = settings.source_folder / path / name.partition(".")[0]
        ends: tuple[str, ...] = ("", ".js", ".mjs", ".cjs")
    else:
        module = settings.source_folder / path / name.rpartition(".")[0].replace(".", "/")
        ends = (".py", "/__init__.py")
    return any(Path(f"{module}{end}").is_file() for end in ends)


def _find_sam_build(settings: FunctionSettings, built: Path, error: FunctionUnavailableError) -> Path:
    """Return the folder that `sam build` made of this source; raise the error where there is none."""
    if not built.is_dir():
        if isinstance(error, _UnbuiltError):
            raise FunctionUnavailableError(f"{error.reason}; run `sam build` first")
        raise error
    newest = max((state[3] for state in read_state(str(settings.source_folder))), default=0)
    if built.stat().st_mtime_ns < newest:
        why = f"{error.reason}, and {built} is older than the source; run `sam build` again"
        raise FunctionUnavailableError(why, detail=error.detail)
    return built
