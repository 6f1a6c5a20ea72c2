"""Runs MiniStack behind a guard, saves its state, and ends it as soon as the process that started it is gone.

Its parent holds the other end of this process's standard input; when that closes, for whatever reason, this
process sends itself the signal that MiniStack takes for a request to stop. Thus even a killed stage leaves
neither an orphan nor lost users. Its standard output tells the parent whether the files are complete.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import cast

import botocore.session  # noqa: F401 - MiniStack needs it for its first response, and the stage waits for that
from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.typing import ASGIFramework
from hypercorn.utils import LifespanFailureError
from ministack.app import app
from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

from local_stage.cloudformation.api_front import ApiFront
from local_stage.cloudformation.browser_guard import Application, BrowserGuard
from local_stage.cloudformation.function_forwarder import INVOCATIONS_URL, forward_functions
from local_stage.cloudformation.ministack_state import MinistackState, SavedMark, find_damage
from local_stage.cloudformation.pool_front.carried_settings import carry_in_stacks
from local_stage.cloudformation.pool_front.front import PoolFront
from local_stage.cloudformation.pool_front.front_state import FrontState
from local_stage.cloudformation.pool_front.local_pools import LocalPools
from local_stage.cloudformation.pool_front.pool_factors import keep_factors_in_stacks
from local_stage.cloudformation.pool_front.triggers.guard import Triggers
from local_stage.cloudformation.pool_front.triggers.issued_changes import FILE, IssuedChanges
from local_stage.cloudformation.pool_front.user_factors import UserFactors
from local_stage.cloudformation.signing_callers import CALLERS_SECRET, CallersFront
from local_stage.cloudformation.stack_front import StackFront
from local_stage.cloudformation.state_saver import StateReport, StateSaver
from local_stage.state import CONTROL_PLANE, INVOCATIONS

KEEP_ALIVE = 75.0
"""Seconds that a connection may be idle, as MiniStack's own command has it."""

NO_FORWARDING = "this version of MiniStack cannot hand functions to the stage; install the pinned one"

NO_CARRYING = (
    "this version of MiniStack cannot keep the settings of a stack's user pools; install the pinned one"
)

LOCK = "lock"
"""The file in the state's folder that the process which writes there has locked."""


def _stop_when_the_parent_is_gone(main_thread: int) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    signal.pthread_kill(main_thread, signal.SIGTERM)


def _reserve_standard_output() -> Callable[[StateReport], None]:
    """Return a function that reports to the parent; everything else that is printed is written to the log."""
    descriptor = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    os.set_blocking(descriptor, False)

    def report(state: StateReport) -> None:
        with contextlib.suppress(OSError):  # the parent is gone, or has stopped reading
            os.write(descriptor, state.to_line())

    return report


def _tell(report: Callable[[StateReport], None], text: str) -> None:
    report(StateReport(is_saved=True, notice=text))


def main() -> int:
    """Run MiniStack until standard input ends or SIGTERM comes.

    Returns 1 where it cannot listen or cannot read its state.
    """
    report = _reserve_standard_output()
    watcher = threading.Thread(
        target=_stop_when_the_parent_is_gone, args=(threading.main_thread().ident,), daemon=True
    )
    watcher.start()
    with _wait_for_the_state() as folder:
        if damage := find_damage(folder):
            report(StateReport(is_saved=False, problem=damage))
            return 1
        if not (carry_in_stacks(provisioners) and keep_factors_in_stacks(provisioners)):
            report(StateReport(is_saved=False, problem=NO_CARRYING))
            return 1
        mark = SavedMark(folder)
        if mark.take_loss():
            report(StateReport(is_saved=True, has_lost=True))
        invocations_url = os.environ.pop(INVOCATIONS_URL, "")
        secret, account_id = os.environ.pop(CALLERS_SECRET, ""), os.environ["MINISTACK_ACCOUNT_ID"]
        saver = StateSaver(app, MinistackState(mark), report)
        pools = LocalPools(saver, app, os.environ["MINISTACK_REGION"])
        state = FrontState(folder)
        changes = IssuedChanges(folder.parent / FILE)
        triggers = Triggers(pools, UserFactors(pools, state), invocations_url, changes)
        if invocations_url and not forward_functions(lambda_svc, triggers.invoke):
            report(StateReport(is_saved=False, problem=NO_FORWARDING))
            return 1
        stage_url = invocations_url and invocations_url.removesuffix(INVOCATIONS) + CONTROL_PLANE
        pool_front = PoolFront(saver, pools, triggers, state, partial(_tell, report))
        front = CallersFront(pool_front, secret, account_id)
        return _serve(StackFront(ApiFront(front, stage_url)))


@contextlib.contextmanager
def _wait_for_the_state() -> Iterator[Path]:
    """Yield the state's folder when no other process writes there, such as a killed stage's MiniStack."""
    folder = Path(os.environ["STATE_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stderr.write("waiting for an earlier MiniStack that still saves its state\n")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def _serve(front: Application) -> int:
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    config = Config()
    config.bind = [f"{os.environ['BIND_HOST']}:{os.environ['GATEWAY_PORT']}"]
    config.keep_alive_timeout = KEEP_ALIVE
    config.loglevel = os.environ["LOG_LEVEL"]
    guarded = cast("ASGIFramework", BrowserGuard(front))
    try:
        asyncio.run(serve(guarded, config))
    except LifespanFailureError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{config.bind[0]} is already in use, or cannot be listened to: {error.strerror}\n")
        return 1
    return 0
