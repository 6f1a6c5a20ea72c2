"""The terminals of someone who works through a document: one for the stage, one for everything else."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import select
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.stage_process import REPOSITORY

DEADLINE: Final = 240.0
"""Seconds for one command; the first `make start` of a clone installs packages."""
STOP_DEADLINE: Final = 60.0
POLL_INTERVAL: Final = 0.02


class TerminalError(AssertionError):
    """A command did not do what a document promises at all: it failed, hung or ended too early."""


def build_environment(folder: Path) -> dict[str, str]:
    """Return this process's environment as a reader has it: no settings of make or AWS, `aws` on the PATH.

    `folder` gets a `.curlrc`: on a terminal curl shows no progress meter above its output; in a pipe it does.
    """
    (folder / ".curlrc").write_text("no-progress-meter\n")
    foreign = ("AWS_", "MAKE", "MFLAGS", "PYTEST_", "SAM_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return kept | {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "CURL_HOME": str(folder),
        "PATH": f"{REPOSITORY / '.venv-sam' / 'bin'}:{os.environ['PATH']}",
        "SAM_CLI_TELEMETRY": "0",
    }


class Terminal:
    """A bash in the repository's root; what one command sets, the next ones have."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._bash = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],  # noqa: S607 - whichever bash the reader has
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=REPOSITORY,
            env=dict(environment),
            start_new_session=True,
        )

    def run(self, command: str) -> tuple[str, int]:
        """Return what the command prints, both streams together, and its exit status."""
        mark = secrets.token_hex(8)
        assert self._bash.stdin is not None
        self._bash.stdin.write(f"{{ {command}\n}} </dev/null\nprintf '\\n{mark} %d\\n' $?\n".encode())
        self._bash.stdin.flush()
        printed = self._read_until(re.compile(rf"\n{mark} (\d+)\n".encode()), command)
        text, status, _ = re.split(rf"\n{mark} (\d+)\n", printed)
        return text.rstrip("\n"), int(status)

    def close(self) -> None:
        """End the bash and whatever it still runs."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._bash.pid, signal.SIGKILL)
        self._bash.communicate()

    def _read_until(self, end: re.Pattern[bytes], command: str) -> str:
        assert self._bash.stdout is not None
        deadline = time.monotonic() + DEADLINE
        printed = b""
        while not end.search(printed):
            ready, _, _ = select.select([self._bash.stdout], [], [], max(0.0, deadline - time.monotonic()))
            new = os.read(self._bash.stdout.fileno(), 65536) if ready else b""
            if not new:
                raise TerminalError(f"no end after {command!r}:\n{printed.decode()}")
            printed += new
        return printed.decode()


class StageTerminal:
    """The terminal in which `make start` runs; its files keep what it prints and the stage's log."""

    def __init__(self, command: str, environment: Mapping[str, str], folder: Path) -> None:
        self._printed_file = folder / "printed.txt"
        self._log_file = folder / "log.txt"
        self._read = 0
        with self._printed_file.open("wb") as printed, self._log_file.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - a command of our own documents
                ["bash", "-c", f"exec {command}"],  # noqa: S607 - whichever bash the reader has
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=log,
                cwd=REPOSITORY,
                env=dict(environment),
                start_new_session=True,
            )

    @property
    def printed(self) -> str:
        """Everything on standard output up to now."""
        return self._printed_file.read_text(encoding="utf-8")

    def wait_until_printed(self, text: str) -> None:
        """Return when the text stands on standard output; TerminalError if it never comes."""
        deadline = time.monotonic() + DEADLINE
        while text not in self.printed:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise TerminalError(f"never printed {text!r}:\n{self.printed}{self._log_file.read_text()}")
            time.sleep(POLL_INTERVAL)

    def new_log(self) -> list[str]:
        """Return the stage's own lines on standard error since the last call, without the functions'."""
        log = self._log_file.read_text(encoding="utf-8")
        new, self._read = log[self._read :], len(log)
        return [line for line in new.splitlines() if not line.startswith("[")]

    def press_ctrl_c(self) -> None:
        """Interrupt make and all that it runs, as a terminal does, and return when make has ended."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGINT)
        try:
            self._process.wait(STOP_DEADLINE)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            raise TerminalError(f"still there {STOP_DEADLINE:g} s after Ctrl-C") from None
