"""`local-stage invoke` runs a function of the template with an event, as SAM CLI does in Docker."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from local_stage.lambda_runtime.function_log import LogLine
from local_stage.lambda_runtime.invoker import LOOP_LIMIT, LOOP_PERIOD, Invoker, UnknownFunctionError
from local_stage.log.invocation_log import InvocationLog
from tests.local.commands.command import run_beside, run_command
from tests.local.lambda_runtime.running_function import build_settings
from tests.manual_clock import ManualClock
from tests.stage_process import StageProcess, running_stage

NODE = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not on the PATH")

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Handler: index.handler}}
Resources:
  PythonFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      InlineCode: |
        def handler(event, context):
            print("called as", context.function_name)
            if event == "fail":
                raise ValueError("as it was asked to")
            return {"given": event}
  NodeFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs20.x
      InlineCode: |
        exports.handler = async (event) => { console.log("called"); return [event]; };
  JavaFunction:
    Type: AWS::Serverless::Function
    Properties: {Runtime: java21, InlineCode: "class Main {}"}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("invoke")
    (folder / "template.yaml").write_text(TEMPLATE)
    (folder / "event.json").write_text('{"name": "alice"}')
    return folder


@pytest.fixture(scope="module")
def stage(folder: Path) -> Iterator[StageProcess]:
    with running_stage(folder, "--template", "template.yaml") as running:
        yield running


def test_a_functions_result_is_printed_and_its_log_apart(stage: StageProcess) -> None:
    ended = run_beside(stage, "invoke", "PythonFunction", "-e", stage.folder / "event.json")
    assert (ended.returncode, json.loads(ended.stdout)) == (0, {"given": {"name": "alice"}})
    assert re.fullmatch(
        r"START RequestId: (\S+) Version: \$LATEST\n"
        r"called as hello-api-PythonFunction-\w+\n"
        r"END RequestId: \1\n"
        r"REPORT RequestId: \1\tDuration: .*\n",
        ended.stderr,
    )


def test_result_and_log_come_together_as_json(stage: StageProcess) -> None:
    ended = run_beside(stage, "invoke", "PythonFunction", "--json")
    told = json.loads(ended.stdout)
    assert (told["function"], told["payload"], told["error_type"]) == (
        "PythonFunction",
        '{"given": {}}',
        "",
    )
    assert (ended.stderr, told["log"][0]) == (
        "",
        f"START RequestId: {told['request_id']} Version: $LATEST",
    )


@NODE
def test_an_event_comes_from_standard_input_and_goes_to_any_runtime(stage: StageProcess) -> None:
    ended = run_beside(stage, "invoke", "NodeFunction", "-e", "-", standard_input="[1]")
    assert (ended.returncode, ended.stdout) == (0, "[[1]]\n")
    assert "INFO\tcalled" in ended.stderr


def test_a_function_that_fails_is_told_by_exit_code_and_lambdas_error(stage: StageProcess) -> None:
    ended = run_beside(stage, "invoke", "PythonFunction", "-e", "-", standard_input='"fail"')
    error = json.loads(ended.stdout)
    assert (ended.returncode, error["errorType"], error["errorMessage"]) == (
        1,
        "ValueError",
        "as it was asked to",
    )
    assert error["stackTrace"]


def test_a_function_that_cannot_run_here_says_why(stage: StageProcess) -> None:
    ended = run_beside(stage, "invoke", "JavaFunction")
    assert (ended.returncode, json.loads(ended.stdout)["errorType"]) == (1, "Runtime.Unavailable")


def test_a_function_without_an_event_gets_an_empty_one(stage: StageProcess) -> None:
    name = re.search(r"hello-api-PythonFunction-\w+", run_beside(stage, "invoke", "PythonFunction").stderr)
    assert name is not None
    assert json.loads(run_beside(stage, "invoke", name[0]).stdout) == {"given": {}}


@pytest.mark.parametrize(
    ("arguments", "standard_input", "message"),
    [
        (["NoFunction"], None, "NoFunction is no function of the template; its functions: JavaFunction,"),
        (["PythonFunction", "-e", "nowhere.json"], None, "nowhere.json: cannot be read: No such file"),
        (["PythonFunction", "-e", "-"], "{", "-: the event is not JSON"),
    ],
)
def test_what_cannot_be_invoked_is_a_usage_error(
    stage: StageProcess, arguments: list[str], standard_input: str | None, message: str
) -> None:
    ended = run_beside(stage, "invoke", *arguments, standard_input=standard_input or "")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert message in ended.stderr


def test_the_log_shows_an_invocation_as_it_shows_a_request(stage: StageProcess) -> None:
    started = run_beside(stage, "invoke", "PythonFunction").stderr.partition("\n")[0]
    logged = run_beside(stage, "logs", "--request-id", started.split()[2])
    assert started in logged.stdout


@pytest.mark.whole
def test_without_a_running_stage_one_runs_for_the_invocation(folder: Path, tmp_path: Path) -> None:
    options = ("--template", folder / "template.yaml", "--state-folder", tmp_path / "state")
    ended = run_command("invoke", "PythonFunction", *options)
    assert (ended.returncode, json.loads(ended.stdout)) == (0, {"given": {}})
    (tmp_path / "broken.yaml").write_text("Resources: {}")
    refused = run_command("invoke", "PythonFunction", "--template", tmp_path / "broken.yaml", *options[2:])
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "no stage runs, and none could be started" in refused.stderr


class CountedFunction:
    def __init__(self, folder: Path) -> None:
        self.settings = build_settings(folder)
        self.calls = 0

    async def invoke(self, event: bytes, *, request_id: str, trace_header: str) -> bytes:
        self.calls += 1
        assert request_id
        assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0", trace_header)
        return event


def test_event_sources_that_never_end_are_stopped_and_nobody_else(tmp_path: Path) -> None:
    clock, function = ManualClock(), CountedFunction(tmp_path)
    invoker = Invoker(lambda: {f"{function.settings.arn}:live": function}, clock)
    asyncio.run(_invoke_without_end(invoker, clock, function))


async def _invoke_without_end(invoker: Invoker, clock: ManualClock, function: CountedFunction) -> None:
    for _ in range(LOOP_LIMIT):
        await invoker.invoke(function.settings.name, b"1", by_event_source=True)
    stopped = await invoker.invoke(function.settings.arn, b"1", by_event_source=True)
    assert (stopped.error_type, function.calls) == ("LocalStage.LoopStopped", LOOP_LIMIT)
    assert (await invoker.invoke(f"{function.settings.arn}:2", b"1")).payload == b"1"
    clock.advance(LOOP_PERIOD + 1)
    assert (await invoker.invoke(function.settings.logical_id, b"2", by_event_source=True)).payload == b"2"


def test_the_lines_of_an_invocation_are_written_before_its_result_is_returned(tmp_path: Path) -> None:
    """They would wait for other lines else, and who has the result would not find them."""
    (tmp_path / "state").mkdir()
    function = CountedFunction(tmp_path)

    async def invoke() -> str:
        log = InvocationLog(tmp_path / "state")
        invoker = Invoker(lambda: {function.settings.arn: function}, write_log=log.flush)
        log.write_line(LogLine("Counted", "stream", "id", "START", platform=True))
        await invoker.invoke(function.settings.name, b"1")
        with closing(log):
            return (tmp_path / "state" / "functions.log").read_text(encoding="utf-8")

    assert json.loads(asyncio.run(invoke()))["text"] == "START"


def test_lines_of_other_invocations_are_not_collected() -> None:
    invoker = Invoker(dict)
    invoker.record_line(LogLine("Counted", "", "other", "REPORT", platform=True))
    with pytest.raises(UnknownFunctionError, match="no function of the template; its functions: none"):
        asyncio.run(invoker.invoke("Counted", b"1"))
