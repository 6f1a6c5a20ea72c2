"""What the roles of account.yaml reach, asked of a policy evaluator: each its own environment alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, override

import pytest

from local_stage.api_gateway.policy.keys import Absence, Keys
from local_stage.api_gateway.policy.policy import Decision, Policy, PolicyRequest, decide
from tests.unit.operations.test_account import BOUNDARY, EXECUTION, PIPELINE, execution_role, role

PLACE: Final = "ap-northeast-1:123456789012"
STACK: Final = f"arn:aws:cloudformation:{PLACE}:stack"
FUNCTION: Final = f"arn:aws:lambda:{PLACE}:function"
ROLE: Final = "arn:aws:iam::123456789012:role"
POOL: Final = f"arn:aws:cognito-idp:{PLACE}:userpool/ap-northeast-1_abcdefghi"
API: Final = "arn:aws:apigateway:ap-northeast-1::/restapis/abcdefghij"
ACL: Final = f"arn:aws:wafv2:{PLACE}:regional/webacl/HelloWebAcl/id"
LAMBDA: Final = {"iam:passedtoservice": "lambda.amazonaws.com"}


class AccountKeys(Keys):
    """The condition keys of a call to AWS: what is not given is not there, as a tag of what has none."""

    @override
    def find(self, name: str) -> str | Absence:
        found = super().find(name)
        return Absence.ABSENT if found is Absence.UNKNOWN else found


def may(
    environment: str,
    action: str,
    resource: str,
    keys: Mapping[str, str] | None = None,
    *,
    logical_id: str = EXECUTION,
) -> bool:
    """Say whether a role of the environment may do this, with these condition keys of the call."""
    policies = [
        Policy.parse(policy["PolicyDocument"]) for policy in role(environment, logical_id)["Policies"]
    ]
    asked = PolicyRequest(resource, AccountKeys(keys or {}), action=action)
    return decide(policies, asked) is Decision.ALLOW


def may_in_pipeline(
    environment: str, action: str, resource: str, keys: Mapping[str, str] | None = None
) -> bool:
    return may(environment, action, resource, keys, logical_id=PIPELINE)


def changing(environment: str, by: str | None = None) -> Mapping[str, str]:
    """Return the keys of a change set that CloudFormation is to execute by a role."""
    keys = {"cloudformation:rolearn": execution_role(by or environment)}
    return {**keys, "aws:requesttag/environment": environment}


def of(environment: str) -> Mapping[str, str]:
    return {"aws:resourcetag/environment": environment}


OTHERS: Final = {"dev": ("staging", "prod"), "staging": ("dev", "prod"), "prod": ("dev", "staging")}
EVERY_PAIR: Final = [(own, other) for own, others in OTHERS.items() for other in others]
NAMED: Final = {
    "replace code": ("lambda:UpdateFunctionCode", f"{FUNCTION}:hello-api-{{0}}-HelloFunction-1"),
    "move the alias": ("lambda:UpdateAlias", f"{FUNCTION}:hello-api-{{0}}-HelloFunction-1"),
    "replace the hook": ("lambda:UpdateFunctionCode", f"{FUNCTION}:CodeDeployHook_hello-api-{{0}}"),
    "delete a role": ("iam:DeleteRole", f"{ROLE}/hello-api-{{0}}-HelloFunctionRole-1"),
    "delete logs": ("logs:DeleteLogGroup", f"arn:aws:logs:{PLACE}:log-group:hello-api-{{0}}-HelloApiLog-1:*"),
    "delete an alarm": (
        "cloudwatch:DeleteAlarms",
        f"arn:aws:cloudwatch:{PLACE}:alarm:hello-api-{{0}}-Alarm-1",
    ),
    "release": (
        "codedeploy:CreateDeployment",
        f"arn:aws:codedeploy:{PLACE}:deploymentgroup:hello-api-{{0}}-A/g",
    ),
    "unsubscribe": ("sns:DeleteTopic", f"arn:aws:sns:{PLACE}:hello-api-{{0}}-AlarmTopic-1"),
}
"""What has its stack's name in its ARN."""

