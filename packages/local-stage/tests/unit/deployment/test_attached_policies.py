"""Where a signature opens an API, no policy of who may sign is left out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, override

import pytest

from local_stage.cloudformation.stack import ResourceFailedError
from local_stage.errors import StartError
from tests.unit.memory_deployment import deploy
from tests.unit.memory_stack import MemoryStack

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  User: {Type: AWS::IAM::User}
  Policy:
    Type: AWS::IAM::Policy
    Properties: {PolicyName: closing, PolicyDocument: {}, Users: [!Ref User]}
  Api:
    Type: AWS::Serverless::Api
    Properties: {StageName: dev, Auth: {DefaultAuthorizer: AUTHORIZER}}
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      CodeUri: code
      Handler: app.handler
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /hello, Method: get}}}
"""


class FailingStack(MemoryStack):
    """Cannot have the policy."""

    @override
    def deploy(self, body: str, parameters: Mapping[str, Any]) -> None:
        super().deploy(body, parameters)
        if "Policy" in self.bodies[-1]["Resources"]:
            raise ResourceFailedError("it failed", self.name, "Policy", "it is malformed")


def test_a_policy_that_the_local_aws_cannot_have_is_a_reason_not_to_start(tmp_path: Path) -> None:
    with pytest.raises(StartError) as caught:
        deploy(tmp_path, TEMPLATE.replace("AUTHORIZER", "AWS_IAM"), FailingStack())
    why = "Policy: the policy decides who may call, and the local AWS cannot have it: it is malformed"
    assert str(caught.value).removeprefix(f"{tmp_path}/template.yaml: ") == why


def test_where_nobody_signs_it_is_listed(tmp_path: Path) -> None:
    text = TEMPLATE.replace(", Auth: {DefaultAuthorizer: AUTHORIZER}", "")
    deployment = deploy(tmp_path, text, FailingStack())
    assert any("it is malformed" in str(item) for item in deployment.not_run)
