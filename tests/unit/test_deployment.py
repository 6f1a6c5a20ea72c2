"""A template becomes an API, functions and a stack; what cannot be enforced is refused before any of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local_stage.cloudformation.template import read_template
from local_stage.deployment import Deployer, Deployment
from local_stage.errors import StartError
from local_stage.lambda_runtime.layer import Layer
from local_stage.target import Target
from tests.unit.memory_stack import POOL_ID, MemoryStack

TARGET = Target("hello-api", "ap-northeast-1", "http://127.0.0.1:3000", "http://127.0.0.1:4566")
TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Conditions:
  Never: !Equals [a, b]
Resources:
  Pool:
    Type: AWS::Cognito::UserPool
  Domain:
    Type: AWS::Cognito::UserPoolDomain
    Properties: {UserPoolId: !Ref Pool, Domain: hello}
  Table:
    Type: AWS::DynamoDB::Table
  Alarm:
    Type: AWS::CloudWatch::Alarm
  HelloApi:
    Type: AWS::Serverless::Api
    Properties:
      StageName: dev
      OpenApiVersion: 3.0.3
      Auth:
        DefaultAuthorizer: PoolAuthorizer
        Authorizers: {PoolAuthorizer: {UserPoolArn: !GetAtt Pool.Arn}}
  HelloFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      CodeUri: code
      Handler: app.handler
      Environment: {Variables: {TABLE: !Ref Table, LEVEL: INFO}}
      Events:
        Get: {Type: Api, Properties: {RestApiId: !Ref HelloApi, Path: /hello, Method: get}}
Outputs:
  ApiUrl:
    Description: The stage
    Value: !Sub https://${HelloApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/dev
  TokenEndpoint:
    Value: !Sub https://${Domain}.auth.${AWS::Region}.amazoncognito.com/oauth2/token
  PoolId:
    Value: !Ref Pool
  StackId:
    Value: !Ref AWS::StackId
  AlarmName:
    Value: !Ref Alarm
  Unwanted:
    Condition: Never
    Value: x
"""
EVENTS = """\
      Events:
        Get: {Type: Api, Properties: {RestApiId: !Ref HelloApi, Path: /hello, Method: get}}
"""


def build_deployer(
    folder: Path,
    text: str = TEMPLATE,
    stack: MemoryStack | None = None,
    environment: dict[str, dict[str, str]] | None = None,
) -> Deployer:
    (folder / "code").mkdir(exist_ok=True)
    (folder / "template.yaml").write_text(text)
    return Deployer(
        read_template(folder / "template.yaml", {}, TARGET.region),
        TARGET,
        stack or MemoryStack(),
        inline_folder=folder / "inline",
        environment_overrides=environment or {},
    )


def deploy(folder: Path, text: str = TEMPLATE, stack: MemoryStack | None = None) -> Deployment:
    return build_deployer(folder, text, stack).deploy()


def refusal(folder: Path, text: str) -> str:
    """Return why a template is refused, before anything of it is deployed."""
    stack = MemoryStack()
    with pytest.raises(StartError) as caught:
        build_deployer(folder, text, stack).check()
    assert stack.bodies == []
    return str(caught.value).removeprefix(f"{folder}/template.yaml: ")


