"""The environment that template.yaml gives the function, set before its module is imported."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.unit.hello_function.function_output import CurrentStdout, FunctionOutput

os.environ["ALLOWED_ORIGIN"] = "https://app.example.com"
os.environ["POWERTOOLS_SERVICE_NAME"] = "hello-api"

# How long an example takes depends on what else the machine does, and says nothing of the function.
settings.register_profile("unhurried", settings.default, deadline=None)
settings.load_profile("unhurried")


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> Iterator[FunctionOutput]:
    """Give everything that the function writes, log lines and metrics alike, as Lambda would collect it."""
    (handler,) = logging.getLogger("hello-api").handlers
    assert isinstance(handler, logging.StreamHandler)
    stream_at_import = handler.setStream(CurrentStdout())
    yield FunctionOutput(capsys)
    handler.setStream(stream_at_import)
