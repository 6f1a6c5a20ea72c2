"""What the roles of account.yaml reach, asked of a policy evaluator: each its own environment alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, override

import pytest

from local_stage.api_gateway.policy.keys import Absence, Keys
from local_stage.api_gateway.policy.policy import Decision, Policy, PolicyRequest, decide
from tests.unit.operations.test_account import role

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


def may(environment: str, action: str, resource: str, keys: Mapping[str, str] | None = None) -> bool:
    """Say whether the environment's role may do this, with these condition keys of the call."""
    policies = [Policy.parse(policy["PolicyDocument"]) for policy in role(environment)["Policies"]]
    asked = PolicyRequest(resource, AccountKeys(keys or {}), action=action)
    return decide(policies, asked) is Decision.ALLOW


def of(environment: str) -> Mapping[str, str]:
    return {"aws:resourcetag/environment": environment}


OTHERS: Final = {"dev": ("staging", "prod"), "staging": ("dev", "prod"), "prod": ("dev", "staging")}
EVERY_PAIR: Final = [(own, other) for own, others in OTHERS.items() for other in others]
NAMED: Final = {
    "change a stack": ("cloudformation:CreateChangeSet", f"{STACK}/hello-api-{{0}}/id"),
    "execute a change": ("cloudformation:ExecuteChangeSet", f"{STACK}/hello-api-{{0}}/id"),
    "delete a stack": ("cloudformation:DeleteStack", f"{STACK}/hello-api-{{0}}/id"),
    "change the second stack": ("cloudformation:CreateChangeSet", f"{STACK}/hello-api-{{0}}-operations/id"),
    "replace code": ("lambda:UpdateFunctionCode", f"{FUNCTION}:hello-api-{{0}}-HelloFunction-1"),
    "move the alias": ("lambda:UpdateAlias", f"{FUNCTION}:hello-api-{{0}}-HelloFunction-1"),
    "replace the hook": ("lambda:UpdateFunctionCode", f"{FUNCTION}:CodeDeployHook_hello-api-{{0}}"),
    "write a role's policy": ("iam:PutRolePolicy", f"{ROLE}/hello-api-{{0}}-HelloFunctionRole-1"),
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
    assert not may(environment, "cloudformation:CreateChangeSet", f"{STACK}/{stack}/id")


def test_dev_has_a_stack_for_each_pull_request() -> None:
    assert may("dev", "cloudformation:CreateChangeSet", f"{STACK}/hello-api-dev-pr-12/id")
    assert may("dev", "lambda:CreateFunction", f"{FUNCTION}:hello-api-dev-pr-12-HelloFunction-1")
    assert not may("prod", "cloudformation:DeleteStack", f"{STACK}/hello-api-dev-pr-12/id")


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
    administration = {"iam:policyarn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    for environment in (own, other):
        name = f"{ROLE}/hello-api-{environment}-HelloFunctionRole-1"
        assert not may(own, "iam:AttachRolePolicy", name, administration)


@pytest.mark.parametrize(("environment", "allowed"), [("dev", True), ("staging", True), ("prod", False)])
def test_users_are_made_for_tests_outside_of_prod_alone(environment: str, *, allowed: bool) -> None:
    assert may(environment, "cognito-idp:AdminCreateUser", POOL, of(environment)) is allowed
    assert not may(environment, "cognito-idp:AdminCreateUser", POOL, of(OTHERS[environment][0]))
