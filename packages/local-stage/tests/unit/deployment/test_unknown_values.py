"""What is not known here closes what it decides, and everything else reads a placeholder."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_stage.cloudformation.unknown import Unknown
from local_stage.deployment.deployment import Deployment
from tests.unit.memory_deployment import TEMPLATE, deploy, refusal

DECLARED = """
Parameters:
  PoolArn: {Type: String}
  PoolId: {Type: String}
  TableName: {Type: String}
  Kind: {Type: String, AllowedValues: [small, large]}
  Origin: {Type: AWS::SSM::Parameter::Value<String>, Default: /hello/origin}
  Subnets: {Type: List<AWS::EC2::Subnet::Id>}
Conditions:
  IsLarge: !Equals [!Ref Kind, large]
"""
ARN = "!GetAtt Pool.Arn"
TABLE = "!Ref Table"


def deploy_with(folder: Path, old: str, new: str) -> Deployment:
    assert old in TEMPLATE
    text = TEMPLATE.replace(old, new, 1).replace("\nConditions:\n", DECLARED)
    return deploy(folder, text)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("!Ref PoolArn", "<Parameters.PoolArn: has no default"),
        ("!Sub 'arn:aws:cognito-idp:${AWS::Region}:123456789012:userpool/${PoolId}'", "<Parameters.PoolId"),
        ("!ImportValue pool-arn", "<Fn::ImportValue.pool-arn: is not known; pass --import-value pool-arn="),
        (
            "'{{resolve:ssm:/pool/arn}}'",
            "<{{resolve}}.ssm:/pool/arn: is not known; pass --import-value /pool",
        ),
        ("!If [IsLarge, !GetAtt Pool.Arn, !Ref PoolArn]", "<Parameters.Kind: has no default"),
        ("!GetAtt Alarm.Arn", "<Alarm: it is not run locally>"),
    ],
)
def test_a_pool_that_is_not_known_is_no_pool_at_all(tmp_path: Path, value: str, reason: str) -> None:
    deployment = deploy_with(tmp_path, ARN, value)
    (authorizer,) = deployment.rest_apis[0].cognito_authorizers
    (arn,) = authorizer.user_pool_arns
    assert arn.startswith(reason)
    assert [route.authorizer for route in deployment.rest_apis[0].routes] == ["PoolAuthorizer"]


@pytest.mark.parametrize(
    "part",
    [
        "Identity: {Header: !Ref PoolId}",
        "Identity: {ValidationExpression: !Ref PoolId}",
    ],
)
def test_an_authorizer_of_which_anything_is_not_known_has_no_pool(tmp_path: Path, part: str) -> None:
    deployment = deploy_with(tmp_path, ARN, f"{ARN}, {part}")
    (authorizer,) = deployment.rest_apis[0].cognito_authorizers
    (arn,) = authorizer.user_pool_arns
    assert arn.startswith("<Parameters.PoolId")


def test_scopes_that_are_not_known_close_the_route(tmp_path: Path) -> None:
    deployment = deploy_with(
        tmp_path,
        "Method: get",
        "Method: get, Auth: {Authorizer: PoolAuthorizer, AuthorizationScopes: [!Ref PoolId]}",
    )
    (route,) = deployment.rest_apis[0].routes
    assert route.authorizer is not None
    (arn,) = {
        arn
        for authorizer in deployment.rest_apis[0].cognito_authorizers
        if authorizer.name == route.authorizer
        for arn in authorizer.user_pool_arns
    }
    assert arn.startswith("<Parameters.PoolId")


def test_a_path_that_may_not_be_there_is_refused_with_the_reason(tmp_path: Path) -> None:
    text = TEMPLATE.replace("  HelloFunction:\n", "  HelloFunction:\n    Condition: IsLarge\n")
    why = refusal(tmp_path, text.replace("\nConditions:\n", DECLARED))
    assert "what is not known: Parameters.Kind: has no default" in why


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("!Ref TableName", "unknown-tablename"),
        ("!Ref Kind", "small"),
        ("!Ref Origin", "unknown-origin"),
        ("!Join [',', !Ref Subnets]", "unknown-subnets"),
        ("!If [IsLarge, one, two]", "two"),
        ("!Ref Alarm", "unknown-alarm"),
        ("!ImportValue table", "unknown-table"),
    ],
)
def test_a_function_reads_a_placeholder_of_what_is_not_known(tmp_path: Path, value: str, text: str) -> None:
    deployment = deploy_with(tmp_path, TABLE, value)
    (function,) = deployment.functions.values()
    assert function.environment["TABLE"] == text
    told = {(item.resource, item.property_path) for item in deployment.not_run}
    unknown = function.environment["TABLE"]
    assert not isinstance(unknown, Unknown) or (unknown.source.resource, unknown.source.property_path) in told


def test_a_lambda_authorizer_of_which_anything_is_not_known_has_no_function(tmp_path: Path) -> None:
    deployment = deploy_with(tmp_path, "{UserPoolArn: " + ARN, "{FunctionArn: !Ref PoolId")
    (authorizer,) = deployment.rest_apis[0].lambda_authorizers
    assert authorizer.function_arn.startswith("<Parameters.PoolId")
    assert authorizer.function_arn not in deployment.functions
