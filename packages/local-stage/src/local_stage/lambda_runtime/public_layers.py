"""Layers that a template names by ARN and that AWS publishes: what of them a package index has.

https://docs.aws.amazon.com/powertools/python/latest/getting-started/install/
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from local_stage.lambda_runtime.cache_folder import make_once, place
from local_stage.lambda_runtime.function_error import FunctionUnavailableError
from local_stage.lambda_runtime.pip import PipError, install
from local_stage.lambda_runtime.requirements import Python
from local_stage.lambda_runtime.runtimes.runtime import Workspace

_POWERTOOLS: Final = re.compile(
    r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:(?:017000801446|498634801083):layer:AWSLambdaPowertoolsPython"
    r"(?P<major>V\d)?[A-Za-z0-9_-]*:(?P<number>\d+)"
)
_VERSIONS: Final[Mapping[tuple[str, int], str]] = {
    ("V3", 2): "==3.1.0",
    ("V3", 3): "==3.2.0",
    ("V3", 6): "==3.4.1",
}
"""By generation and number of the layer, as releases of Powertools name them; numbers follow no rule."""
_NEWEST: Final[Mapping[str, str]] = {"": "<2", "V2": ">=2,<3", "V3": ">=3,<4"}
_LEFT_TO_LAMBDA: Final = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "urllib3")
"""What the layer leaves to Lambda's runtime: it is built without."""


async def install_public_layer(arn: str, workspace: Workspace, python: Python) -> Path | None:
    """Return the packages of Powertools for AWS Lambda (Python), None for another layer.

    They are of the layer's version where that is known, else the newest of its generation, which the
    workspace is told. Raises FunctionUnavailableError where they cannot be installed.
    """
    match = _POWERTOOLS.fullmatch(arn)
    if match is None or (match["major"] or "") not in _NEWEST:
        return None
    generation = match["major"] or ""
    version = _VERSIONS.get((generation, int(match["number"])))
    if version is None:
        why = "is of a version not known here; the newest of its generation is taken from the package index"
        workspace.left_out.append(("Layers", f"{arn} {why}"))
    extra = "[all]" if generation else ""
    requirement = f"aws-lambda-powertools{extra}{version or _NEWEST[generation]}"

    async def build(folder: Path) -> None:
        workspace.progress(f"Installing a layer of Powertools for AWS Lambda, once: {requirement}")
        await install([requirement], folder, cwd=folder, only_wheels=True, python=python.program)
        await asyncio.to_thread(_remove_what_lambda_has, folder)

    try:
        contents = [*python.identity, requirement.encode()]
        return await make_once(place(workspace.cache_folder, "powertools", contents), build)
    except (PipError, OSError) as error:
        output = error.output if isinstance(error, PipError) else ""
        raise FunctionUnavailableError(f"it cannot be installed: {error}", detail=output) from error


def _remove_what_lambda_has(folder: Path) -> None:
    for name in _LEFT_TO_LAMBDA:
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "six.py").unlink(missing_ok=True)
