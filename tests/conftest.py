"""What every test run does."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.figures import describe
from tests.fuzz.bounds import FACTOR

# For tests that leave the number of examples to hypothesis: `--hypothesis-profile fuzz`.
settings.register_profile("fuzz", max_examples=settings().max_examples * FACTOR, deadline=None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much was tried."""
    if figures := describe():
        terminalreporter.write_line(f"tried: {figures}")
