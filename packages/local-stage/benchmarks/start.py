"""From the command to the first authorized response, and from a save to the first new one."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from benchmarks.callers import sign_in
from benchmarks.effort import Effort
from benchmarks.figure import Goal, Measurement, Samples
from benchmarks.peers import GREETING, LOCAL_STACK, REPOSITORY, STAGE, find_free_port, local_stage
from benchmarks.processes import read_memory, read_tree_cpu
from local_stage.testing.stage_process import StageProcess

TITLE: Final = "Start"
COMMAND: Final = "command to first authorized response"
CPU: Final = "CPU of all processes until then"
MEMORY: Final = "memory of all processes then"
SAVE: Final = "save to first new response"
DEADLINE: Final = 60.0

_METHOD: Final = """\
The function's requirements are installed. The users of an earlier start are there, one of them with
a token that is still good. The clock runs from the start of the command until that user has the
greeting, and from the moment when `hello_function/app.py` has been replaced until a response has the
new greeting. What looks whether the stage is up looks every 20 ms. How long an earlier commit takes
stands under its own heading."""

type Serve = Callable[..., AbstractContextManager[StageProcess]]
"""Runs a stage, with further options."""


def measure(folder: Path, effort: Effort) -> Measurement:
    """Start so many times, and save so many times in the last stage that was started."""
    sources = Path(shutil.copytree(REPOSITORY / "hello_function", folder / "hello_function"))
    shutil.copytree(REPOSITORY / "operations", folder / "operations")
    template = shutil.copyfile(REPOSITORY / "template.yaml", folder / "template.yaml")
    options = ("--template", str(template))
    samples = Samples()
    with local_stage(folder / "stage", *options) as stage:
        caller = Caller(f"{stage.api_url}/hello", sign_in(LOCAL_STACK, stage.aws_endpoint_url))
        for number in range(effort.starts):
            samples.add(STAGE, SAVE, "s", time_save(caller, sources / "app.py", number))
    start_in_turns(samples, {STAGE: partial(local_stage, folder / "stage", *options)}, effort)
    figures = samples.figures()
    save = Measurement(TITLE, _METHOD, figures).find(STAGE, SAVE)
    goal = Goal(SAVE, save.median if save else None, at_most=0.4, unit="s")
    return Measurement(TITLE, _METHOD, figures, [goal])


def start_in_turns(
    samples: Samples, serves: Mapping[str, Serve], effort: Effort, path: str = "/hello"
) -> None:
    """Start each stage anew, in turns, as often as the effort says; on the path its user is greeted."""
    starts = {name: Starts(serve, path) for name, serve in serves.items()}
    for _ in range(effort.starts):
        for name, one in starts.items():
            one.measure(samples, name)


class Starts:
    """Starts a stage again and again, with the users of the first start and the token of one of them.

    The port stays the same, so that the token stays good.
    """

    def __init__(self, serve: Serve, path: str) -> None:
        self._serve = partial(serve, "--port", str(find_free_port()))
        with self._serve() as stage:
            authorization = sign_in(LOCAL_STACK, stage.aws_endpoint_url)
            self._caller = Caller(f"{stage.api_url}{path}", authorization)

    def measure(self, samples: Samples, subject: str) -> None:
        """Start once: how long until that user is greeted, and what CPU and memory that has taken."""
        began = time.perf_counter()
        with self._serve() as stage:
            self._caller.wait_for(b"Hello")
            samples.add(subject, COMMAND, "s", time.perf_counter() - began)
            samples.add(subject, CPU, "s", read_tree_cpu(stage.pid))
            samples.add(subject, MEMORY, "MB", read_memory(stage.pid))


class Caller:
    """Calls again and again until the response is the expected one."""

    def __init__(self, url: str, authorization: str) -> None:
        self._url = urlsplit(url)
        self._authorization = authorization

    def wait_for(self, text: bytes) -> None:
        """Return when a response has the text. Raises TimeoutError after a minute."""
        deadline = time.monotonic() + DEADLINE
        connection = HTTPConnection(self._url.hostname or "", self._url.port or 80, timeout=DEADLINE)
        try:
            while time.monotonic() < deadline:
                connection.request("GET", self._url.path, headers={"Authorization": self._authorization})
                if text in connection.getresponse().read():
                    return
        finally:
            connection.close()
        raise TimeoutError(f"no response with {text!r}")


def time_save(caller: Caller, file: Path, number: int) -> float:
    """Return the seconds from a save until the first response of the new code."""
    caller.wait_for(b"Hello")
    greeting = f"Hello for the {number}. time!"
    source = (REPOSITORY / "hello_function" / file.name).read_text()
    new = file.with_suffix(".new")
    new.write_text(source.replace(GREETING, greeting))
    saved = time.perf_counter()
    new.replace(file)
    caller.wait_for(greeting.encode())
    return time.perf_counter() - saved
