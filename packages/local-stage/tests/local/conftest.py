"""A local AWS for each module that asks for one, and a new user pool in it for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local_stage.cloudformation.local_aws import LocalAwsSettings
from tests.local.emulated_pool import EmulatedPool
from tests.local.local_aws_process import running_local_aws


@pytest.fixture(scope="module")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAwsSettings]:
    with running_local_aws(tmp_path_factory.mktemp("local-aws")) as settings:
        yield settings


@pytest.fixture
def pool(local_aws: LocalAwsSettings) -> EmulatedPool:
    return EmulatedPool(local_aws)
