"""What a function has in /opt: the contents of its layers, one over the other.

https://docs.aws.amazon.com/lambda/latest/dg/adding-layers.html
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from local_stage.lambda_runtime.cache_folder import make_once, place
from local_stage.lambda_runtime.code_folders import read_state
from local_stage.lambda_runtime.function_error import FunctionUnavailableError
from local_stage.lambda_runtime.function_settings import Layer
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
    `python`. A layer whose packages cannot be installed is left out. Raises FunctionUnavailableError where a
    layer's content cannot be read, and where `layers_folder` cannot be written.
    """
    installed = await _install_packages(layers, workspace, python)
    if not installed:
        return None
    contents = [
        repr((layer, str(folder), sorted(read_state(str(layer.content_folder))))).encode()
        for layer, folder in installed
    ]

    async def build(target: Path) -> None:
        for layer, folder in installed:
            await asyncio.to_thread(_add, layer, folder, target)

    try:
        return await make_once(place(layers_folder, "opt", contents), build)
    except OSError as error:
        raise FunctionUnavailableError(f"its layers cannot be put together: {error}") from error


async def _install_packages(
    layers: Sequence[Layer], workspace: Workspace, python: Python
) -> list[tuple[Layer, Path | None]]:
    """Return the layers, each with the folder of its packages, None where it has none of its own."""
    installed = []
    for layer in layers:
        try:
            packages = None
            if layer.is_built:
                packages = await install_requirements(
                    layer.content_folder, layer.logical_id, workspace.cache_folder, workspace.progress, python
                )
            installed.append((layer, packages))
        except FunctionUnavailableError as error:
            workspace.progress(str(error))
            workspace.left_out.append((_LAYERS, f"{layer.logical_id} is left out: {error.reason}"))
    return installed


def _add(layer: Layer, packages: Path | None, opt: Path) -> None:
    target = opt / "python" if layer.is_built else opt
    try:
        if packages is not None:
            _copy(packages, target, _link)
        _copy(layer.content_folder, target, _replace)
    except (OSError, shutil.Error) as error:
        why = f"the content of {layer.logical_id} cannot be put together with the other layers': {error}"
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
