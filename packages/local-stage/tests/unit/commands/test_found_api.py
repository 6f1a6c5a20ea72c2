"""The API of a running stage: its template as it is saved now, with the authorizers that it has built."""

from __future__ import annotations

import os

import pytest

from local_stage.commands.found_api import find_running_api
from local_stage.errors import StartError
from local_stage.state import RunningStage
from tests.stage_process import REPOSITORY


def test_an_authorizer_that_the_stage_has_not_yet_taken_up_is_named() -> None:
    running = RunningStage(
        pid=os.getpid(),
        api_url="http://127.0.0.1:3000/dev",
        aws_endpoint_url="http://127.0.0.1:4566",
        region="ap-northeast-1",
        stack_name="hello-api",
        template=str(REPOSITORY / "template.yaml"),
        authorizers=[],
    )
    why = "has not yet taken up the authorizer UserPoolAuthorizer; call the API once, and ask again"
    with pytest.raises(StartError, match=why):
        find_running_api(running)
