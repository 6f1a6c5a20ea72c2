"""What the function writes to stdout and stderr: the lines that Lambda sends to CloudWatch Logs."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import dataclass, field
from typing import Any, override

import pytest


class CurrentStdout(io.TextIOBase):
    """Writes to what stdout is now, where a log handler holds on to what it was when it was made."""

    @override
    def write(self, text: str) -> int:
        return sys.stdout.write(text)


@dataclass
class FunctionOutput:
    """Reads what has been written so far, as often as a test likes."""

    capsys: pytest.CaptureFixture[str]
    _text: str = field(default="", init=False)

    @property
    def text(self) -> str:
        self._text += "".join(self.capsys.readouterr())
        return self._text

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    @property
    def log_lines(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if "message" in line]

    @property
    def metrics(self) -> list[dict[str, Any]]:
        """The lines in CloudWatch's embedded metric format."""
        return [line for line in self.lines if "_aws" in line]
