"""A template becomes an API and a stack; what cannot be enforced is refused before any of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_stage.errors import StartError
from tests.unit.memory_deployment import TEMPLATE, build_deployer, deploy, refusal
from tests.unit.memory_stack import POOL_ID, MemoryStack


def test_a_template_that_can_be_enforced_passes_the_check_and_nothing_is_deployed(tmp_path: Path) -> None:
    stack = MemoryStack()
    build_deployer(tmp_path, stack=stack).check()
    assert stack.bodies == []


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (
            "{PoolAuthorizer: {UserPoolArn: !GetAtt Pool.Arn}}",
            "{PoolAuthorizer: {FunctionArn: !GetAtt HelloFunction.Arn, Identity: {ReauthorizeEvery: -1}}}",
            "HelloApi.Auth.Authorizers.PoolAuthorizer.Identity.ReauthorizeEvery: has to be a whole number of",
        ),
        ("TABLE:", "AWS_REGION:", "HelloFunction.Environment.Variables.AWS_REGION: Lambda reserves"),
        ("!Ref Table", "!Ref Nowhere", "HelloFunction.Environment.Variables.TABLE: refers to Nowhere"),
    ],
    ids=["authorizer", "reserved", "unknown"],
)
def test_what_cannot_be_enforced_or_run_is_refused_before_anything_is_deployed(
    tmp_path: Path, old: str, new: str, why: str
) -> None:
    assert old in TEMPLATE
    assert why in refusal(tmp_path, TEMPLATE.replace(old, new))


def test_one_start_tells_every_reason_with_its_place(tmp_path: Path) -> None:
    """Of a resource, of a stage and of a function at once."""
    text = TEMPLATE.replace("Outputs:", "  Acl: {Type: AWS::WAFv2::WebACLAssociation}\nOutputs:")
    text = text.replace("StageName: dev", "StageName: d.v").replace("TABLE:", "AWS_REGION:")
    told = refusal(tmp_path, text).splitlines()
    assert len(told) == 3
    file = f"{tmp_path}/template.yaml: "
    assert told[0].startswith("Acl.Type: AWS::WAFv2::WebACLAssociation: a web ACL decides who may call")
    assert told[1].startswith(f"{file}HelloApi.StageName: a stage's name has letters")
    assert told[2].startswith(f"{file}HelloFunction.Environment.Variables.AWS_REGION: Lambda reserves")


def test_a_template_with_nothing_to_serve_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"Resources: the template has no API, no function and no user pool"):
        build_deployer(tmp_path, "Resources: {Table: {Type: AWS::DynamoDB::Table}}").check()


def test_a_template_without_an_api_runs_and_it_is_told(tmp_path: Path) -> None:
    deployment = deploy(tmp_path, "Resources: {Pool: {Type: AWS::Cognito::UserPool}}")
    assert deployment.apis == ()
    assert "Resources: there is no API to serve, so that no request reaches a function" in map(
        str, deployment.not_run
    )


def test_an_api_without_a_stage_is_told_and_not_served(tmp_path: Path) -> None:
    api = "  StagelessApi: {Type: AWS::ApiGateway::RestApi, Properties: {Name: stageless}}\n"
    deployment = deploy(tmp_path, TEMPLATE.replace("Outputs:", f"{api}Outputs:"))
    assert [served.logical_id for served in deployment.apis] == ["HelloApi"]
    assert "StagelessApi (AWS::ApiGateway::RestApi): it has no stage, so that nobody can call it" in map(
        str, deployment.not_run
    )


def test_apis_are_in_the_templates_order_and_the_implicit_one_is_the_last(tmp_path: Path) -> None:
    api = TEMPLATE[TEMPLATE.index("  HelloApi:") : TEMPLATE.index("  HelloFunction:")]
    second = api.replace("HelloApi", "AnotherApi")
    events = (
        "        Other: {Type: Api, Properties: {RestApiId: !Ref AnotherApi, Path: /other, Method: get}}\n"
        "        Implicit: {Type: Api, Properties: {Path: /implicit, Method: get}}\n"
    )
    outputs = "".join(
        f"  {api}Url: {{Value: !Sub 'https://${{{api}}}.execute-api.${{AWS::Region}}.amazonaws.com/x'}}\n"
        for api in ("AnotherApi", "ServerlessRestApi")
    )
    text = TEMPLATE.replace(api, api + second).replace("Outputs:\n", f"{events}Outputs:\n{outputs}")
    deployment = deploy(tmp_path, text)
    assert [api.logical_id for api in deployment.apis] == ["HelloApi", "AnotherApi", "ServerlessRestApi"]
    assert deployment.outputs["ApiUrl"] == "http://127.0.0.1:3000/dev"
    assert deployment.outputs["AnotherApiUrl"] == "http://127.0.0.1:3001/x"
    assert deployment.outputs["ServerlessRestApiUrl"] == "http://127.0.0.1:3002/x"


def test_outputs_name_the_api_and_the_pools_domain_where_they_are_here(tmp_path: Path) -> None:
    outputs = deploy(tmp_path).outputs
    assert outputs["ApiUrl"] == "http://127.0.0.1:3000/dev"
    assert outputs["TokenEndpoint"] == "http://127.0.0.1:4566/oauth2/token"


def test_outputs_are_those_of_the_deployed_stack(tmp_path: Path) -> None:
    outputs = deploy(tmp_path).outputs
    assert outputs["PoolId"] == POOL_ID
    assert outputs["StackId"].endswith(":stack/hello-api/1-2")
    assert "Unwanted" not in outputs


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("Arn", f"arn:aws:cognito-idp:ap-northeast-1:123456789012:userpool/{POOL_ID}"),
        ("ProviderName", f"cognito-idp.ap-northeast-1.amazonaws.com/{POOL_ID}"),
        ("ProviderURL", f"https://cognito-idp.ap-northeast-1.amazonaws.com/{POOL_ID}"),
        ("UserPoolId", POOL_ID),
    ],
)
def test_a_pools_attributes_follow_from_its_id(tmp_path: Path, attribute: str, value: str) -> None:
    stack = MemoryStack()
    text = TEMPLATE.replace("Value: !Ref Pool\n", f"Value: !GetAtt Pool.{attribute}\n")
    assert text != TEMPLATE
    assert deploy(tmp_path, text, stack=stack).outputs["PoolId"] == value
    assert not [name for name in stack.bodies[-1]["Resources"] if name.startswith("LocalStageAttribute")]


def test_an_output_of_what_is_not_run_is_left_out_and_told(tmp_path: Path) -> None:
    deployment = deploy(tmp_path)
    assert "AlarmName" not in deployment.outputs
    told = [str(item) for item in deployment.not_run]
    assert "Alarm (AWS::CloudWatch::Alarm): it is not run locally" in told
    assert "Outputs.AlarmName: its value depends on Alarm: it is not run locally" in told


@pytest.mark.parametrize(
    ("new", "told"),
    [
        ("CodeUri: nowhere", None),
        (
            "CodeUri: code\n      FileSystemConfigs: [{Arn: a, LocalMountPath: /mnt/a}]",
            (
                "HelloFunction.FileSystemConfigs (AWS::Serverless::Function): it has no effect locally and"
                " may change what the function returns"
            ),
        ),
    ],
)
def test_what_a_function_lacks_here_keeps_no_api_from_starting(
    tmp_path: Path, new: str, told: str | None
) -> None:
    deployment = deploy(tmp_path, TEMPLATE.replace("CodeUri: code", new))
    (function,) = deployment.functions.values()
    assert bool(function.unavailable) is (told is None)
    assert told is None or told in map(str, deployment.not_run)


def test_an_event_source_that_does_not_fire_is_told_with_its_type(tmp_path: Path) -> None:
    rule = "  Elsewhere: {Type: AWS::IoT::TopicRule, Properties: {}}\n"
    deployment = deploy(tmp_path, TEMPLATE.replace("Outputs:", f"{rule}Outputs:"))
    told = [str(item) for item in deployment.not_run]
    assert "Elsewhere (AWS::IoT::TopicRule): it does not fire locally" in told


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
        "AWS::Lambda::Function",
    }
    (function,) = [
        one for one in stack.bodies[-1]["Resources"].values() if one["Type"] == "AWS::Lambda::Function"
    ]
    assert "Code" not in function["Properties"]


def test_the_authorizer_has_the_arn_of_the_deployed_pool(tmp_path: Path) -> None:
    deployment = deploy(tmp_path)
    (authorizer,) = deployment.rest_apis[0].cognito_authorizers
    (arn,) = authorizer.user_pool_arns
    assert arn.endswith(f":userpool/{POOL_ID}")
    assert deployment.local_user_pool_arns == {arn}


def test_a_pool_that_is_elsewhere_is_not_local(tmp_path: Path) -> None:
    arn = "arn:aws:cognito-idp:us-east-1:999999999999:userpool/us-east-1_Elsewhere"
    deployment = deploy(tmp_path, TEMPLATE.replace("!GetAtt Pool.Arn", arn))
    (authorizer,) = deployment.rest_apis[0].cognito_authorizers
    assert authorizer.user_pool_arns == (arn,)
    assert arn not in deployment.local_user_pool_arns
