"""The local stage as a target: each API in a stage process of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.credentials import Credentials

from conformance.case import Api
from conformance.pool_keys import LocalPoolKeys
from conformance.target import Stack, Target
from conformance.tokens import Tokens
from conformance.wire import Address
from local_stage.cloudformation.boto3_clients import ACCESS_KEY, SECRET_KEY
from local_stage.cloudformation.local_aws import LocalAwsSettings
from local_stage.deployment.target import ACCOUNT_ID
from tests.stage_process import StageProcess, running_stage

REGION: Final = "ap-northeast-1"
FOLDER: Final = Path(__file__).parent
SIGNER: Final = SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "execute-api", REGION)


@contextmanager
def local_stage(folder: Path) -> Iterator[Target]:
    """Start the APIs, keep what they write in the folder, and stop them at the end."""
    with ExitStack() as opened:
        stages = start_together(folder, FOLDER, Api, opened)
        stacks = {api: find_stack(stage, opened) for api, stage in stages.items()}
        yield Target("local stage", version("local-stage"), stacks)


def start_together[N: str](
    folder: Path, templates: Path, names: Iterable[N], opened: ExitStack
) -> dict[N, StageProcess]:
    """Start a stage for each of these templates at once, in folders of their own, until `opened` closes."""

    def start(name: N) -> StageProcess:
        own = folder / name
        own.mkdir()
        return opened.enter_context(running_stage(own, "--template", str(templates / f"{name}.yaml")))

    wanted = [*names]
    with ThreadPoolExecutor() as pool:
        return dict(zip(wanted, pool.map(start, wanted), strict=True))


def find_stack(stage: StageProcess, opened: ExitStack) -> Stack:
    """Return the API of a running stage, with tokens that are deleted when `opened` closes."""
    api, aws = urlsplit(stage.api_url), urlsplit(stage.aws_endpoint_url)
    assert api.hostname and api.port and aws.port  # noqa: S101, PT018 - a local stage's URLs have all of it
    settings = LocalAwsSettings(aws.port, REGION, ACCOUNT_ID, stage.state_folder / "aws")
    tokens = Tokens(
        settings.client("cognito-idp"),
        stage.outputs,
        stage.outputs.get("TokenEndpoint", ""),
        LocalPoolKeys(settings.state_folder),
    )
    opened.callback(tokens.close)
    return Stack(Address(api.netloc, (api.hostname, api.port), tls=False), stage.outputs, tokens, SIGNER)