STACKS: Final = {
    "change a stack": ("cloudformation:CreateChangeSet", f"{STACK}/hello-api-{{0}}/id"),
    "execute a change": ("cloudformation:ExecuteChangeSet", f"{STACK}/hello-api-{{0}}/id"),
    "delete a stack": ("cloudformation:DeleteStack", f"{STACK}/hello-api-{{0}}/id"),
    "look at a stack": ("cloudformation:DescribeStacks", f"{STACK}/hello-api-{{0}}/id"),
    "change the second stack": ("cloudformation:CreateChangeSet", f"{STACK}/hello-api-{{0}}-operations/id"),
}
"""What the workflow asks CloudFormation for."""

ROLE_CHANGES: Final = {
    "make a role": "iam:CreateRole",
    "write a role's policy": "iam:PutRolePolicy",
    "set a role's boundary": "iam:PutRolePermissionsBoundary",
}
"""What makes a role able to do more."""

ADMINISTRATION: Final = {
    "a stack by its own rights": ("cloudformation:CreateStack", f"{STACK}/hello-api-{{0}}/id"),
    "a role": ("iam:CreateRole", f"{ROLE}/hello-api-{{0}}-HelloFunctionRole-1"),
    "a role's policy": ("iam:PutRolePolicy", f"{ROLE}/hello-api-{{0}}-HelloFunctionRole-1"),
    "a function's code": ("lambda:UpdateFunctionCode", f"{FUNCTION}:hello-api-{{0}}-HelloFunction-1"),
    "an API": ("apigateway:PATCH", API),
    "a pool's settings": ("cognito-idp:UpdateUserPool", POOL),
    "a web ACL": ("wafv2:UpdateWebACL", ACL),
    "its own policy": ("iam:PutRolePolicy", f"{ROLE}/hello-api-github-{{0}}-PipelineRole-1"),
    "the boundary": ("iam:CreatePolicyVersion", BOUNDARY),
}
"""What the workflow leaves to CloudFormation, or to the person who deploys account.yaml."""

TAGGED: Final = {
    "change a pool": ("cognito-idp:UpdateUserPool", POOL),
    "delete a pool": ("cognito-idp:DeleteUserPool", POOL),
    "make a client": ("cognito-idp:CreateUserPoolClient", POOL),
    "tag a pool": ("cognito-idp:TagResource", POOL),
    "change an API": ("apigateway:PATCH", API),
    "delete an API": ("apigateway:DELETE", API),
    "change a web ACL": ("wafv2:UpdateWebACL", ACL),
}
"""What is told apart by its tag alone."""


@pytest.mark.parametrize(("action", "resource"), NAMED.values(), ids=NAMED)
@pytest.mark.parametrize(("own", "other"), EVERY_PAIR)
def test_a_role_reaches_what_has_its_own_environments_name(
    own: str, other: str, action: str, resource: str
) -> None:
    assert may(own, action, resource.format(own))
    assert not may(own, action, resource.format(other))


@pytest.mark.parametrize(("action", "resource"), STACKS.values(), ids=STACKS)
@pytest.mark.parametrize(("own", "other"), EVERY_PAIR)
def test_the_workflow_reaches_its_own_environments_stacks(
    own: str, other: str, action: str, resource: str
) -> None:
    assert may_in_pipeline(own, action, resource.format(own), changing(own))
    assert not may_in_pipeline(own, action, resource.format(other), changing(own))
    assert not may_in_pipeline(own, action, resource.format(own), {**changing(own), **of(other)})
    assert not may(own, action, resource.format(own), changing(own))


@pytest.mark.parametrize(("own", "other"), EVERY_PAIR)
def test_a_change_is_made_by_the_environments_execution_role_and_has_its_tag(own: str, other: str) -> None:
    change = ("cloudformation:CreateChangeSet", f"{STACK}/hello-api-{own}/id")
    assert not may_in_pipeline(own, *change)
    assert not may_in_pipeline(own, *change, changing(own, by=other))
    assert not may_in_pipeline(own, *change, {**changing(own), "aws:requesttag/environment": other})


