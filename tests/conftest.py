"""What every test run does, in one process or spread over several."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests import figures
from tests.fuzz.bounds import FACTOR

# For tests that leave the number of examples to hypothesis: `--hypothesis-profile fuzz`.
settings.register_profile("fuzz", max_examples=settings().max_examples * FACTOR, deadline=None)

# A shell that starts a command in the background has it ignore Ctrl-C, and so whatever the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

SHARING = ("api", "conformance", "deploy", "local/hostile")
"""Folders whose tests share what takes long to start: one process runs all of them, in their order."""


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Keep in one process what shares a stage: the tests of a file, and those of some folders."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_find_group(item.path.relative_to(Path(__file__).parent))))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that reports what this one has counted, where they are not the same."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["figures"] = figures.dump()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what another process has counted; one that has crashed has told nothing."""
    figures.add(getattr(node, "workeroutput", {}).get("figures", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much was tried."""
    if described := figures.describe():
        terminalreporter.write_line(f"tried: {described}")


def _find_group(file: Path) -> str:
    return next((folder for folder in SHARING if file.is_relative_to(folder)), str(file))
