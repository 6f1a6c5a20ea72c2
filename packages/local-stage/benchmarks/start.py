"""From the command to the first authorized answer, and from a save to the first new one."""

from __future__ import annotations

import shutil
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from benchmarks.callers import sign_in
from benchmarks.effort import Effort
from benchmarks.figure import Figure, Goal, Measurement
from benchmarks.peers import LOCAL_STACK, REPOSITORY, STAGE, find_free_port, local_stage

TITLE: Final = "Start"
COMMAND: Final = "command to first authorized answer"
SAVE: Final = "save to first new answer"
DEADLINE: Final = 60.0
GREETING: Final = "Hello AWS API Gateway!"

_METHOD: Final = """\
The function's requirements are installed. The users of an earlier start are there, one of them with
a token that is still good. The clock runs from the start of the command until that user has the
greeting, and from the moment when `hello_function/app.py` has been replaced until an answer has the
new greeting.
What looks whether the stage is up looks every 20 ms."""


def measure(folder: Path, effort: Effort) -> Measurement:
    """Start so many times, and save so many times in the last stage that was started."""
    sources = Path(shutil.copytree(REPOSITORY / "hello_function", folder / "hello_function"))
    shutil.copytree(REPOSITORY / "operations", folder / "operations")
    template = shutil.copyfile(REPOSITORY / "template.yaml", folder / "template.yaml")
    options = ("--template", str(template), "--port", str(find_free_port()))
    with local_stage(folder / "stage", *options) as stage:
        caller = Caller(f"{stage.api_url}/hello", sign_in(LOCAL_STACK, stage.aws_endpoint_url))
        saves = [time_save(caller, sources / "app.py", number) for number in range(effort.starts)]
    starts = []
    for _ in range(effort.starts):
        began = time.perf_counter()
        with local_stage(folder / "stage", *options):
            caller.wait_for(b"Hello")
            starts.append(time.perf_counter() - began)
    figures = [Figure(STAGE, COMMAND, "s", tuple(starts)), Figure(STAGE, SAVE, "s", tuple(saves))]
    goals = [
        Goal(f"{COMMAND}, warm requirements", figures[0].median, at_most=2.5, unit="s"),
        Goal(SAVE, figures[1].median, at_most=0.4, unit="s"),
    ]
    return Measurement(TITLE, _METHOD, figures, goals)


class Caller:
    """Calls again and again until the answer is the expected one."""

    def __init__(self, url: str, authorization: str) -> None:
        self._url = urlsplit(url)
        self._authorization = authorization

    def wait_for(self, text: bytes) -> None:
        """Return when an answer has the text. Raises TimeoutError after a minute."""
        deadline = time.monotonic() + DEADLINE
        connection = HTTPConnection(self._url.hostname or "", self._url.port or 80, timeout=DEADLINE)
        try:
            while time.monotonic() < deadline:
                connection.request("GET", self._url.path, headers={"Authorization": self._authorization})
                if text in connection.getresponse().read():
                    return
        finally:
            connection.close()
        raise TimeoutError(f"no answer with {text!r}")


def time_save(caller: Caller, file: Path, number: int) -> float:
    """Return the seconds from a save until the first answer of the new code."""
    caller.wait_for(b"Hello")
    greeting = f"Hello for the {number}. time!"
    source = (REPOSITORY / "hello_function" / file.name).read_text()
    new = file.with_suffix(".new")
    new.write_text(source.replace(GREETING, greeting))
    saved = time.perf_counter()
    new.replace(file)
    caller.wait_for(greeting.encode())
    return time.perf_counter() - saved
