"""`sam delete` takes everything away that `sam deploy` has made of the environment `local`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.deploy.recorded_calls import recorded
from tests.deploy.sam_project import SamProject, project_with_local_aws
from tests.stage_process import Ended
from tests.unit.operations.test_account import PIPELINE, granted

NEEDED_BY_NOBODY = {"sts:GetCallerIdentity"}
"""What everybody may do, without any right."""


def uploaded(project: SamProject) -> set[str]:
    """Return the keys of what SAM CLI has in its bucket."""
    s3 = project.local_aws.client("s3")
    (bucket,) = s3.list_buckets()["Buckets"]
    return {item["Key"] for item in s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", [])}


@pytest.fixture(scope="module")
def project(built: SamProject, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SamProject]:
    """A project of this module's own, which it deploys and deletes."""
    with project_with_local_aws(built, tmp_path_factory.mktemp("delete")) as project:
        yield project


@pytest.fixture(scope="module")
def recording(project: SamProject) -> Iterator[tuple[SamProject, set[str]]]:
    """The same with SAM CLI's calls recorded, and the rights that they have needed so far."""
    with recorded(project) as recording:
        yield recording


@pytest.fixture(scope="module")
def uploads(project: SamProject, recording: tuple[SamProject, set[str]]) -> tuple[set[str], set[str]]:
    """What lies in the bucket after the first deployment, and what a second one, of other code, adds."""
    recording[0].must_sam("deploy")
    first = uploaded(project)
    project.edit("hello_function/app.py", '"Hello AWS API Gateway!"', '"Hello again!"')
    project.must_sam("build")
    recording[0].must_sam("deploy")
    return first, uploaded(project) - first


@pytest.fixture(scope="module")
def deleted(
    project: SamProject, recording: tuple[SamProject, set[str]], uploads: tuple[set[str], set[str]]
) -> Ended:
    """How `sam delete` has ended after two deployments; there was one user."""
    assert all(uploads)
    stack = project.find_stack()
    stack.cognito.admin_create_user(UserPoolId=stack.user_pool_id, Username="alice", MessageAction="SUPPRESS")
    assert {"HelloFunctionLog", "HelloFunctionRole", "UserPoolDomain"} < set(project.physical_ids())
    return recording[0].sam("delete", "--no-prompts")


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


@pytest.fixture(scope="module")
def rights(recording: tuple[SamProject, set[str]], deleted: Ended) -> set[str]:
    """What SAM CLI's calls have needed: to deploy for the first time, once more, and to delete."""
    assert deleted.exit_code == 0
    return recording[1]


def test_the_role_may_make_every_call_of_a_deployment_and_a_deletion(rights: set[str]) -> None:
    """The pipeline role of account.yaml, beside what CloudFormation does."""
    assert rights - granted("dev", PIPELINE) - NEEDED_BY_NOBODY == set()


def test_the_calls_were_seen(rights: set[str]) -> None:
    seen = {"cloudformation:CreateChangeSet", "cloudformation:DeleteStack", "s3:PutObject", "s3:DeleteObject"}
    assert seen <= rights
