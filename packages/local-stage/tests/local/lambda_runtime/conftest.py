"""One interpreter for all functions under test, made as the stage makes it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from local_stage.lambda_runtime.requirements import make_interpreter
from local_stage.lambda_runtime.runtimes.python import RUNTIME_REQUIREMENTS
from tests.stage_process import CACHE


@pytest.fixture(scope="session")
def cache() -> Path:
    """The cache folder that this repository's stages have: what pip has installed once stays."""
    return CACHE


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