def test_a_template_that_can_be_enforced_passes_the_check_and_nothing_is_deployed(tmp_path: Path) -> None:
    stack = MemoryStack()
    build_deployer(tmp_path, stack=stack).check()
    assert stack.bodies == []


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (
            "{PoolAuthorizer: {UserPoolArn: !GetAtt Pool.Arn}}",
            "{PoolAuthorizer: {FunctionArn: !GetAtt HelloFunction.Arn}}",
            "HelloApi.Auth.Authorizers.PoolAuthorizer: a Lambda authorizer (GET /hello) cannot be enforced",
        ),
        ("python3.13", "python3.12", "HelloFunction.Runtime: python3.12 cannot be run by Python 3.13"),
        ("python3.13", "nodejs22.x", "HelloFunction.Runtime: nodejs22.x cannot be run locally"),
        (
            "      CodeUri: code",
            "      CodeUri: code\n      Layers: [arn:x]",
            "HelloFunction.Layers: arn:x is no layer of",
        ),
        ("TABLE:", "AWS_REGION:", "HelloFunction.Environment.Variables.AWS_REGION: Lambda reserves"),
        ("!Ref Table", "!Ref Alarm", "HelloFunction.Environment.Variables.TABLE: refers to Alarm"),
    ],
    ids=["authorizer", "python", "node", "layer", "reserved", "unknown"],
)
def test_what_cannot_be_enforced_or_run_is_refused_before_anything_is_deployed(
    tmp_path: Path, old: str, new: str, why: str
) -> None:
    assert old in TEMPLATE
    assert why in refusal(tmp_path, TEMPLATE.replace(old, new))


def test_a_template_without_an_api_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"Resources: has no AWS::Serverless::Api to serve"):
        build_deployer(tmp_path, "Resources: {Pool: {Type: AWS::Cognito::UserPool}}").check()


def test_a_template_with_two_apis_is_refused(tmp_path: Path) -> None:
    api = TEMPLATE[TEMPLATE.index("  HelloApi:") : TEMPLATE.index("  HelloFunction:")]
    second = api.replace("HelloApi", "OtherApi")
    other = "        Other: {Type: Api, Properties: {RestApiId: !Ref OtherApi, Path: /other, Method: get}}\n"
    text = TEMPLATE.replace(api, api + second).replace("Outputs:", f"{other}Outputs:")
    assert refusal(tmp_path, text) == "Resources: has 2 REST APIs (HelloApi, OtherApi); the stage serves one"


def test_outputs_name_the_api_and_the_pools_domain_where_they_are_here(tmp_path: Path) -> None:
    outputs = deploy(tmp_path).outputs
    assert outputs["ApiUrl"] == "http://127.0.0.1:3000/dev"
    assert outputs["TokenEndpoint"] == "http://127.0.0.1:4566/oauth2/token"


def test_outputs_are_those_of_the_deployed_stack(tmp_path: Path) -> None:
    outputs = deploy(tmp_path).outputs
    assert outputs["PoolId"] == "pool-1"
    assert outputs["StackId"].endswith(":stack/hello-api/1-2")
    assert "Unwanted" not in outputs


def test_an_output_of_what_is_not_run_is_left_out_and_told(tmp_path: Path) -> None:
    deployment = deploy(tmp_path)
    assert "AlarmName" not in deployment.outputs
    told = [str(item) for item in deployment.not_run]
    assert "Alarm.Type: AWS::CloudWatch::Alarm is not run locally" in told
    assert "Outputs.AlarmName: refers to Alarm, which is not run locally or does not exist" in told


def test_the_stack_has_the_outputs_that_the_stage_tells_of(tmp_path: Path) -> None:
    """So that a test suite finds a local stage as it finds one on AWS, by describe-stacks."""
    stack = MemoryStack()
    deployment = deploy(tmp_path, stack=stack)
    assert stack.outputs() == deployment.outputs
    assert stack.bodies[-1]["Outputs"]["ApiUrl"]["Description"] == "The stage"


def test_a_restart_deploys_the_same_template_only_once(tmp_path: Path) -> None:
    first = deploy(tmp_path)
    stack = MemoryStack(first.outputs)
    assert deploy(tmp_path, stack=stack).outputs == first.outputs
    assert len(stack.bodies) == 1


def test_only_what_lives_in_the_local_aws_is_deployed_there(tmp_path: Path) -> None:
    stack = MemoryStack()
    deploy(tmp_path, stack=stack)
    types = {name: resource["Type"] for name, resource in stack.bodies[-1]["Resources"].items()}
    assert {kind for kind in types.values() if kind != "AWS::SSM::Parameter"} == {
        "AWS::Cognito::UserPool",
        "AWS::Cognito::UserPoolDomain",
        "AWS::DynamoDB::Table",
    }


