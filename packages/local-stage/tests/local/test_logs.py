"""`local-stage logs` beside a running stage, and the colours of both on a terminal."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import signal
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.local.commands.command import run_beside
from tests.local.open_api import write_open_api
from tests.processes import wait_until
from tests.stage_process import COMMAND, START_DEADLINE, StageProcess, running_stage

HELLO = """
    import time

    print("importing")

    def handler(event, context):
        parameters = event["queryStringParameters"] or {}
        for number in range(int(parameters.get("lines", 1))):
            print(context.aws_request_id, "line", number)
            time.sleep(0.01)
        if "fail" in parameters:
            raise ValueError("no greeting")
        return {"statusCode": 200, "body": context.aws_request_id}
"""
ESCAPE = "\x1b["


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    folder = tmp_path_factory.mktemp("logs")
    broken = "raise ValueError('no table')"
    template = write_open_api(folder, {"Hello": HELLO, "Other": HELLO, "Broken": broken})
    with running_stage(folder, "--template", str(template), "--concurrency", "3") as running:
        yield running


def call(stage: StageProcess, path: str = "/hello") -> requests.Response:
    return requests.get(f"{stage.api_url}{path}", timeout=30)


def logs(stage: StageProcess, *options: str) -> list[str]:
    """Return what the command prints into a pipe."""
    done = run_beside(stage, "logs", *options)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def texts(lines: list[str]) -> list[str]:
    """Return the lines without time and function."""
    return [line.partition("] ")[2] for line in lines]


def logs_of(stage: StageProcess, request_id: str) -> list[str]:
    """Return the texts of an invocation that is complete, which may be shortly after its answer."""
    wait_until(lambda: f"REPORT RequestId: {request_id}" in "\n".join(logs(stage)))
    return texts(logs(stage, "--request-id", request_id))


def test_one_request_is_found_by_the_id_that_the_client_has(stage: StageProcess) -> None:
    answer = call(stage, "/hello?lines=2")
    own = logs_of(stage, answer.text)
    assert own[0] == f"START RequestId: {answer.text} Version: $LATEST"
    assert own[1:4] == [f"{answer.text} line 0", f"{answer.text} line 1", f"END RequestId: {answer.text}"]
    assert own[4].startswith(f"REPORT RequestId: {answer.text}\tDuration: ")
    assert logs_by_answer(stage, answer) == own


def test_a_request_whose_function_cannot_be_loaded_is_found_by_its_id(stage: StageProcess) -> None:
    answer = call(stage, "/broken")
    assert answer.status_code == 502
    started, error, ended, report = logs_by_answer(stage, answer)
    assert started.startswith("START RequestId: ")
    assert error.endswith(" Error: no table")
    assert ended.startswith("END RequestId: ")
    assert report.endswith("\tStatus: error\tError Type: ValueError")


def logs_by_answer(stage: StageProcess, answer: requests.Response) -> list[str]:
    """Return the texts of the invocation by the request id that its client has."""
    return texts(logs(stage, "--request-id", answer.headers["x-amzn-RequestId"]))


def test_lines_of_invocations_at_the_same_time_stand_together(stage: StageProcess) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: call(stage, "/hello?lines=20"), range(6)))
    for answer in answers:
        own = logs_of(stage, answer.text)
        assert len(own) == 23
        everything = texts(logs(stage))
        begin = everything.index(own[0])
        assert everything[begin : begin + 23] == own


def test_one_function_can_be_asked_for(stage: StageProcess) -> None:
    answer = call(stage, "/other")
    logs_of(stage, answer.text)
    lines = logs(stage, "--function", "Other")
    assert f"{answer.text} line 0" in texts(lines)
    assert all(" [Other] " in line for line in lines)


def test_every_line_has_its_time_and_its_function_and_no_colour(stage: StageProcess) -> None:
    logs_of(stage, call(stage).text)
    form = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \[(Hello|Other|Broken)\] .*")
    lines = logs(stage)
    assert "importing" in texts(lines)
    assert [line for line in lines if not form.fullmatch(line)] == []


def test_colours_on_a_terminal_and_none_where_nobody_wants_them(stage: StageProcess) -> None:
    with contextlib.suppress(AssertionError):
        call(stage, "/hello?fail=1")
    wait_until(lambda: "[ERROR] ValueError: no greeting" in "\n".join(logs(stage)))
    command = [str(COMMAND), "logs", "--state-folder", str(stage.state_folder)]
    coloured = run_on_a_terminal(command, TERM="xterm")
    assert f"{ESCAPE}31m[ERROR] ValueError: no greeting{ESCAPE}0m" in coloured
    assert f"{ESCAPE}2mSTART RequestId: " in coloured
    assert ESCAPE not in run_on_a_terminal(command, TERM="xterm", NO_COLOR="1")


def test_follow_goes_on_until_ctrl_c(stage: StageProcess, tmp_path: Path) -> None:
    printed = tmp_path / "printed.txt"
    command = [str(COMMAND), "logs", "--follow", "--state-folder", str(stage.state_folder)]
    with printed.open("wb") as stream, subprocess.Popen(command, stdout=stream) as following:  # noqa: S603 - our own
        wait_until(lambda: "importing" in printed.read_text())
        request_id = call(stage).text
        wait_until(lambda: f"REPORT RequestId: {request_id}" in printed.read_text())
        following.send_signal(signal.SIGINT)
        assert following.wait(60) == 0


def test_a_pipe_whose_reader_has_seen_enough_is_no_error(stage: StageProcess) -> None:
    call(stage)
    command = f"{COMMAND} logs --state-folder {stage.state_folder} | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)  # noqa: S602 - our own
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""


def test_the_stages_own_log_is_coloured_on_a_terminal_and_a_full_disk_costs_no_response(
    stage: StageProcess, tmp_path: Path
) -> None:
    call(stage, "/hello?fail=1")
    assert ESCAPE not in stage.wait_for_log("REPORT")
    template = write_open_api(tmp_path, {"Hello": HELLO})
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "functions.log").symlink_to("/dev/full")
    options = ["--template", str(template), "--state-folder", str(tmp_path / "state")]
    command: list[str | Path] = [COMMAND, "start", "--port", "0", "--aws-port", "0", *options]
    coloured, statuses = start_on_a_terminal(command)
    assert statuses == [200, 200, 200, 502]
    assert coloured.count("functions.log cannot be written: No space left on device") == 1
    assert "\x1b[2m[Hello] START RequestId: " in coloured
    assert re.search(r"\x1b\[31m502\x1b\[0m GET /dev/hello: Hello failed: ValueError", coloured)


def start_on_a_terminal(command: Sequence[str | Path]) -> tuple[str, list[int]]:
    """Start a stage on a terminal, make three good calls and one that fails, and stop it.

    Returns what the terminal showed, and the statuses of the calls.
    """
    seen = ""
    with on_a_terminal(command, TERM="xterm") as (process, terminal):
        while not (url := re.search(r"http://127\.0\.0\.1:\d+/dev(?=\S* serves)", seen)):
            seen += read_more(terminal)
        paths = ["/hello", "/hello", "/hello", "/hello?fail=1"]
        statuses = [requests.get(f"{url[0]}{path}", timeout=30).status_code for path in paths]
        while seen.count("REPORT RequestId") < len(paths):
            seen += read_more(terminal)
        process.send_signal(signal.SIGINT)
        while chunk := read(terminal):
            seen += chunk
    return seen, statuses


def run_on_a_terminal(command: Sequence[str | Path], **variables: str) -> str:
    """Run a command on a terminal and return what it showed."""
    seen = ""
    with on_a_terminal(command, **variables) as (_, terminal):
        while chunk := read(terminal):
            seen += chunk
    return seen


@contextlib.contextmanager
def on_a_terminal(
    command: Sequence[str | Path], **variables: str
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    terminal, its_end = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "TERM"}}
    with subprocess.Popen(  # noqa: S603 - our own command
        command,
        stdin=subprocess.DEVNULL,
        stdout=its_end,
        stderr=its_end,
        env={**environment, **variables},
        start_new_session=True,
    ) as process:
        os.close(its_end)
        yield process, terminal
    os.close(terminal)


def read_more(terminal: int) -> str:
    """Return what comes next; there has to be something."""
    ready, _, _ = select.select([terminal], [], [], START_DEADLINE)
    assert ready
    more = read(terminal)
    assert more
    return more


def read(terminal: int) -> str:
    """Return what comes next, nothing when the command has ended: Linux answers EIO then."""
    try:
        return os.read(terminal, 65536).decode()
    except OSError:
        return ""
