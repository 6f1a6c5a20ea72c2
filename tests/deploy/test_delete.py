"""`sam delete` takes everything away that `sam deploy` has made of the environment `local`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.deploy.sam_project import SamProject, project_with_local_aws
from tests.stage_process import Ended


def uploaded(project: SamProject) -> set[str]:
    """Return the keys of what SAM CLI has in its bucket."""
    s3 = project.local_aws.client("s3")
    (bucket,) = s3.list_buckets()["Buckets"]
    return {item["Key"] for item in s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", [])}


@pytest.fixture(scope="module")
def project(built: SamProject, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SamProject]:
    """A project of this module's own, which it deploys and deletes."""
    with project_with_local_aws(built, tmp_path_factory.mktemp("delete")) as project:
        project.must_sam("deploy")
        yield project


@pytest.fixture(scope="module")
def uploads(project: SamProject) -> tuple[set[str], set[str]]:
    """What lies in the bucket after the first deployment, and what a second one, of other code, adds."""
    first = uploaded(project)
    project.edit("hello_function/app.py", '"Hello AWS API Gateway!"', '"Hello again!"')
    project.must_sam("build")
    project.must_sam("deploy")
    return first, uploaded(project) - first


@pytest.fixture(scope="module")
def deleted(project: SamProject, uploads: tuple[set[str], set[str]]) -> Ended:
    """How `sam delete` has ended after two deployments; there was one user."""
    assert all(uploads)
    stack = project.find_stack()
    stack.cognito.admin_create_user(UserPoolId=stack.user_pool_id, Username="alice", MessageAction="SUPPRESS")
    assert {"HelloFunctionLog", "HelloFunctionRole", "UserPoolDomain"} < set(project.physical_ids())
    return project.sam("delete", "--no-prompts")


def test_it_says_so(deleted: Ended) -> None:
    assert (deleted.exit_code, deleted.printed.split("\n")[-2]) == (0, "Deleted successfully")


@pytest.mark.usefixtures("deleted")
def test_the_stack_is_gone(project: SamProject) -> None:
    stacks = project.local_aws.client("cloudformation").list_stacks()["StackSummaries"]
    (status,) = (stack["StackStatus"] for stack in stacks if stack["StackName"] == "hello-api-local")
    assert status == "DELETE_COMPLETE"


@pytest.mark.usefixtures("deleted")
def test_function_role_api_and_logs_are_gone(project: SamProject) -> None:
    client = project.local_aws.client
    assert client("lambda").list_functions()["Functions"] == []
    assert client("iam").list_roles()["Roles"] == []
    assert client("apigateway").get_rest_apis()["items"] == []
    assert client("logs").describe_log_groups()["logGroups"] == []


@pytest.mark.usefixtures("deleted")
def test_the_pool_of_the_environment_dev_is_gone_with_its_users(project: SamProject) -> None:
    assert project.local_aws.client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"] == []


def test_code_and_template_of_the_last_deployment_are_gone_from_s3_and_those_of_earlier_ones_stay(
    project: SamProject, deleted: Ended, uploads: tuple[set[str], set[str]]
) -> None:
    """But for what both have, as the hook's code: docs/deploy.md tells what is left."""
    assert "Deleting S3 object with key" in deleted.log
    first, last = uploads
    left = uploaded(project)
    assert left & last == set()
    assert set() < left < first


@pytest.mark.usefixtures("deleted")
def test_deleting_a_stack_that_is_not_there_is_no_failure(project: SamProject) -> None:
    """So the workflow can delete a pull request's stack a second time when the pull request is closed."""
    assert "hello-api-local does not exist" in project.must_sam("delete", "--no-prompts")
