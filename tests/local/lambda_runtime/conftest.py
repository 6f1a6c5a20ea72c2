"""One interpreter for all functions under test, made as the stage makes it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from local_stage.lambda_runtime.requirements import make_interpreter

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder that the processes of a parallel run share."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "lambda-runtime-cache"


@pytest.fixture(scope="session")
def interpreter(cache: Path) -> Path:
    """The functions' Python, with AWS's runtime interface client."""
    return asyncio.run(make_interpreter(REPOSITORY / "requirements" / "runtime.txt", cache, print))
