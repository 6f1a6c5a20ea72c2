"""A local AWS for tests that need nothing else of the stage."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

from local_stage.cloudformation.local_aws import LocalAws, LocalAwsSettings
from local_stage.serving.sockets import find_free_port, reserve_port

REGION = "ap-northeast-1"
ACCOUNT_ID = "123456789012"


def settings_for(folder: Path, port: int | None = None) -> LocalAwsSettings:
    """Return settings with a free port, unless one is given, and the state in a folder of this one."""
    return LocalAwsSettings(port or find_free_port(0, "--aws-port"), REGION, ACCOUNT_ID, folder / "aws")


@contextlib.contextmanager
def running_local_aws(folder: Path, port: int | None = None) -> Iterator[LocalAwsSettings]:
    """Start a local AWS, yield its settings when it answers, and stop it."""
    with reserve_port(port or 0, "--aws-port") as reserved, asyncio.Runner() as runner:
        settings = settings_for(folder, reserved)
        local_aws = LocalAws(settings)
        runner.run(local_aws.start())
        try:
            yield settings
        finally:
            runner.run(local_aws.stop())
