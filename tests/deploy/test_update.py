"""A second `sam deploy` keeps the users, and a broken one leaves everything as it was."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
import requests

from tests.api.api_caller import ApiCaller
from tests.api.callers import ADMINS, find_machine
from tests.api.deployed_stack import DeployedStack
from tests.deploy.sam_project import SamProject, project_with_local_aws
from tests.local.ministack_difference import differs
from tests.stage_process import Ended

ORIGIN = "http://localhost:8080"
PASSWORD = "Correct-Horse-7"  # long enough before the update, and too short for a new one after it
USERS: Mapping[str, tuple[str, ...]] = {"alice": (ADMINS,), "bob": ()}


@dataclass(frozen=True, slots=True)
class Person:
    """What the pool knows of a user."""

    sub: str
    status: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Before:
    """What there was before the update."""

    stack: DeployedStack
    physical_ids: Mapping[str, str]
    people: Mapping[str, Person]
    token: str


def create_users(stack: DeployedStack) -> None:
    for name, groups in USERS.items():
        user = {"UserPoolId": stack.user_pool_id, "Username": name}
        stack.cognito.admin_create_user(
            UserPoolId=stack.user_pool_id, Username=name, MessageAction="SUPPRESS"
        )
        stack.cognito.admin_set_user_password(**user, Password=PASSWORD, Permanent=True)
        for group in groups:
            stack.cognito.admin_add_user_to_group(**user, GroupName=group)


def read_people(stack: DeployedStack) -> dict[str, Person]:
    return {name: read_person(stack, name) for name in USERS}


def read_person(stack: DeployedStack, name: str) -> Person:
    user = stack.cognito.admin_get_user(UserPoolId=stack.user_pool_id, Username=name)
    groups = stack.cognito.admin_list_groups_for_user(UserPoolId=stack.user_pool_id, Username=name)
    attributes = {attribute["Name"]: attribute["Value"] for attribute in user["UserAttributes"]}
    return Person(
        attributes["sub"], user["UserStatus"], tuple(group["GroupName"] for group in groups["Groups"])
    )


def sign_in(stack: DeployedStack, name: str) -> str:
    answer = stack.cognito.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=stack.password_client_id,
        AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
    )
    return answer["AuthenticationResult"]["IdToken"]


def call(project: SamProject, path: str, token: str) -> requests.Response:
    return ApiCaller(project.find_local_stack().api_url).send("GET", path, token, origin=ORIGIN)


def shortest_password(stack: DeployedStack) -> int:
    pool = stack.cognito.describe_user_pool(UserPoolId=stack.user_pool_id)["UserPool"]
    return pool["Policies"]["PasswordPolicy"]["MinimumLength"]


@pytest.fixture(scope="module")
def project(built: SamProject, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SamProject]:
    """A project of this module's own, which it deploys several times."""
    with project_with_local_aws(built, tmp_path_factory.mktemp("update")) as project:
        project.must_sam("deploy")
        yield project


@pytest.fixture(scope="module")
def before(project: SamProject) -> Before:
    """The stack after its first deployment, with users."""
    stack = project.find_stack()
    create_users(stack)
    return Before(stack, project.physical_ids(), read_people(stack), sign_in(stack, "alice"))


@pytest.fixture(scope="module")
def redeployed(project: SamProject, before: Before) -> dict[str, str]:
    """The physical ids after a deploy without a change."""
    assert before.people
    project.must_sam("deploy")
    return project.physical_ids()


@pytest.fixture(scope="module")
def updated(project: SamProject, before: Before, redeployed: dict[str, str]) -> SamProject:
    """The project after a deploy with a change in the code, in a parameter and in the user pool."""
    assert shortest_password(before.stack) == 12
    assert redeployed
    project.edit("hello_function/app.py", '"Hello AWS API Gateway!"', '"Hello again!"')
    project.edit("template.yaml", "MinimumLength: 12", "MinimumLength: 16")
    project.must_sam("build")
    project.must_sam("deploy", "--parameter-overrides", f"AllowedOrigin={ORIGIN}")
    return project


@pytest.fixture(scope="module")
def rolled_back(updated: SamProject) -> Ended:
    """How a deploy has ended whose last resource fails: Cognito takes no domain with "cognito" in it."""
    updated.edit("hello_function/app.py", '"Hello again!"', '"Hello from a broken deployment!"')
    updated.edit("template.yaml", "MinimumLength: 16", "MinimumLength: 20")
    updated.edit("template.yaml", '"hello-${Unique}"', '"hello-cognito-${Unique}"')
    updated.must_sam("build")
    return updated.sam("deploy", "--parameter-overrides", "AllowedOrigin=http://localhost:9090")


