"""What every test run does."""

from __future__ import annotations

import signal

import pytest
from hypothesis import settings

from tests.figures import describe
from tests.fuzz.bounds import FACTOR

# For tests that leave the number of examples to hypothesis: `--hypothesis-profile fuzz`.
settings.register_profile("fuzz", max_examples=settings().max_examples * FACTOR, deadline=None)

# A shell that starts a command in the background has it ignore Ctrl-C, and what the tests start would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much was tried."""
    if figures := describe():
        terminalreporter.write_line(f"tried: {figures}")
