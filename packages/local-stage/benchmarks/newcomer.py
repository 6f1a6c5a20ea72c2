"""Times the README's path from the clone to the first greeting: `make newcomer`.

It clones this repository as it is committed, and runs in the clone what the README says, on free ports:
`make start`, which installs everything, then the two commands that make a user, sign in and call the API.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Final

from benchmarks.peers import REPOSITORY
from tests.shell_blocks import read_blocks

GREETING: Final = '{"message":"Hello AWS API Gateway!","username":"alice"}'
_START: Final = ("make", "--no-print-directory", "start", "ARGS=--port 0 --aws-port 0")
_API: Final = re.compile(r"http://127\.0\.0\.1:\d+/dev")


def main() -> int:
    """Print what each step took in seconds; returns 1 if the API did not greet."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "hello-api"
        began = perf_counter()
        subprocess.run(["git", "clone", "--quiet", str(REPOSITORY), str(clone)], check=True)  # noqa: S603, S607 - as the reader does
        _say("git clone", began)
        with _started(clone) as (api, ready):
            _say("`make start` in the new clone, which installs everything", began, ready)
            last = _run(_read_commands(clone / "README.md", api), clone)
            _say("the user, the token and the first greeting", began)
        again = perf_counter()
        with _started(clone) as (_, ready):
            _say("`make start` once more", again, ready)
    return int(last != GREETING)


@contextmanager
def _started(clone: Path) -> Iterator[tuple[str, float]]:
    """Start the stage as the README does, and give the API's address and the time at which it was printed."""
    process = subprocess.Popen(  # noqa: S603 - a fixed command
        _START, cwd=clone, stdout=subprocess.PIPE, text=True, env=_environment(), start_new_session=True
    )
    try:
        for line in process.stdout or ():
            if found := _API.search(line):
                yield found[0], perf_counter()
                break
        else:
            message = "the stage ended before it printed its address"
            raise ChildProcessError(message)
    finally:
        os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does: make and the stage are told
        process.communicate()


def _read_commands(readme: Path, api: str) -> Sequence[str]:
    """Return the commands that sign in and call, without the one that has no token, for the API's address."""
    (block,) = (block for block in read_blocks(readme) if "--create" in block.text)
    (token, *_, call) = (command.text for command in block.commands)
    return token, _API.sub(api, call)


def _run(commands: Sequence[str], clone: Path) -> str:
    script = "\n".join(["set -e", 'curl() { command curl -sS "$@"; }', *commands])
    done = subprocess.run(["bash", "-c", script], cwd=clone, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603, S607 - the README's
    return done.stdout.strip()


def _environment() -> dict[str, str]:
    """Return the environment without what would keep the bytecode from being written."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _say(what: str, began: float, ended: float | None = None) -> None:
    print(f"{(ended or perf_counter()) - began:6.1f} s  {what}", flush=True)  # noqa: T201 - a program's output


if __name__ == "__main__":
    sys.exit(main())