@pytest.mark.parametrize("environment", OTHERS)
def test_the_workflow_hands_on_the_execution_role_alone_and_to_cloudformation_alone(environment: str) -> None:
    to_cloudformation = {"iam:passedtoservice": "cloudformation.amazonaws.com"}
    own = execution_role(environment)
    assert may_in_pipeline(environment, "iam:PassRole", own, to_cloudformation)
    assert not may_in_pipeline(environment, "iam:PassRole", own, LAMBDA)
    others = [execution_role(other) for other in OTHERS[environment]]
    for role_arn in (*others, f"{ROLE}/Administrator", f"{ROLE}/hello-api-{environment}-HelloFunctionRole-1"):
        assert not may_in_pipeline(environment, "iam:PassRole", role_arn, to_cloudformation)


@pytest.mark.parametrize(("action", "resource"), ADMINISTRATION.values(), ids=ADMINISTRATION)
@pytest.mark.parametrize("environment", OTHERS)
def test_the_workflow_changes_nothing_but_through_cloudformation(
    environment: str, action: str, resource: str
) -> None:
    assert not may_in_pipeline(environment, action, resource.format(environment), of(environment))


@pytest.mark.parametrize("action", ROLE_CHANGES.values(), ids=ROLE_CHANGES)
@pytest.mark.parametrize(("own", "other"), EVERY_PAIR)
def test_no_role_is_made_or_widened_without_the_environments_boundary(
    own: str, other: str, action: str
) -> None:
    def within(boundary: str) -> Mapping[str, str]:
        return {"iam:permissionsboundary": boundary}

    made = f"{ROLE}/hello-api-{own}-HelloFunctionRole-1"
    assert may(own, action, made, within(BOUNDARY.format(own)))
    assert not may(own, action, made)
    assert not may(own, action, made, within(BOUNDARY.format(other)))
    assert not may(own, action, f"{ROLE}/hello-api-{other}-HelloFunctionRole-1", within(BOUNDARY.format(own)))


@pytest.mark.parametrize("environment", OTHERS)
def test_nobody_takes_the_boundary_away_or_changes_it_or_the_roles_that_deploy(environment: str) -> None:
    made = f"{ROLE}/hello-api-{environment}-HelloFunctionRole-1"
    within = {"iam:permissionsboundary": BOUNDARY.format(environment)}
    for logical_id in (PIPELINE, EXECUTION):
        for action, resource in (
            ("iam:DeleteRolePermissionsBoundary", made),
            ("iam:CreatePolicyVersion", BOUNDARY.format(environment)),
            ("iam:DeletePolicy", BOUNDARY.format(environment)),
            ("iam:PutRolePolicy", execution_role(environment)),
            ("iam:UpdateAssumeRolePolicy", execution_role(environment)),
        ):
            assert not may(environment, action, resource, within, logical_id=logical_id)


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("logs:PutLogEvents", f"arn:aws:logs:{PLACE}:log-group:hello-api-prod-HelloFunctionLog-1:*", True),
        ("logs:PutLogEvents", f"arn:aws:logs:{PLACE}:log-group:hello-api-staging-Log-1:*", False),
        ("lambda:InvokeFunction", f"{FUNCTION}:hello-api-prod-HelloFunction-1:4", True),
        ("lambda:InvokeFunction", f"{FUNCTION}:CodeDeployHook_hello-api-prod", True),
        ("lambda:InvokeFunction", f"{FUNCTION}:hello-api-dev-HelloFunction-1", False),
        ("lambda:UpdateFunctionCode", f"{FUNCTION}:hello-api-prod-HelloFunction-1", False),
        ("xray:PutTraceSegments", "*", True),
        ("iam:CreateRole", f"{ROLE}/hello-api-prod-HelloFunctionRole-1", False),
        ("iam:PassRole", f"{ROLE}/hello-api-prod-HelloFunctionRole-1", False),
        ("sts:AssumeRole", f"{ROLE}/Administrator", False),
        ("s3:GetObject", "arn:aws:s3:::customers/list.csv", False),
        ("cognito-idp:AdminSetUserPassword", POOL, False),
    ],
)
def test_a_role_of_prod_stays_within_the_boundary(action: str, resource: str, *, allowed: bool) -> None:
    boundary = Policy.parse(role("prod", "Boundary")["PolicyDocument"])
    asked = PolicyRequest(resource, AccountKeys({}), action=action)
    assert (decide([boundary], asked) is Decision.ALLOW) is allowed


