"""The local AWS of a stage that is to break: which process it is, who can sign in, and how to kill it."""

from __future__ import annotations

import contextlib
import os
import signal

from tests.local.revealing_app import sign_in
from tests.processes import command_line, descendants, wait_until
from tests.stage_process import StageProcess

DIED = "The local AWS has died (SIGKILL) and is started again"
KEPT = "The local AWS runs again, with its user pool and keys"
LOST = "The local AWS runs again without its user pool and users: create them anew"


def find_local_aws(stage: StageProcess) -> int | None:
    """Return the process id of the stage's MiniStack, None while there is none."""
    found = [pid for pid in descendants(stage.pid) if "ministack_process" in command_line(pid)]
    return found[0] if found else None


def kill_local_aws(stage: StageProcess) -> None:
    """Kill MiniStack with SIGKILL, if there is one."""
    pid = find_local_aws(stage)
    assert pid is not None
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def kill_and_wait(stage: StageProcess, outcome: str = KEPT) -> None:
    """Kill MiniStack and return when the stage says that it runs again, and how."""
    before = stage.log.count(outcome)
    kill_local_aws(stage)
    wait_until(lambda: stage.log.count(outcome) > before)


def can_sign_in(stage: StageProcess, username: str) -> bool:
    """Return whether a user of the pool gets tokens. Raises ClientError where Cognito refuses."""
    return bool(sign_in(stage, username))
