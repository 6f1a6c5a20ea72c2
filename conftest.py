"""What every test run does, in one process or spread over several."""

from __future__ import annotations

import os
import signal
from typing import Any, override

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from tests import figures
from tests.fuzz.bounds import FACTOR

# For tests that leave the number of examples to hypothesis: `--hypothesis-profile fuzz`.
settings.register_profile("fuzz", max_examples=settings().max_examples * FACTOR, deadline=None)

# A shell that starts a command in the background has it ignore Ctrl-C, and so whatever the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

SHARING = (
    "tests/api/",
    "tests/deploy/",
    "packages/local-stage/tests/conformance/",
    "packages/local-stage/tests/local/hostile/",
)
"""Folders whose tests share what takes long to start: one process runs all of them, in their order."""


class SharingScheduling(LoadScopeScheduling):  # type: ignore[misc] # xdist ships no types
    """Keeps in one process the tests that share a stage: those of a file, and those of some folders."""

    @override
    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((folder for folder in SHARING if file.startswith(folder)), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Answer `--numprocesses auto`: one more than there are cores, since tests of processes wait a lot."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Spread the tests in our own way, where `--numprocesses` asks for several processes."""
    return SharingScheduling(config, log)


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
