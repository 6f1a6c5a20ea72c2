"""The stages of one API: those of Stage resources, and that of a Deployment which names one."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_stage.api_gateway.rest.rest_api import RestApi
from local_stage.api_gateway.throttle import Throttle
from tests.unit.memory_deployment import deploy

TEMPLATE = """
Resources:
  Pool: {Type: AWS::Cognito::UserPool}
  RawApi:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Body:
        swagger: "2.0"
        paths:
          /hello:
            get: {x-amazon-apigateway-integration: {type: mock, requestTemplates: {application/json: '{"statusCode": 200}'}, responses: {default: {statusCode: "200"}}}}
  First:
    Type: AWS::ApiGateway::Deployment
    Properties:
      RestApiId: !Ref RawApi
      StageName: v1
      StageDescription: {ThrottlingRateLimit: 5, ThrottlingBurstLimit: 2, Variables: {color: blue}}
  Second:
    Type: AWS::ApiGateway::Stage
    Properties: {RestApiId: !Ref RawApi, DeploymentId: !Ref First, StageName: v2}
Outputs:
  First: {Value: !Sub "https://${RawApi}.execute-api.${AWS::Region}.amazonaws.com/v1/hello"}
  Second: {Value: !Sub "https://${RawApi}.execute-api.${AWS::Region}.amazonaws.com/v2/hello"}
  Neither: {Value: !Sub "https://${RawApi}.execute-api.${AWS::Region}.amazonaws.com"}
  Other: {Value: https://abcdefghij.execute-api.eu-west-1.amazonaws.com/v1}
"""  # noqa: E501 - an integration in one line


@pytest.fixture
def stages(tmp_path: Path) -> tuple[RestApi, ...]:
    return tuple(api for api in deploy(tmp_path, TEMPLATE).apis if isinstance(api, RestApi))


def test_each_stage_is_served_by_itself(stages: tuple[RestApi, ...]) -> None:
    assert [(api.logical_id, api.stage_name) for api in stages] == [("RawApi", "v1"), ("RawApi", "v2")]
    assert len({api.api_id for api in stages}) == 1


def test_a_deployments_own_stage_has_its_description(stages: tuple[RestApi, ...]) -> None:
    first, second = stages
    assert first.throttles == {("GET", "/hello"): Throttle(5, 2)}
    assert first.stage_variables == {"color": "blue"}
    assert second.throttles == {("GET", "/hello"): None}


def test_an_output_leads_to_the_stage_that_it_names_or_to_the_first(tmp_path: Path) -> None:
    outputs = deploy(tmp_path, TEMPLATE).outputs
    assert outputs["First"] == "http://127.0.0.1:3000/v1/hello"
    assert outputs["Second"] == "http://127.0.0.1:3001/v2/hello"
    assert outputs["Neither"] == "http://127.0.0.1:3000"
    assert outputs["Other"] == "https://abcdefghij.execute-api.eu-west-1.amazonaws.com/v1"


def test_what_a_stages_description_has_and_is_not_run_is_told(tmp_path: Path) -> None:
    text = TEMPLATE.replace("ThrottlingRateLimit: 5", "CanarySetting: {PercentTraffic: 10}")
    (told,) = [note.why for note in deploy(tmp_path, text).not_run if note.property_path == "CanarySetting"]
    assert told.startswith("no traffic is split")
