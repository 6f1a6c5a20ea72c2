"""What every test run does."""

from __future__ import annotations

import pytest

from tests.figures import describe


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much was tried."""
    if figures := describe():
        terminalreporter.write_line(f"tried: {figures}")