def test_a_deploy_without_a_change_replaces_nothing_but_the_apis_deployment(
    before: Before, redeployed: dict[str, str]
) -> None:
    kept = [
        {name: made for name, made in ids.items() if not name.startswith("HelloApiDeployment")}
        for ids in (before.physical_ids, redeployed)
    ]
    assert kept[0] == kept[1]
    assert "UserPool" in kept[0]


def test_the_stack_is_updated(updated: SamProject) -> None:
    assert updated.describe_stack()["StackStatus"] == "UPDATE_COMPLETE"


def test_the_new_code_answers(updated: SamProject) -> None:
    response = call(updated, "/hello", sign_in(updated.find_stack(), "bob"))
    assert response.json() == {"message": "Hello again!", "username": "bob"}


def test_the_new_parameter_reaches_the_function(updated: SamProject) -> None:
    response = call(updated, "/hello", sign_in(updated.find_stack(), "bob"))
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_the_pool_asks_for_longer_passwords(updated: SamProject) -> None:
    stack = updated.find_stack()
    assert shortest_password(stack) == 16
    with pytest.raises(stack.cognito.exceptions.InvalidPasswordException):
        stack.cognito.admin_set_user_password(
            UserPoolId=stack.user_pool_id, Username="bob", Password=PASSWORD, Permanent=True
        )


def test_pool_and_app_clients_are_the_same(updated: SamProject, before: Before) -> None:
    outputs = updated.find_stack().outputs
    names = ("UserPoolId", "UserPoolClientId", "PasswordClientId", "MachineClientId", "TokenEndpoint")
    assert [outputs[name] for name in names] == [before.stack.outputs[name] for name in names]


def test_every_user_keeps_id_status_and_groups(updated: SamProject, before: Before) -> None:
    assert read_people(updated.find_stack()) == before.people
    assert {name: person.groups for name, person in before.people.items()} == USERS


@pytest.mark.parametrize(("name", "status"), [("alice", 200), ("bob", 403)])
def test_every_user_signs_in_with_his_password_and_has_his_rights(
    updated: SamProject, name: str, status: int
) -> None:
    response = call(updated, "/admin/hello", sign_in(updated.find_stack(), name))
    assert response.status_code == status


def test_a_token_from_before_the_update_still_opens(updated: SamProject, before: Before) -> None:
    assert call(updated, "/admin/hello", before.token).json()["username"] == "alice"


@differs("an API whose Body refers to a changed parameter is replaced, and not updated")
def test_the_api_keeps_its_address(updated: SamProject, before: Before) -> None:
    assert updated.find_stack().api_url == before.stack.api_url


def test_a_broken_deploy_fails_and_says_what_is_broken(rolled_back: Ended) -> None:
    assert rolled_back.exit_code == 1
    assert "Failed to create/update the stack: hello-api-local" in rolled_back.log
    assert re.search(r"^UPDATE_FAILED +AWS::Cognito::\w+ +UserPoolDomain ", rolled_back.printed, re.MULTILINE)


@pytest.mark.usefixtures("rolled_back")
def test_the_stack_is_rolled_back(project: SamProject) -> None:
    assert project.describe_stack()["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"


@pytest.mark.usefixtures("rolled_back")
def test_after_the_rollback_the_code_from_before_answers(project: SamProject) -> None:
    response = call(project, "/hello", sign_in(project.find_stack(), "bob"))
    assert response.json() == {"message": "Hello again!", "username": "bob"}
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN


@pytest.mark.usefixtures("rolled_back")
def test_after_the_rollback_the_api_refuses_as_before(project: SamProject) -> None:
    assert call(project, "/hello", "something-else").status_code == 401


@pytest.mark.usefixtures("rolled_back")
def test_after_the_rollback_the_pool_is_as_before(project: SamProject, before: Before) -> None:
    stack = project.find_stack()
    assert shortest_password(stack) == 16
    assert read_people(stack) == before.people


@pytest.mark.usefixtures("rolled_back")
def test_after_the_rollback_a_machine_is_answered(project: SamProject) -> None:
    machine = find_machine(project.find_local_stack())
    assert call(project, "/machine/hello", machine.access_token).json()["message"] == "Hello again!"
