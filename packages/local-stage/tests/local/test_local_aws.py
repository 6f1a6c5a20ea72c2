"""The local AWS is MiniStack, on loopback alone, ours alone, and gone when its parent is."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_stage.cloudformation.local_aws import LocalAws, LocalAwsSettings
from local_stage.errors import StartError
from tests.local.local_aws_process import running_local_aws, settings_for
from tests.processes import (
    command_line,
    descendants,
    is_running,
    listening_addresses,
    nothing_left_running,
    processes_in,
    wait_until,
)

DEVELOPERS_ENVIRONMENT = {
    "ALL_PROXY": "http://127.0.0.1:1",
    "AUTH": "false",
    "AWS_CA_BUNDLE": "/nowhere.pem",
    "AWS_CONFIG_FILE": "/nowhere",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    "AWS_PROFILE": "gone",
    "AWS_REGION": "eu-west-1",
    "AWS_SESSION_TOKEN": "of the developer's account",
    "BIND_HOST": "0.0.0.0",  # noqa: S104 - must not be listened to
    "GATEWAY_PORT": "1",
    "HTTP_PROXY": "http://127.0.0.1:1",
    "PERSIST_STATE": "0",
    "PYTHONSTARTUP": "/nowhere.py",
    "SERVICES": "sqs",
    "http_proxy": "http://127.0.0.1:1",
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAwsSettings]:
    """A local AWS, started in the environment of a developer who has set everything that could disturb it."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in DEVELOPERS_ENVIRONMENT.items():
            environment.setenv(name, value)
        with running_local_aws(tmp_path_factory.mktemp("local-aws")) as settings:
            yield settings


def find_ministack(settings: LocalAwsSettings) -> int:
    """Return the process id of the MiniStack that keeps its state there."""
    (pid,) = (pid for pid in processes_in(settings.state_folder) if "ministack_process" in command_line(pid))
    return pid


def make_pool(settings: LocalAwsSettings) -> str:
    pool: dict[str, Any] = settings.client("cognito-idp").create_user_pool(PoolName="pool")
    return str(pool["UserPool"]["Id"])


def pool_ids(settings: LocalAwsSettings) -> list[str]:
    pools = settings.client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"]
    return [str(pool["Id"]) for pool in pools]


def test_it_answers_boto3_whatever_aws_profile_and_proxy_the_developer_has(
    settings: LocalAwsSettings,
) -> None:
    identity = settings.client("sts").get_caller_identity()
    assert identity["Account"] == "123456789012"


def test_a_pool_is_of_the_region_that_was_asked_for(settings: LocalAwsSettings) -> None:
    assert make_pool(settings).startswith("ap-northeast-1_")


def test_it_listens_on_one_port_of_loopback_and_nowhere_else(settings: LocalAwsSettings) -> None:
    assert listening_addresses(find_ministack(settings)) == {("127.0.0.1", settings.port)}


def test_nothing_of_the_developers_environment_reaches_it(settings: LocalAwsSettings) -> None:
    environment = Path(f"/proc/{find_ministack(settings)}/environ").read_text()
    given = dict(line.split("=", 1) for line in environment.split("\0") if line)
    assert not {name for name in DEVELOPERS_ENVIRONMENT if given.get(name) == DEVELOPERS_ENVIRONMENT[name]}
    assert given["HOME"] == str(settings.state_folder)
    assert given["AUTH"] == "true"


def test_its_state_and_log_are_for_their_owner_alone(settings: LocalAwsSettings) -> None:
    folder = settings.state_folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert folder / "ministack.log" in files
    assert {oct(stat.S_IMODE(file.stat().st_mode)) for file in files} == {"0o600"}


def test_another_one_on_the_same_port_is_not_taken_for_it(settings: LocalAwsSettings, tmp_path: Path) -> None:
    """Both stages found the port free, and the other one was quicker."""
    second = LocalAws(settings_for(tmp_path, settings.port))
    with nothing_left_running(), pytest.raises(StartError) as caught:
        asyncio.run(second.start())
    assert str(caught.value) == f"the local AWS did not start; {second.log_file} says why"
    assert f"127.0.0.1:{settings.port} is already in use" in second.log_file.read_text()


def test_a_port_that_something_else_has_taken_keeps_it_from_starting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = settings_for(tmp_path, taken.getsockname()[1])
        with nothing_left_running(), pytest.raises(StartError, match="the local AWS did not start"):
            asyncio.run(LocalAws(settings).start())


def test_what_it_holds_is_there_again_after_a_stop(tmp_path: Path) -> None:
    with running_local_aws(tmp_path) as settings:
        pool_id = make_pool(settings)
    with running_local_aws(tmp_path) as settings:
        assert pool_ids(settings) == [pool_id]


def test_it_saves_what_it_holds_and_stops_when_its_parent_is_killed(tmp_path: Path) -> None:
    """The parent is a Python of its own, killed with SIGKILL, so that nothing in it can clean up."""
    settings = settings_for(tmp_path)
    program = f"""
        import asyncio
        from pathlib import Path
        from local_stage.cloudformation.local_aws import LocalAws, LocalAwsSettings

        async def run() -> None:
            await LocalAws(LocalAwsSettings({settings.port}, "ap-northeast-1", "123456789012",
                                            Path({str(settings.state_folder)!r}))).start()
            print("up", flush=True)
            await asyncio.get_running_loop().create_future()

        asyncio.run(run())
    """
    with nothing_left_running():
        parent = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE
        )
        with parent:
            assert parent.stdout is not None
            assert parent.stdout.readline() == b"up\n"
            pool_id = make_pool(settings)
            (ministack,) = descendants(parent.pid)
            parent.kill()
        assert parent.returncode == -signal.SIGKILL
        wait_until(lambda: not is_running(ministack))
    with running_local_aws(tmp_path) as settings:
        assert pool_ids(settings) == [pool_id]


def test_a_terminals_ctrl_c_does_not_reach_it(settings: LocalAwsSettings) -> None:
    """The terminal signals the process group of the stage, which then decides when this one stops."""
    assert os.getpgid(find_ministack(settings)) != os.getpgid(os.getpid())