@pytest.mark.parametrize(("action", "resource"), TAGGED.values(), ids=TAGGED)
@pytest.mark.parametrize(("own", "other"), EVERY_PAIR)
def test_a_role_reaches_what_has_its_own_environments_tag(
    own: str, other: str, action: str, resource: str
) -> None:
    assert may(own, action, resource, of(own))
    assert not may(own, action, resource, of(other))


@pytest.mark.parametrize(("action", "resource"), TAGGED.values(), ids=TAGGED)
def test_what_has_no_tag_yet_is_just_being_made(action: str, resource: str) -> None:
    assert may("dev", action, resource)


@pytest.mark.parametrize(
    "stack", ["hello-api", "hello-api-development", "hello-api-prods", "x-hello-api-dev"]
)
@pytest.mark.parametrize("environment", OTHERS)
def test_a_name_that_only_resembles_is_anothers(environment: str, stack: str) -> None:
    assert not may_in_pipeline(
        environment, "cloudformation:CreateChangeSet", f"{STACK}/{stack}/id", changing(environment)
    )


def test_dev_has_a_stack_for_each_pull_request() -> None:
    stack = f"{STACK}/hello-api-dev-pr-12/id"
    assert may_in_pipeline("dev", "cloudformation:CreateChangeSet", stack, changing("dev"))
    assert may("dev", "lambda:CreateFunction", f"{FUNCTION}:hello-api-dev-pr-12-HelloFunction-1")
    assert not may_in_pipeline("prod", "cloudformation:DeleteStack", stack)


@pytest.mark.parametrize(("own", "other"), EVERY_PAIR)
def test_a_role_is_given_away_in_its_own_environment_and_to_its_own_services(own: str, other: str) -> None:
    assert may(own, "iam:PassRole", f"{ROLE}/hello-api-{own}-HelloFunctionRole-1", LAMBDA)
    assert not may(own, "iam:PassRole", f"{ROLE}/hello-api-{other}-HelloFunctionRole-1", LAMBDA)
    assert not may(
        own,
        "iam:PassRole",
        f"{ROLE}/hello-api-{own}-HelloFunctionRole-1",
        {"iam:passedtoservice": "ec2.amazonaws.com"},
    )


@pytest.mark.parametrize(("own", "other"), EVERY_PAIR)
def test_nobody_attaches_administration(own: str, other: str) -> None:
    administration = {
        "iam:policyarn": "arn:aws:iam::aws:policy/AdministratorAccess",
        "iam:permissionsboundary": BOUNDARY.format(own),
    }
    for environment in (own, other):
        name = f"{ROLE}/hello-api-{environment}-HelloFunctionRole-1"
        assert not may(own, "iam:AttachRolePolicy", name, administration)
    codedeploys = "arn:aws:iam::aws:policy/service-role/AWSCodeDeployRoleForLambda"
    keys = {**administration, "iam:policyarn": codedeploys}
    assert may(own, "iam:AttachRolePolicy", f"{ROLE}/hello-api-{own}-ReleaseRole-1", keys)


@pytest.mark.parametrize(("environment", "allowed"), [("dev", True), ("staging", True), ("prod", False)])
def test_users_are_made_for_tests_outside_of_prod_alone(environment: str, *, allowed: bool) -> None:
    assert may_in_pipeline(environment, "cognito-idp:AdminCreateUser", POOL, of(environment)) is allowed
    assert not may_in_pipeline(environment, "cognito-idp:AdminCreateUser", POOL, of(OTHERS[environment][0]))
