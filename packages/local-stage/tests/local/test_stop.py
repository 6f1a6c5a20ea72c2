"""However the stage ends, nothing of it is left running, and the next start finds its users again."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from local_stage.state import RunningStage
from tests.local.revealing_app import TEMPLATE, create_user, get, sign_in, write_app
from tests.processes import (
    PATIENCE,
    command_line,
    descendants,
    is_running,
    nothing_left_running,
    wait_until,
)
from tests.stage_process import CACHE, COMMAND, StageProcess, running_stage, state_folder

STOPPING = "Stopping when every request has its answer; once more stops at once"
CHANGED = TEMPLATE.replace("MinimumLength: 8", "MinimumLength: 13").replace(
    "  Alarm:\n",
    """
  Visits:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
  Alarm:
""",
)
"""The template with another password policy and one table more."""


def options(folder: Path, template: str = TEMPLATE) -> tuple[str, str]:
    return "--template", str(write_app(folder, template))


def refuses_connections(url: str) -> bool:
    address = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((address.hostname, address.port)) != 0


@dataclass(frozen=True, slots=True)
class FirstRun:
    """A stage that was started, used and stopped with SIGTERM, and what was there right after that.

    `token` is an ID token of its user `bob`, `listening` the URLs that still took connections.
    """

    stage: StageProcess
    exit_code: int
    token: str
    last_line: str
    listening: list[str]
    found: RunningStage | None


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> FirstRun:
    folder = tmp_path_factory.mktemp("stop")
    with nothing_left_running(), running_stage(folder, *options(folder)) as stage:
        create_user(stage, "bob")
        token = sign_in(stage, "bob")
        return FirstRun(
            stage,
            stage.stop(signal.SIGTERM),
            token,
            stage.log.splitlines()[-1],
            [url for url in (stage.api_url, stage.aws_endpoint_url) if not refuses_connections(url)],
            RunningStage.find(stage.state_folder),
        )


@pytest.fixture(scope="module")
def second_run(first_run: FirstRun) -> Iterator[StageProcess]:
    """The stage started again from the same state, with a changed template."""
    folder = first_run.stage.folder
    with running_stage(folder, *options(folder, CHANGED)) as stage:
        yield stage


def test_sigterm_ends_the_stage_in_good_order(first_run: FirstRun) -> None:
    assert first_run.exit_code == 0
    assert first_run.last_line == STOPPING


def test_after_a_stop_nothing_listens_any_more(first_run: FirstRun) -> None:
    assert first_run.listening == []


def test_after_a_stop_other_commands_find_no_stage(first_run: FirstRun) -> None:
    assert first_run.found is None


def test_a_restart_finds_pool_and_app_client_again(first_run: FirstRun, second_run: StageProcess) -> None:
    for name in ("UserPoolId", "UserPoolClientId"):
        assert second_run.outputs[name] == first_run.stage.outputs[name]


def test_a_restart_keeps_the_users(second_run: StageProcess) -> None:
    assert get(second_run, "/hello", sign_in(second_run, "bob")).json()["username"] == "bob"


def test_a_restart_keeps_the_keys_so_that_an_old_token_still_passes(
    first_run: FirstRun, second_run: StageProcess
) -> None:
    assert get(second_run, "/hello", first_run.token).json()["username"] == "bob"


def test_a_changed_template_updates_the_pool(second_run: StageProcess) -> None:
    cognito = second_run.client("cognito-idp")
    pool = cognito.describe_user_pool(UserPoolId=second_run.outputs["UserPoolId"])["UserPool"]
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] == 13


def test_a_changed_template_adds_the_new_table(second_run: StageProcess) -> None:
    assert len(second_run.client("dynamodb").list_tables()["TableNames"]) == 1


def test_ctrl_c_ends_the_stage_too(second_run: StageProcess) -> None:
    assert second_run.stop(signal.SIGINT) == 0
    assert refuses_connections(second_run.api_url)


def test_a_killed_stage_leaves_no_process_and_all_its_users(tmp_path: Path) -> None:
    with nothing_left_running(), running_stage(tmp_path, *options(tmp_path)) as stage:
        create_user(stage, "bob")
        token = sign_in(stage, "bob")
        started = descendants(stage.pid)
        assert len(started) >= 4  # the local AWS, the guard and at least two functions
        assert stage.stop(signal.SIGKILL) == -signal.SIGKILL
        wait_until(lambda: not any(map(is_running, started)))
        assert RunningStage.find(stage.state_folder) is None
    with running_stage(tmp_path, *options(tmp_path)) as stage:
        assert get(stage, "/hello", token).status_code == 200
        assert get(stage, "/hello", sign_in(stage, "bob")).status_code == 200


def test_the_second_ctrl_c_ends_at_once_what_the_first_lets_finish(tmp_path: Path) -> None:
    with (
        ThreadPoolExecutor(1) as background,
        nothing_left_running(),
        running_stage(tmp_path, *options(tmp_path)) as stage,
    ):
        asking = background.submit(get, stage, "/slow")
        stage.wait_for_log("[SlowFunction] waiting")
        stage.process.send_signal(signal.SIGINT)
        wait_until(lambda: refuses_connections(stage.api_url))
        assert stage.process.poll() is None
        assert stage.stop(signal.SIGINT) == -signal.SIGINT
        assert isinstance(asking.exception(), requests.ConnectionError)
        assert stage.log.splitlines()[-1] == STOPPING


@contextlib.contextmanager
def starting_stage(
    folder: Path, template: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a stage and yield it at once; it must have ended by itself at the end, with exit code 0."""
    outputs = folder / "outputs.json"
    command: list[str | Path] = [COMMAND, "start", "--template", template, "--port", "0", "--aws-port", "0"]
    folders: list[str | Path] = [
        "--state-folder",
        state_folder(folder),
        "--cache-folder",
        CACHE,
        "--outputs-file",
        outputs,
    ]
    with (folder / "log.txt").open("wb") as log, nothing_left_running():
        process = subprocess.Popen(  # noqa: S603 - our own command
            [*command, *folders],
            stdout=subprocess.DEVNULL,
            stderr=log,
            env={**os.environ, **(environment or {})},
        )
        with process:
            try:
                yield process
                assert process.wait(PATIENCE) == 0
            finally:
                process.kill()
        assert not outputs.exists()
        assert RunningStage.find(state_folder(folder)) is None