def test_the_authorizer_has_the_arn_of_the_deployed_pool(tmp_path: Path) -> None:
    deployment = deploy(tmp_path)
    (arn,) = deployment.rest_api.authorizers["PoolAuthorizer"].user_pool_arns
    assert arn.endswith(f":userpool/{POOL_ID}")
    assert deployment.local_user_pool_arns == {arn}


def test_a_pool_that_is_elsewhere_is_not_local(tmp_path: Path) -> None:
    arn = "arn:aws:cognito-idp:us-east-1:999999999999:userpool/us-east-1_Elsewhere"
    deployment = deploy(tmp_path, TEMPLATE.replace("!GetAtt Pool.Arn", arn))
    assert deployment.rest_api.authorizers["PoolAuthorizer"].user_pool_arns == (arn,)
    assert arn not in deployment.local_user_pool_arns


def test_the_function_knows_the_deployed_resources(tmp_path: Path) -> None:
    (function,) = deploy(tmp_path).functions.values()
    assert function.environment == {"TABLE": "table-1", "LEVEL": "INFO"}
    assert function.code_folder == tmp_path / "code"


def test_the_function_has_the_layers_of_the_template_in_their_order(tmp_path: Path) -> None:
    layers = """
  One: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: one}}
  Two:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: python3.13}
    Properties: {ContentUri: two, LayerName: named}
"""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    text = TEMPLATE.replace("CodeUri: code", "CodeUri: code\n      Layers: [!Ref Two, !Ref One]")
    deployment = deploy(tmp_path, text.replace("Outputs:", f"{layers.strip(chr(10))}\nOutputs:"))
    (function,) = deployment.functions.values()
    assert function.layers == (Layer("Two", tmp_path / "two", is_built=True), Layer("One", tmp_path / "one"))
    assert function.folders == (tmp_path / "code", tmp_path / "two", tmp_path / "one")


def test_inline_code_wins_over_a_folder_that_all_functions_share(tmp_path: Path) -> None:
    shared = "Globals: {Function: {CodeUri: code}}\nResources:"
    text = TEMPLATE.replace("CodeUri: code", "InlineCode: 'def handler(e, c): ...'").replace(
        "Resources:", shared
    )
    (function,) = deploy(tmp_path, text.replace("app.handler", "index.handler")).functions.values()
    assert function.code_folder == tmp_path / "inline" / "HelloFunction"


def test_inline_code_that_has_not_changed_is_not_saved_again(tmp_path: Path) -> None:
    text = TEMPLATE.replace("CodeUri: code", "InlineCode: 'def handler(e, c): ...'")
    text = text.replace("app.handler", "index.handler")
    (function,) = deploy(tmp_path, text).functions.values()
    before = (function.code_folder / "index.py").stat()
    deploy(tmp_path, text)
    assert (function.code_folder / "index.py").stat().st_mtime_ns == before.st_mtime_ns


def test_the_function_logs_where_and_how_the_template_says(tmp_path: Path) -> None:
    config = "LoggingConfig: {LogGroup: !Ref Log, LogFormat: JSON, ApplicationLogLevel: DEBUG}"
    log = "  Log: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: own-group}}\n"
    text = TEMPLATE.replace("CodeUri: code", f"CodeUri: code\n      {config}").replace(
        "  Pool:", f"{log}  Pool:", 1
    )
    (function,) = deploy(tmp_path, text).functions.values()
    assert (function.log_group, function.log_format, function.log_level) == ("own-group", "JSON", "DEBUG")


def test_the_api_calls_the_function_by_the_arn_that_it_has(tmp_path: Path) -> None:
    deployment = deploy(tmp_path)
    (resource,) = deployment.rest_api.resources
    integration = resource.methods["GET"].integration
    assert [getattr(integration, "function_arn", None)] == list(deployment.functions)


