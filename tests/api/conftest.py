"""One suite for both targets.

With AWS_SAM_STACK_NAME set, and AWS_REGION and AWS_ENDPOINT_URL where needed, that stack's API is under test,
where AWS_ENDPOINT_URL is a local AWS's the API there.
Without it a local stage is started on free ports; its stack is then found in the very same way.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from local_stage.serving.options import StartOptions
from tests.api.api_caller import ApiCaller
from tests.api.callers import Callers, create_callers
from tests.api.deployed_stack import DeployedStack, StackSettings
from tests.api.locally_signed import LocalSigners
from tests.api.secrets_used import SecretsUsed
from tests.stage_process import StageProcess, running_stage


@pytest.fixture(scope="session")
def local_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess | None]:
    """The local stage that is under test, or None where the environment names a stack."""
    if StackSettings.from_environment(os.environ):
        yield None
        return
    with running_stage(tmp_path_factory.mktemp("stage")) as stage:
        yield stage


@pytest.fixture(scope="session")
def secrets_used() -> SecretsUsed:
    """Everything of the run that no log may repeat."""
    return SecretsUsed()


@pytest.fixture(scope="session")
def stack(local_stage: StageProcess | None, secrets_used: SecretsUsed) -> DeployedStack:
    """The stack under test."""
    settings = StackSettings.from_environment(os.environ)
    if settings is None:
        assert local_stage is not None
        defaults = StartOptions()
        settings = StackSettings(defaults.stack_name, defaults.region, local_stage.aws_endpoint_url)
    stack = DeployedStack.find(settings).at_endpoint()
    secrets_used.listen_to(stack.cognito)
    return stack


@pytest.fixture(scope="session")
def api(stack: DeployedStack) -> ApiCaller:
    """Calls the API under test."""
    return ApiCaller(stack.api_url)


@pytest.fixture(scope="session")
def callers(stack: DeployedStack) -> Iterator[Callers]:
    """Everybody who calls; deleted at the end."""
    with create_callers(stack) as callers:
        yield callers


@pytest.fixture(scope="session")
def stage(local_stage: StageProcess | None) -> StageProcess:
    """The local stage; tests that need its log or its keys are skipped on any other target."""
    if local_stage is None:
        pytest.skip("needs the log or the private keys of a local stage that this suite has started")
    return local_stage


@pytest.fixture(scope="session")
def signers(stage: StageProcess, stack: DeployedStack) -> LocalSigners:
    """The private keys of the pool under test, which only a local stage has."""
    return LocalSigners.read(stage, stack.user_pool_id, stack.outputs["UserPoolClientId"])
