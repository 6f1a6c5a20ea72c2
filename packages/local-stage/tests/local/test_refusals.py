"""What the stage cannot run or enforce it refuses: exit code 2, one line that names the place, no remains."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from local_stage.state import RunningStage, lock_state_folder
from tests.local import refused_start
from tests.local.refused_start import TEMPLATE, write_template
from tests.processes import nothing_left_running, processes_in
from tests.stage_process import COMMAND, Ended, run_stage, state_folder

"""Seconds; the first test waits for all the starts."""

AT_ONCE = 3
"""Starts that run beside each other: most of a start is waiting or importing."""
ENFORCED = "cannot be enforced locally"
REAL_POOL = "arn:aws:cognito-idp:ap-northeast-1:123456789012:userpool/ap-northeast-1_AbCdEfGhI"
NO_WAY_OUT = dict.fromkeys(("HTTPS_PROXY", "https_proxy"), "http://127.0.0.1:1")
"""An environment from which AWS cannot be reached."""


@dataclass(frozen=True, slots=True)
class Case:
    """One start; `{folder}` in the expected line and the options stands for where it runs.

    `told` is what the log says before that. A line that others finish, as a library does, is a `beginning`.
    """

    line: str
    beginning: bool = False
    told: str = ""
    template: str = TEMPLATE
    options: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


def template_case(template: str, line: str) -> Case:
    return Case(f"{{folder}}/template.yaml: {line}", template=template)


CASES = {
    "resource policy": template_case(
        refused_start.RESOURCE_POLICY,
        "HelloApi.Auth.ResourcePolicy: asks for the condition key aws:PrincipalTag/team, of which nothing is"
        " known here; it cannot be enforced",
    ),
    "mutual TLS": template_case(
        refused_start.MUTUAL_TLS,
        "HelloApi.Domain: mutual TLS decides who may call, and is not enforced locally",
    ),
    "broken YAML": template_case(
        refused_start.BROKEN_YAML,
        "is not YAML: line 24, column 3: expected <block end>, but found '-'",
    ),
    "unknown property": template_case(
        refused_start.UNKNOWN_PROPERTY,
        "HelloFunction: property Handlr not defined for resource of type AWS::Serverless::Function",
    ),
    "no template": template_case("just text", "is not a CloudFormation template: it has no Resources"),
    "template not there": Case(
        "{folder}/nowhere.yaml: cannot be read: No such file or directory; pass --template FILE if the"
        " template is elsewhere",
        options=("--template", "{folder}/nowhere.yaml"),
    ),
    "import without a value": Case(
        "--import-value 'pool-arn': not of the form Key=Value", options=("--import-value", "pool-arn")
    ),
    "parameter unknown": Case(
        "{folder}/template.yaml: Stage: the template has no such parameter; it has StageName",
        options=("--parameter-overrides", "Stage=dev"),
    ),
    "parameter not allowed": Case(
        "{folder}/template.yaml: StageName.AllowedValues: 'test' is not allowed by AllowedValues"
        " ['dev', 'prod']",
        options=("--parameter-overrides", "StageName=test"),
    ),
    "parameter override": Case(
        "--parameter-overrides 'StageName': not of the form Key=Value",
        options=("--parameter-overrides", "StageName"),
    ),
    "env vars": Case(
        '{folder}/env.json: is not of the form {{"HelloFunction": {{"NAME": "value"}}}}',
        options=("--env-vars", "{folder}/env.json"),
        files={"env.json": '{"NAME": "value"}'},
    ),
    "region": Case(
        "--region tokyo: no region of the partition aws, such as ap-northeast-1",
        options=("--region", "tokyo"),
    ),
    "user pool ARN": Case(
        "--user-pool-arn: 'ap-northeast-1_x' is no user pool's ARN; write"
        " arn:aws:cognito-idp:<region>:<account id>:userpool/<region>_<id>",
        options=("--user-pool-arn", "ap-northeast-1_x"),
    ),
    "user pool out of reach": Case(
        f"the user pool {REAL_POOL}: no key could be fetched from"
        " https://cognito-idp.ap-northeast-1.amazonaws.com/",
        beginning=True,
        options=("--user-pool-arn", REAL_POOL),
        environment=NO_WAY_OUT,
    ),
    "state folder": Case(
        "{folder}/template.yaml: cannot keep state there: File exists",
        options=("--state-folder", "{folder}/template.yaml"),
    ),
    "outputs file": Case(
        "{folder}/code: is no file and cannot be replaced by one", options=("--outputs-file", "{folder}/code")
    ),
}


def refuse(folder: Path, case: Case) -> Ended:
    folder.mkdir()
    template = write_template(folder, case.template)
    for name, text in case.files.items():
        (folder / name).write_text(text)
    options = [option.format(folder=folder) for option in case.options]
    environment = {**os.environ, **case.environment}
    return run_stage(folder, "--template", str(template), *options, environment=environment)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("refusals")


@pytest.fixture(scope="module")
def ended(base: Path) -> dict[str, Ended]:
    """How each case ended; all have, and nothing that any of them started is left running."""
    with nothing_left_running(), ThreadPoolExecutor(AT_ONCE) as starts:
        waiting = {name: starts.submit(refuse, base / name, case) for name, case in CASES.items()}
        return {name: future.result() for name, future in waiting.items()}


@pytest.mark.parametrize("name", CASES)
def test_the_start_is_refused_in_one_line(ended: dict[str, Ended], base: Path, name: str) -> None:
    case = CASES[name]
    expected = f"{case.told}local-stage: {case.line.format(folder=base / name)}"
    (line,) = ended[name].log.removeprefix(case.told).splitlines()
    assert f"{case.told}{line}"[: len(expected) if case.beginning else None] == expected
    assert ended[name].exit_code == 2
    assert ended[name].printed == ""
    assert processes_in(base / name) == set()


@pytest.mark.parametrize("option", ["--port", "--aws-port"])
def test_a_port_that_is_taken_is_refused_with_its_option(tmp_path: Path, option: str) -> None:
    template = write_template(tmp_path, TEMPLATE)
    with socket.create_server(("127.0.0.1", 0)) as taken, nothing_left_running():
        port = str(taken.getsockname()[1])
        ended = run_stage(tmp_path, "--template", str(template), option, port)
    assert ended.log == (
        f"local-stage: {option} {port}: 127.0.0.1 does not give it (Address already in use);"
        " pass another one, or 0 for a free one\n"
    )
    assert ended.exit_code == 2


def test_a_state_folder_that_another_stage_runs_from_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    template = write_template(tmp_path, TEMPLATE)
    state, outputs = state_folder(tmp_path), tmp_path / "other.json"
    outputs.write_text("{}")
    with lock_state_folder(state), nothing_left_running():
        other = RunningStage(os.getpid(), "http://127.0.0.1:1/dev", "http://127.0.0.1:2", "r", "s", "t")
        other.write(state)
        ended = run_stage(tmp_path, "--template", str(template), "--outputs-file", str(outputs))
        assert RunningStage.find(state) == other
    assert ended.log == (
        f"local-stage: {state}: another stage runs from this folder at http://127.0.0.1:1/dev"
        f" (pid {os.getpid()})\n"
    )
    assert ended.exit_code == 2
    assert outputs.read_text() == "{}"


def test_no_command_is_refused_with_the_usage() -> None:
    ended = subprocess.run([COMMAND], capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert ended.returncode == 2
    assert ended.stderr.startswith("usage: local-stage [-h] command ...\n")