def is_logged(folder: Path, text: str) -> bool:
    return text in (folder / "log.txt").read_text()


def test_sigterm_while_the_local_aws_starts_leaves_nothing(tmp_path: Path) -> None:
    with starting_stage(tmp_path, write_app(tmp_path)) as process:
        wait_until(lambda: any("ministack" in command_line(pid) for pid in descendants(process.pid)))
        process.terminate()


def test_sigterm_while_a_function_is_imported_leaves_nothing(tmp_path: Path) -> None:
    slow = "import time\nprint('importing', flush=True)\ntime.sleep(9)\n"
    with starting_stage(tmp_path, write_app(tmp_path, broken=slow)) as process:
        wait_until(lambda: is_logged(tmp_path, "[BrokenFunction] importing"))
        process.terminate()


def test_sigterm_while_pip_waits_for_an_index_leaves_nothing(tmp_path: Path) -> None:
    template = write_app(tmp_path)
    (tmp_path / "code" / "requirements.txt").write_text("never-answered==1\n")
    with socket.create_server(("127.0.0.1", 0)) as index:
        url = f"http://127.0.0.1:{index.getsockname()[1]}/simple"
        with starting_stage(tmp_path, template, {"PIP_INDEX_URL": url, "PIP_FIND_LINKS": ""}) as process:
            connection, _ = index.accept()
            process.terminate()
            connection.close()