def test_a_function_runs_as_the_alias_that_the_api_calls(tmp_path: Path) -> None:
    deployment = deploy(tmp_path, TEMPLATE.replace("CodeUri:", "AutoPublishAlias: live\n      CodeUri:"))
    (resource,) = deployment.rest_api.resources
    invoked = getattr(resource.methods["GET"].integration, "function_arn", "")
    assert invoked.endswith(":live")
    ((arn, function),) = deployment.functions.items()
    assert (arn, function.invoked_arn, function.version) == (invoked, invoked, "1")


def with_own_alias(**invoked: str) -> str:
    """Return the template with an alias of its own writing, and an API of paths that invoke what is named."""
    function_uri = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions"
    paths = {
        f"/{path}": {
            "get": {
                "x-amazon-apigateway-integration": {
                    "type": "aws_proxy",
                    "httpMethod": "POST",
                    "uri": {"Fn::Sub": f"{function_uri}/${{{name}}}/invocations"},
                }
            }
        }
        for path, name in invoked.items()
    }
    body = json.dumps({"openapi": "3.0.3", "paths": paths})
    alias = '{FunctionName: !Ref HelloFunction, Name: live, FunctionVersion: "7"}'
    text = TEMPLATE.replace("OpenApiVersion: 3.0.3", f"DefinitionBody: {body}")
    text = text.replace(EVENTS, "      ReservedConcurrentExecutions: 1\n")
    return text.replace("Outputs:", f"  Alias: {{Type: AWS::Lambda::Alias, Properties: {alias}}}\nOutputs:")


def test_an_alias_that_the_template_writes_itself_names_its_version(tmp_path: Path) -> None:
    deployment = deploy(tmp_path, with_own_alias(hello="Alias"))
    (function,) = deployment.functions.values()
    assert (function.qualifier, function.version) == ("live", "7")
    assert "HelloFunction" not in {item.resource for item in deployment.not_run}


@pytest.mark.parametrize(
    ("version", "why"),
    [
        ("", "names no version"),
        (", FunctionVersion: []", "names no version"),
        (", FunctionVersion: !Ref Alarm", "refers to Alarm"),
    ],
)
def test_an_alias_without_a_version_is_refused(tmp_path: Path, version: str, why: str) -> None:
    text = with_own_alias(hello="Alias")
    assert f"Alias.FunctionVersion: {why}" in refusal(
        tmp_path, text.replace(', FunctionVersion: "7"', version)
    )


def test_what_is_invoked_with_and_without_alias_runs_twice_and_it_is_told(tmp_path: Path) -> None:
    deployment = deploy(tmp_path, with_own_alias(hello="Alias", plain="HelloFunction.Arn"))
    assert [function.version for function in deployment.functions.values()] == ["$LATEST", "7"]
    (told,) = [item for item in deployment.not_run if item.resource == "HelloFunction"]
    assert told.property_path == "ReservedConcurrentExecutions"


@pytest.mark.parametrize("key", ["Parameters", "HelloFunction"])
def test_env_vars_replace_declared_variables_and_add_none(tmp_path: Path, key: str) -> None:
    environment = {key: {"LEVEL": "DEBUG", "UNDECLARED": "x"}, "OtherFunction": {"TABLE": "x"}}
    deployment = build_deployer(tmp_path, environment=environment).deploy()
    (function,) = deployment.functions.values()
    assert function.environment == {"TABLE": "table-1", "LEVEL": "DEBUG"}


def test_env_vars_of_the_function_win_over_those_of_all(tmp_path: Path) -> None:
    environment = {"HelloFunction": {"LEVEL": "own"}, "Parameters": {"LEVEL": "all"}}
    (function,) = build_deployer(tmp_path, environment=environment).deploy().functions.values()
    assert function.environment["LEVEL"] == "own"


def test_inline_code_becomes_the_module_index(tmp_path: Path) -> None:
    text = TEMPLATE.replace("CodeUri: code", "InlineCode: 'def handler(e, c): ...'").replace(
        "app.h", "index.h"
    )
    (function,) = deploy(tmp_path, text).functions.values()
    assert (function.code_folder / "index.py").read_text() == "def handler(e, c): ..."
