"""Where MiniStack's errors and CloudFormation are not AWS's: tests of what AWS does, which fail as yet."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from local_stage.cloudformation.local_aws import LocalAwsSettings
from tests.local.emulated_pool import EmulatedPool, new_name, post, refusal
from tests.local.ministack_difference import differs
from tests.processes import wait_until

# Errors


@pytest.fixture
def wrong_password(local_aws: LocalAwsSettings, pool: EmulatedPool) -> requests.Response:
    """What Cognito says to a wrong password, as bytes and headers."""
    parameters = {"USERNAME": pool.add_user(), "PASSWORD": "Wrong-Horse-7"}
    client_id = pool.add_password_client(PreventUserExistenceErrors="ENABLED")
    body = {"ClientId": client_id, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}
    return post(local_aws, "InitiateAuth", body)


@differs("the header x-amzn-errortype has no colon")
def test_an_error_names_its_type_with_a_colon(wrong_password: requests.Response) -> None:
    assert wrong_password.headers["x-amzn-errortype"] == "NotAuthorizedException:"


@differs("no header x-amzn-errormessage")
def test_an_error_has_its_message_in_a_header_too(wrong_password: requests.Response) -> None:
    assert wrong_password.headers.get("x-amzn-errormessage") == "Incorrect username or password."


@differs("blanks between the parts of an error")
def test_an_error_has_no_blanks_between_its_parts(wrong_password: requests.Response) -> None:
    expected = b'{"__type":"NotAuthorizedException","message":"Incorrect username or password."}'
    assert wrong_password.content == expected


@differs("says `Client … not found.`")
def test_an_unknown_app_client_does_not_exist(pool: EmulatedPool) -> None:
    client_id = "0123456789abcdefghijklmnop"
    with pytest.raises(ClientError) as caught:
        pool.sign_in(client_id, "user")
    expected = ("ResourceNotFoundException", f"User pool client {client_id} does not exist.")
    assert refusal(caught.value) == expected


# CloudFormation


def create_stack(local_aws: LocalAwsSettings, resources: Any, outputs: Any) -> str:
    """Create a stack with a pool and more, and return the status that it comes to."""
    cloudformation, name = local_aws.client("cloudformation"), new_name("stack")
    resources = {"Pool": {"Type": "AWS::Cognito::UserPool"}, **resources}
    body = json.dumps({"Resources": resources, "Outputs": outputs})
    cloudformation.create_stack(StackName=name, TemplateBody=body)

    def status() -> str:
        return str(cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])

    wait_until(lambda: not status().endswith("_IN_PROGRESS"))
    return status()


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::Cognito::UserPoolUser", {"Username": "user"}),
        ("AWS::Cognito::UserPoolUserToGroupAttachment", {"Username": "user", "GroupName": "admins"}),
        (
            "AWS::Cognito::UserPoolIdentityProvider",
            {
                "ProviderName": "Google",
                "ProviderType": "Google",
                "ProviderDetails": {"client_id": "a", "client_secret": "b", "authorize_scopes": "email"},
            },
        ),
        ("AWS::Cognito::ManagedLoginBranding", {"UseCognitoProvidedValues": True}),
    ],
)
@differs("the type is unknown", raises=ClientError)
def test_cloudformation_knows_everything_of_a_pool(
    local_aws: LocalAwsSettings, kind: str, properties: dict[str, Any]
) -> None:
    resource = {"Type": kind, "Properties": {"UserPoolId": {"Ref": "Pool"}, **properties}}
    assert create_stack(local_aws, {"Resource": resource}, {}) in {"CREATE_COMPLETE", "ROLLBACK_COMPLETE"}


@differs("a pool has no attribute ProviderURL, and the stack rolls back")
def test_a_pool_tells_its_provider_url(local_aws: LocalAwsSettings) -> None:
    outputs = {"Url": {"Value": {"Fn::GetAtt": ["Pool", "ProviderURL"]}}}
    assert create_stack(local_aws, {}, outputs) == "CREATE_COMPLETE"


@differs("`AWS::CodeDeploy::Application` is unknown", raises=ClientError)
def test_cloudformation_deploys_by_degrees(local_aws: LocalAwsSettings) -> None:
    application = {"Type": "AWS::CodeDeploy::Application", "Properties": {"ComputePlatform": "Lambda"}}
    assert create_stack(local_aws, {"Application": application}, {}) == "CREATE_COMPLETE"


@differs("`AWS::WAFv2::WebACLAssociation` is unknown", raises=ClientError)
def test_cloudformation_puts_a_web_acl_before_a_pool(local_aws: LocalAwsSettings) -> None:
    metrics = {"CloudWatchMetricsEnabled": False, "SampledRequestsEnabled": False, "MetricName": "acl"}
    acl = {"Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "VisibilityConfig": metrics}
    association = {
        "ResourceArn": {"Fn::GetAtt": ["Pool", "Arn"]},
        "WebACLArn": {"Fn::GetAtt": ["Acl", "Arn"]},
    }
    resources = {
        "Acl": {"Type": "AWS::WAFv2::WebACL", "Properties": acl},
        "Association": {"Type": "AWS::WAFv2::WebACLAssociation", "Properties": association},
    }
    assert create_stack(local_aws, resources, {}) == "CREATE_COMPLETE"


@differs("an alarm takes no `Metrics`, and the stack rolls back")
def test_cloudformation_makes_an_alarm_of_metric_math(local_aws: LocalAwsSettings) -> None:
    refusals = {"Metric": {"Namespace": "hello", "MetricName": "Refusals"}, "Period": 300, "Stat": "Sum"}
    alarm = {
        "Metrics": [
            {"Id": "refusals", "MetricStat": refusals},
            {"Id": "usual", "Expression": "ANOMALY_DETECTION_BAND(refusals, 4)"},
        ],
        "ThresholdMetricId": "usual",
        "EvaluationPeriods": 3,
        "ComparisonOperator": "GreaterThanUpperThreshold",
    }
    resource = {"Type": "AWS::CloudWatch::Alarm", "Properties": alarm}
    assert create_stack(local_aws, {"Alarm": resource}, {}) == "CREATE_COMPLETE"
