"""MiniStack as a target: its own API Gateway, with the templates deployed by an unmodified `sam deploy`."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Final

from conformance.case import Api
from conformance.on_local_stage import FOLDER, REGION, SIGNER
from conformance.pool_keys import LocalPoolKeys
from conformance.target import Stack, Target
from conformance.tokens import Tokens
from conformance.wire import Address
from local_stage.cloudformation.boto3_clients import ACCESS_KEY, SECRET_KEY
from local_stage.cloudformation.local_aws import HOST, LocalAws, LocalAwsSettings
from local_stage.deployment.target import ACCOUNT_ID
from tests.stage_process import REPOSITORY

SAM: Final = REPOSITORY / ".venv-sam" / "bin" / "sam"


class DeploymentError(Exception):
    """`sam deploy` failed; the message is what it printed."""


@contextmanager
def ministack(folder: Path) -> Iterator[Target]:
    """Start MiniStack with its state in the folder, deploy both APIs to it, and stop it at the end."""
    settings = LocalAwsSettings(_find_free_port(), REGION, ACCOUNT_ID, folder / "ministack")
    with ExitStack() as opened:
        runner = opened.enter_context(asyncio.Runner())
        local_aws = LocalAws(settings)
        opened.callback(lambda: runner.run(local_aws.stop()))
        runner.run(local_aws.start())
        stacks = {api: _deploy(api, settings, opened) for api in Api}
        yield Target("MiniStack", f"{version('ministack')} ({_sam_version()})", stacks)


def _find_free_port() -> int:
    with socket.create_server((HOST, 0)) as server:
        return int(server.getsockname()[1])


def _deploy(api: Api, settings: LocalAwsSettings, opened: ExitStack) -> Stack:
    name = f"conformance-{api.replace('_', '-')}"
    _sam_deploy(FOLDER / f"{api}.yaml", name, settings.endpoint_url)
    (described,) = settings.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
    tokens = Tokens(
        settings.client("cognito-idp"),
        outputs,
        f"{settings.endpoint_url}/oauth2/token",
        LocalPoolKeys(settings.state_folder),
    )
    opened.callback(tokens.close)
    # MiniStack's README: an API is called by <api id>.execute-api.<MINISTACK_HOST>:<port>.
    host = f"{outputs['ApiId']}.execute-api.{HOST}:{settings.port}"
    return Stack(Address(host, (HOST, settings.port), tls=False), outputs, tokens, SIGNER)


def _sam_deploy(template: Path, stack_name: str, endpoint_url: str) -> None:
    deployed = subprocess.run(  # noqa: S603 - our own command
        [
            *(SAM, "deploy", "--template", template, "--stack-name", stack_name, "--region", REGION),
            *("--resolve-s3", "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset"),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env=_environment(endpoint_url),
    )
    if deployed.returncode:
        raise DeploymentError(f"sam deploy of {template.name} to MiniStack failed:\n{deployed.stdout}")


def _sam_version() -> str:
    """Return the version of SAM CLI, as in `SAM CLI, version 1.170.0`."""
    return subprocess.check_output([SAM, "--version"], text=True).strip()  # noqa: S603 - as above


def _environment(endpoint_url: str) -> Mapping[str, str]:
    """Return the environment without whatever would lead the AWS clients to a real account."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return others | {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_ENDPOINT_URL": endpoint_url,
        "NO_PROXY": HOST,
        "SAM_CLI_TELEMETRY": "0",
    }
