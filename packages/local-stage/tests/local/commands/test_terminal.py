"""Commands at a terminal, where they ask for a password."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests

from tests.local.commands.command import run_beside
from tests.stage_process import COMMAND, StageProcess

PASSWORD = "Correct-Horse-7"


@dataclass
class Asking:
    """A command that asks at a terminal for a password, and what the terminal has shown since it started."""

    process: subprocess.Popen[str]
    terminal: int
    shown: bytes = b""

    def read(self) -> None:
        """Take what the terminal shows."""
        self.shown += os.read(self.terminal, 1024)


def create(stage: StageProcess, username: str) -> None:
    assert run_beside(stage, "token", username, "--create", "--password", PASSWORD).returncode == 0


@contextmanager
def asking_for_a_password(stage: StageProcess, username: str) -> Iterator[Asking]:
    terminal, theirs = pty.openpty()
    command = [str(COMMAND), "token", username, "--state-folder", str(stage.state_folder)]
    process = subprocess.Popen(  # noqa: S603 - our own command
        command, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, start_new_session=True, text=True
    )
    os.close(theirs)
    try:
        with process:
            asking = Asking(process, terminal)
            while f"Password of {username}: ".encode() not in asking.shown:
                asking.read()
            yield asking
    finally:
        os.close(terminal)


def test_on_a_terminal_the_password_is_asked_for_and_not_shown(stage: StageProcess) -> None:
    create(stage, "hal")
    with asking_for_a_password(stage, "hal") as asking:
        os.write(asking.terminal, f"{PASSWORD}\n".encode())
        token, _ = asking.process.communicate(timeout=240)
        asking.read()
    answer = requests.get(f"{stage.api_url}/hello", headers={"Authorization": token.strip()}, timeout=30)
    assert answer.status_code == 200
    assert PASSWORD.encode() not in asking.shown


def test_a_command_that_is_interrupted_says_no_more_than_that(stage: StageProcess) -> None:
    create(stage, "ida")
    with asking_for_a_password(stage, "ida") as asking:
        asking.process.send_signal(signal.SIGINT)
        assert asking.process.wait(timeout=240) == 2
        asking.read()
    assert asking.shown.splitlines() == [b"Password of ida: ", b"local-stage: interrupted"]
