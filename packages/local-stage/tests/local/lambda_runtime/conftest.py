"""One interpreter for all functions under test, made as the stage makes it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from local_stage.lambda_runtime.requirements import make_interpreter
from local_stage.lambda_runtime.runtimes.python import RUNTIME_REQUIREMENTS


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder that the processes of a parallel run share."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "lambda-runtime-cache"


@pytest.fixture(scope="session", params=["aws"])
def interpreter(request: pytest.FixtureRequest, cache: Path) -> Path:
    """The functions' Python: `aws` with AWS's runtime interface client, `portable` without it.

    Tests for which it matters who runs the handler are parametrised over both.
    """
    return make_interpreter_for(request.param, cache)


def make_interpreter_for(client: str, cache: Path) -> Path:
    """Return an interpreter with AWS's client (`aws`), or one in which nothing is installed (`portable`)."""
    requirements = RUNTIME_REQUIREMENTS
    if client == "portable":
        cache.mkdir(parents=True, exist_ok=True)
        requirements = cache / "nothing.txt"
        requirements.touch()
    return asyncio.run(make_interpreter([requirements], cache, print))
