"""The roles that deploy may do what AWS's own schemas of the resources ask for, to this project's stacks."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from local_stage.cloudformation.intrinsics import Intrinsics, PhysicalResource
from local_stage.cloudformation.template import read_template
from tests.stage_process import REPOSITORY
from tests.unit.template.written_template import ENVIRONMENTS, deployed, operations

SCHEMAS = REPOSITORY / ".venv-sam/lib/python3.13/site-packages/cfnlint/data/schemas/resources"
HANDLERS = ("create", "read", "update", "delete")
UNUSED = {
    "a key of one's own": ("kms:*", "logs:AssociateKmsKey", "logs:DisassociateKmsKey"),
    "a role for Cognito": ("iam:CreateServiceLinkedRole",),
    "a role without its permissions boundary": ("iam:DeleteRolePermissionsBoundary",),
    "a VPC, file systems": ("ec2:*", "elasticfilesystem:*", "s3files:*"),
    "layers, code signing, runtimes by hand": (
        "lambda:AssociateRuntimeAlias",
        "lambda:*CodeSigningConfig",
        "lambda:GetLayerVersion",
        "lambda:PutFunctionRecursionConfig",
        "lambda:PutRuntimeManagementConfig",
    ),
    "provisioned concurrency, capacity providers": (
        "lambda:*ProvisionedConcurrencyConfig",
        "lambda:PassCapacityProvider",
        "lambda:PutFunctionScalingConfig",
    ),
    "a domain of one's own for the login": ("cloudfront:updateDistribution",),
    "servers of one's own": ("codedeploy:RegisterOnPremisesInstance",),
    "a resource policy of the API": ("apigateway:UpdateRestApiPolicy",),
    "a definition of the API in S3": ("s3:GetObject", "s3:REST.PUT.OBJECT"),
    "masking, indexes and delivery of logs": (
        "firehose:*",
        "logs:*DataProtectionPolicy",
        "logs:*IndexPolicy",
        "logs:*ResourcePolicy",
        "logs:CreateLogDelivery",
        "logs:PutBearerTokenAuthentication",
        "logs:PutLogGroupDeletionProtection",
    ),
    "masking of messages": ("sns:PutDataProtectionPolicy",),
    "rule groups for which one pays their maker": ("payments:*",),
    "a web ACL in front of other services": (
        "amplify:*",
        "apprunner:*",
        "appsync:*",
        "bedrock-agentcore:*",
        "elasticloadbalancing:*",
    ),
}
"""Rights for what the template does not use, by what that is."""


PIPELINE = "PipelineRole"
"""The role of the workflow's job."""
EXECUTION = "ExecutionRole"
"""The role that the job hands to CloudFormation."""
BOUNDARY = "arn:aws:iam::123456789012:policy/hello-api-{}-boundary"


@functools.cache
def role(environment: str, logical_id: str = EXECUTION) -> Mapping[str, Any]:
    """Return the properties of a role, or of the boundary, in the account's stack of an environment."""
    given = {"GitHubRepository": "owner/name", "GitHubEnvironment": environment}
    read = read_template(REPOSITORY / "operations/account.yaml", given, "ap-northeast-1")
    pseudo = {"AWS::Partition": "aws", "AWS::Region": "ap-northeast-1", "AWS::AccountId": "123456789012"}
    values = Intrinsics(
        parameters={**read.parameters, **pseudo},
        conditions=read.translated["Conditions"],
        resources={
            "Boundary": PhysicalResource(BOUNDARY.format(environment), {}),
            EXECUTION: PhysicalResource("execution", {"Arn": execution_role(environment)}),
        },
    )
    found: Mapping[str, Any] = values.resolve(read.resources[logical_id]["Properties"])
    return found


def execution_role(environment: str) -> str:
    return f"arn:aws:iam::123456789012:role/hello-api-github-{environment}-ExecutionRole-1"


