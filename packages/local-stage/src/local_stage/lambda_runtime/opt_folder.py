"""What a function has in /opt: the contents of its layers, one over the other.

https://docs.aws.amazon.com/lambda/latest/dg/adding-layers.html
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_stage.lambda_runtime.builds import build_by_makefile
from local_stage.lambda_runtime.cache_folder import make_once, place
from local_stage.lambda_runtime.code_folders import read_state
from local_stage.lambda_runtime.function_error import FunctionUnavailableError
from local_stage.lambda_runtime.function_settings import Layer
from local_stage.lambda_runtime.npm import install_own
from local_stage.lambda_runtime.public_layers import install_public_layer
from local_stage.lambda_runtime.requirements import OWN_PYTHON, Python, install_requirements
from local_stage.lambda_runtime.runtimes.runtime import Workspace

_LAYERS: Final = "Layers"
_LEFT_OUT = shutil.ignore_patterns("__pycache__", ".git")


async def make_opt_folder(
    layers: Sequence[Layer], workspace: Workspace, layers_folder: Path, python: Python = OWN_PYTHON
) -> Path | None:
    """Return a folder with the layers' contents, None where there are none.

    A file of a later layer takes the place of an earlier one's, as in Lambda. Contents that change get a new
    folder in `layers_folder`: what runs already keeps its own. The packages of layers that are built are for
    `python`. A layer that cannot be had is left out, which the
    workspace is told. Raises FunctionUnavailableError where a
    layer's content cannot be read, and where `layers_folder` cannot be written.
    """
    parts = [part for layer in layers for part in await _prepare(layer, workspace, layers_folder, python)]
    if not parts:
        return None
    contents = [
        repr((part.layer, str(part.source), part.target, sorted(read_state(str(part.source))))).encode()
        for part in parts
    ]

    async def build(opt: Path) -> None:
        for part in parts:
            await asyncio.to_thread(_add, part, opt)

    try:
        return await make_once(place(layers_folder, "opt", contents), build)
    except OSError as error:
        raise FunctionUnavailableError(f"its layers cannot be put together: {error}") from error


@dataclass(frozen=True, slots=True)
class _Part:
    """A folder that a layer brings, and where in /opt it goes; what the cache has is shared, not copied."""

    layer: str
    source: Path
    target: str = ""
    is_shared: bool = False


async def _prepare(
    layer: Layer, workspace: Workspace, layers_folder: Path, python: Python
) -> Sequence[_Part]:
    """Return what a layer brings; where that cannot be had, the function does without, and it is said."""
    try:
        parts = await _find_parts(layer, workspace, layers_folder, python)
    except FunctionUnavailableError as error:
        workspace.progress(str(error))
        workspace.left_out.append((_LAYERS, f"{layer.name} is left out: {error.reason}"))
        return []
    if not parts:
        option = f"`--layer {layer.name}=FOLDER` gives it one"
        why = f"{layer.name} is not on this machine; the function runs without it, unless {option}"
        workspace.left_out.append((_LAYERS, why))
    return parts


async def _find_parts(
    layer: Layer, workspace: Workspace, layers_folder: Path, python: Python
) -> Sequence[_Part]:
    cache, progress, folder = workspace.cache_folder, workspace.progress, layer.content_folder
    if folder is None:
        packages = await install_public_layer(layer.name, workspace, python)
        return [_Part(layer.name, packages, "python", is_shared=True)] if packages else []
    if layer.method == "makefile":
        return [_Part(layer.name, await build_by_makefile(folder, layer.name, workspace, layers_folder))]
    if not layer.method:
        return [_Part(layer.name, folder)]
    if layer.method.startswith("nodejs"):
        packages = await install_own(folder, layer.name, cache, progress, is_moved=True)
        place_of_packages, place_of_own = "nodejs/node_modules", "nodejs"
    else:
        packages = await install_requirements(folder, layer.name, cache, progress, python)
        place_of_packages, place_of_own = "python", "python"
    shared = [_Part(layer.name, packages, place_of_packages, is_shared=True)] if packages else []
    return [*shared, _Part(layer.name, folder, place_of_own)]


def _add(part: _Part, opt: Path) -> None:
    try:
        _copy(part.source, opt / part.target, _link if part.is_shared else _replace)
    except (OSError, shutil.Error) as error:
        why = f"the content of {part.layer} cannot be put together with the other layers': {error}"
        raise FunctionUnavailableError(why) from error


def _copy(source: Path, target: Path, copy_file: Callable[[str, str], object]) -> None:
    shutil.copytree(
        source, target, symlinks=True, ignore=_LEFT_OUT, copy_function=copy_file, dirs_exist_ok=True
    )


def _link(source: str, target: str) -> None:
    """Share a file of the cache, which nobody changes, where the file system can."""
    _remove(target)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _replace(source: str, target: str) -> None:
    # Written into, a file of the cache that is shared would change for all.
    _remove(target)
    shutil.copy2(source, target)


def _remove(file: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(file)  # noqa: PTH108 - shutil speaks of paths as text
