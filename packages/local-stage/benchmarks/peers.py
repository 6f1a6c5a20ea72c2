"""The stage and its peers, each in processes of its own, ready to be called."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

from benchmarks.callers import REGION, sign_in
from local_stage.cloudformation.local_aws import LocalAws, LocalAwsSettings
from tests.stage_process import StageProcess, running_stage

PACKAGE: Final = Path(__file__).parents[1]
REPOSITORY: Final = PACKAGE.parents[1]
SAM: Final = REPOSITORY / ".venv-sam" / "bin" / "sam"
ACCOUNT_ID: Final = "123456789012"
LOCAL_STACK: Final = "hello-api"
DEPLOYED_STACK: Final = "hello-api-local"
UNTHROTTLED: Final = ("ThrottlingRate=1000000", "ThrottlingBurst=1000000")
BASE_IMAGE: Final = "public.ecr.aws/lambda/python:3.13"

GREETING: Final = "Hello AWS API Gateway!"

STAGE: Final = "local stage"
MINISTACK: Final = "MiniStack"
SAM_LOCAL: Final = "sam local"
BARE: Final = "bare aiohttp"


@dataclass(frozen=True, slots=True)
class Peer:
    """Where to call a peer, as whom, and what a good answer is."""

    name: str
    url: str
    authorization: str | None
    status: int
    body: str


@contextmanager
def local_stage(folder: Path, *options: str) -> Iterator[StageProcess]:
    """Run a stage that throttles nobody."""
    folder.mkdir(parents=True, exist_ok=True)
    with running_stage(folder, "--parameter-overrides", *UNTHROTTLED, *options) as stage:
        yield stage


@contextmanager
def stage_peer(folder: Path) -> Iterator[Peer]:
    """Run a stage with the Hello function behind the authorizer, called by a user who has signed in."""
    with local_stage(folder) as stage:
        authorization = sign_in(LOCAL_STACK, stage.aws_endpoint_url)
        yield Peer(STAGE, f"{stage.api_url}/hello", authorization, 200, GREETING)


@contextmanager
def ministack_peer(folder: Path, built_template: Path) -> Iterator[Peer]:
    """Run MiniStack with the same function, deployed there by `sam deploy`."""
    settings = LocalAwsSettings(find_free_port(), REGION, ACCOUNT_ID, folder / "aws")
    folder.mkdir(parents=True, exist_ok=True)
    with _running_local_aws(settings):
        deploy(built_template, settings.endpoint_url)
        authorization = sign_in(DEPLOYED_STACK, settings.endpoint_url)
        url = f"{settings.endpoint_url}/_aws/execute-api/{_find_api(settings)}/dev/hello"
        yield Peer(MINISTACK, url, authorization, 200, GREETING)


@contextmanager
def bare_peer() -> Iterator[Peer]:
    """Run aiohttp with nothing behind it."""
    command = [sys.executable, "-m", "benchmarks.bare_aiohttp"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PACKAGE)  # noqa: S603 - our own module
    with process:
        assert process.stdout is not None  # noqa: S101 - asked for above
        try:
            port = int(process.stdout.readline())
            yield Peer(BARE, f"http://127.0.0.1:{port}/dev/hello", None, 200, GREETING)
        finally:
            process.terminate()


@contextmanager
def sam_local_peer(
    folder: Path, built_template: Path, status: int = 401, body: str = '"Unauthorized"'
) -> Iterator[tuple[Peer, int]]:
    """Run `sam local start-api` with warm containers; yield the peer and its process's id.

    It runs no authorizer: the Hello function finds no claims and refuses the caller itself.
    """
    port = find_free_port()
    arguments = ["--port", str(port), "--warm-containers", "EAGER", "--skip-pull-image"]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - SAM CLI, from its lock
            [SAM, "local", "start-api", "--template", built_template, *arguments],
            stdout=log,
            stderr=log,
            cwd=folder,
            env=sam_environment(),
        )
    with process:
        try:
            url = f"http://127.0.0.1:{port}/hello"
            wait_for_response("127.0.0.1", port, process, 120)
            yield Peer(SAM_LOCAL, url, None, status, body), process.pid
        finally:
            process.terminate()


def why_no_sam_local() -> str | None:
    """Return why `sam local` cannot be measured here, None where it can."""
    try:
        found = subprocess.run(  # noqa: S603 - a fixed command
            ["docker", "image", "inspect", BASE_IMAGE],  # noqa: S607 - whichever docker a developer has
            capture_output=True,
            check=False,
            text=True,
        )
    except FileNotFoundError:
        return "no Docker here"
    if found.returncode == 0:
        return None
    return "no base image here" if "No such image" in found.stderr else "no Docker here"


def find_free_port() -> int:
    """Return a port of loopback on which nothing listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def build(folder: Path, template: Path) -> Path:
    """Run `sam build` and return the built template; an artifact lies beside it under its function's id."""
    arguments = ["--no-cached", "--build-dir", str(folder), "--template", str(template)]
    _run_sam("build", *arguments)
    return folder / "template.yaml"


def deploy(built_template: Path, endpoint_url: str) -> None:
    """Run `sam deploy` to a local AWS, with the settings that samconfig.toml has for it."""
    _run_sam(
        *("deploy", "--config-env", "local", "--config-file", str(REPOSITORY / "samconfig.toml")),
        *("--template-file", str(built_template), "--parameter-overrides", *UNTHROTTLED),
        AWS_ENDPOINT_URL=endpoint_url,
    )


def sam_environment(**more: str) -> Mapping[str, str]:
    """Return the environment for SAM CLI: a local AWS's credentials, and no profile of the developer's."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "SAM_CLI_TELEMETRY": "0",
        **more,
    }


def _run_sam(*arguments: str, **variables: str) -> None:
    done = subprocess.run(  # noqa: S603 - SAM CLI, from its lock
        [SAM, *arguments],
        cwd=REPOSITORY,
        env=sam_environment(**variables),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"sam {arguments[0]}: {done.stdout}{done.stderr}")


@contextmanager
def _running_local_aws(settings: LocalAwsSettings) -> Iterator[None]:
    local_aws = LocalAws(settings)
    with asyncio.Runner() as runner:
        runner.run(local_aws.start())
        try:
            yield
        finally:
            runner.run(local_aws.stop())


def _find_api(settings: LocalAwsSettings) -> str:
    (api,) = settings.client("apigateway").get_rest_apis()["items"]
    return str(api["id"])


def wait_for_response(host: str, port: int, process: subprocess.Popen[bytes], seconds: float) -> None:
    """Wait for any response. Raises RuntimeError where none comes in so many seconds, or the process ends."""
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        connection = HTTPConnection(host, port, timeout=seconds)
        try:
            connection.request("GET", "/hello")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
    raise RuntimeError(f"nothing answers on port {port}")


@contextmanager
def everybody(folder: Path, built_template: Path) -> Iterator[list[Peer]]:
    """Run the stage and all peers that can be run here; they are called one after the other."""
    with ExitStack() as running:
        peers = [
            running.enter_context(stage_peer(folder / "stage")),
            running.enter_context(ministack_peer(folder / "ministack", built_template)),
            running.enter_context(bare_peer()),
        ]
        if why_no_sam_local() is None:
            sam_local, _ = running.enter_context(sam_local_peer(folder / "sam-local", built_template))
            peers.append(sam_local)
        yield peers
