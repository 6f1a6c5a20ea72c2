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

from local_stage.errors import MachineError, TemplateError, reading
from local_stage.lambda_runtime.cache_folder import make_once, place
from local_stage.lambda_runtime.code_folders import read_state
from local_stage.lambda_runtime.function_settings import Layer
from local_stage.lambda_runtime.requirements import Progress, install_requirements_of

_LEFT_OUT = shutil.ignore_patterns("__pycache__", ".git")


async def make_opt_folder(
    layers: Sequence[Layer], cache: Path, layers_folder: Path, progress: Progress
) -> Path | None:
    """Return a folder with the layers' contents, None where there are none.

    A file of a later layer takes the place of an earlier one's, as in Lambda. Contents that change get a new
    folder in `layers_folder`: what runs already keeps its own. Raises StartError, naming the layer, where
    its requirements cannot be installed or its content not be read, and where `layers_folder` cannot be
    written.
    """
    if not layers:
        return None
    packages = [await _install_packages(layer, cache, progress) for layer in layers]
    contents = [
        repr((layer, str(folder), sorted(read_state(str(layer.content_folder))))).encode()
        for layer, folder in zip(layers, packages, strict=True)
    ]

    async def build(target: Path) -> None:
        for layer, folder in zip(layers, packages, strict=True):
            await asyncio.to_thread(_add, layer, folder, target)

    try:
        return await make_once(place(layers_folder, "opt", contents), build)
    except OSError as error:
        raise MachineError(str(error), file=str(layers_folder)) from error


async def _install_packages(layer: Layer, cache: Path, progress: Progress) -> Path | None:
    if not layer.is_built:
        return None
    requirements = layer.content_folder / "requirements.txt"
    with reading(str(requirements), layer.logical_id, "ContentUri"):
        return await install_requirements_of(layer.content_folder, layer.logical_id, cache, progress)


def _add(layer: Layer, packages: Path | None, opt: Path) -> None:
    target = opt / "python" if layer.is_built else opt
    try:
        if packages is not None:
            _copy(packages, target, _link)
        _copy(layer.content_folder, target, _replace)
    except (OSError, shutil.Error) as error:
        why = f"its content cannot be put together with the other layers': {error}"
        raise TemplateError(why, resource=layer.logical_id, property_path="ContentUri") from error


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