def statements(environment: str, logical_id: str = EXECUTION) -> Iterator[Mapping[str, Any]]:
    for policy in role(environment, logical_id)["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def as_list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def granted(environment: str, logical_id: str = EXECUTION) -> set[str]:
    allowing = (one for one in statements(environment, logical_id) if one["Effect"] == "Allow")
    return {action for statement in allowing for action in as_list(statement["Action"])}


@functools.cache
def asked_for() -> dict[str, set[str]]:
    """Return by type which rights CloudFormation needs for the template's resources."""
    types = {
        resource["Type"] for environment in ENVIRONMENTS for resource in deployed(environment).values()
    } | {
        resource["Type"]
        for resource in operations(WebAcl="enabled", AlarmEmail="operations@example.com").values()
    }
    found: dict[str, set[str]] = {}
    for file in SCHEMAS.glob("*.json"):
        schema = json.loads(file.read_bytes())
        if schema["typeName"] in types:
            handlers = schema.get("handlers", {})
            rights = (right for name in HANDLERS for right in handlers.get(name, {}).get("permissions", []))
            found.setdefault(schema["typeName"], set()).update(rights)
    assert found.keys() == types
    return found


def is_unused(action: str) -> bool:
    return any(fnmatchcase(action, pattern) for patterns in UNUSED.values() for pattern in patterns)


@pytest.mark.whole
def test_every_right_that_a_resource_needs_is_granted() -> None:
    needed = {
        (kind, action) for kind, asked in asked_for().items() for action in asked if not is_unused(action)
    }
    assert {(kind, action) for kind, action in needed if action not in granted("prod")} == set()


@pytest.mark.whole
def test_no_right_is_said_to_be_unused_that_no_resource_asks_for() -> None:
    everything = set().union(*asked_for().values())
    patterns = {pattern for group in UNUSED.values() for pattern in group}
    assert {one for one in patterns if not any(fnmatchcase(action, one) for action in everything)} == set()


@pytest.mark.parametrize("logical_id", [PIPELINE, EXECUTION])
def test_nothing_is_granted_by_a_pattern_of_actions(logical_id: str) -> None:
    assert not [action for action in granted("dev", logical_id) if "*" in action]


@pytest.mark.parametrize("service", ["cloudformation", "iam", "lambda", "s3", "sns"])
def test_what_has_a_name_is_granted_for_this_projects_names_alone(service: str) -> None:
    named = re.compile(
        r".*[:/]((CodeDeployHook_)?hello-api-dev(-\*)?(/\*)?|aws-sam-cli-managed-.*|Serverless-2016-10-31"
        r"|hello-api-github-dev-ExecutionRole-1)"
    )
    allowing = [*statements("dev", PIPELINE), *statements("dev", EXECUTION)]
    for statement in (one for one in allowing if one["Effect"] == "Allow"):
        if any(action.startswith(f"{service}:") for action in as_list(statement["Action"])):
            assert all(named.fullmatch(resource) for resource in as_list(statement["Resource"]))


def test_a_role_can_be_given_to_these_two_services_alone() -> None:
    (grant,) = (statement for statement in statements("dev") if statement["Action"] == "iam:PassRole")
    assert grant["Condition"]["StringEquals"]["iam:PassedToService"] == [
        "codedeploy.amazonaws.com",
        "lambda.amazonaws.com",
    ]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_only_a_job_in_the_environment_becomes_the_role(environment: str) -> None:
    (trust,) = role(environment, PIPELINE)["AssumeRolePolicyDocument"]["Statement"]
    provider = "token.actions.githubusercontent.com"
    assert trust["Principal"]["Federated"].endswith(f":123456789012:oidc-provider/{provider}")
    assert trust["Condition"] == {
        "StringEquals": {
            f"{provider}:aud": "sts.amazonaws.com",
            f"{provider}:sub": f"repo:owner/name:environment:{environment}",
        }
    }


def test_cloudformation_alone_becomes_the_execution_role() -> None:
    (trust,) = role("prod")["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "cloudformation.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}


def test_nobody_sets_a_users_password_in_prod() -> None:
    assert "cognito-idp:AdminSetUserPassword" in granted("staging", PIPELINE)
    in_prod = granted("prod", PIPELINE) | granted("prod")
    assert not [action for action in in_prod if action.startswith("cognito-idp:Admin")]


def test_the_policies_fit_into_a_role() -> None:
    """IAM counts all inline policies of a role together, without blanks: 10,240 characters."""
    for logical_id in (PIPELINE, EXECUTION):
        policies = [policy["PolicyDocument"] for policy in role("dev", logical_id)["Policies"]]
        assert sum(len(json.dumps(policy, separators=(",", ":"))) for policy in policies) < 10_240


def test_the_boundary_has_room_for_what_the_templates_roles_may_do() -> None:
    """But for AWS's own policy of CodeDeploy's role, which is wider than what CodeDeploy is asked for."""
    boundary = role("prod", "Boundary")["PolicyDocument"]
    most = {action for one in boundary["Statement"] for action in as_list(one["Action"])}
    roles = [one for one in deployed("prod").values() if one["Type"] == "AWS::IAM::Role"]
    written = {
        action
        for one in roles
        for policy in one["Properties"].get("Policies", [])
        for statement in policy["PolicyDocument"]["Statement"]
        for action in as_list(statement["Action"])
    }
    assert len(roles) == 3
    assert written <= most


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_role_of_the_template_has_the_environments_boundary(environment: str) -> None:
    name = BOUNDARY.format(environment)
    resources = deployed(environment, Boundary="enabled")
    roles = [one["Properties"] for one in resources.values() if one["Type"] == "AWS::IAM::Role"]
    assert roles
    assert {one.get("PermissionsBoundary") for one in roles} == {name}
    assert name.endswith(f"/{role(environment, 'Boundary')['ManagedPolicyName']}")
    without = deployed(environment).values()
    assert not [one for one in without if "PermissionsBoundary" in one.get("Properties", {})]


def test_every_call_of_the_api_suite_is_granted() -> None:
    sources = "".join(file.read_text() for file in Path(REPOSITORY / "tests/api").glob("*.py"))
    called = set(re.findall(r"cognito\.([a-z_]+)\(", sources)) - {"get_paginator"}
    called |= set(re.findall(r'get_paginator\("([a-z_]+)"\)', sources))
    of_the_users_own = {
        "get_tokens_from_refresh_token",
        "global_sign_out",
        "initiate_auth",
        "revoke_token",
    }
    actions = {
        f"cognito-idp:{''.join(word.title() for word in name.split('_'))}"
        for name in called - of_the_users_own
    }
    assert len(actions) > 10
    assert actions - granted("dev", PIPELINE) == set()
