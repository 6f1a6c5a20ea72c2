"""The pipeline role of account.yaml may do whatever SAM CLI asks of AWS, beside what CloudFormation does."""

from __future__ import annotations

import pytest

from tests.deploy.recorded_calls import recorded, right_of
from tests.deploy.sam_project import SamProject, project_with_local_aws
from tests.unit.operations.test_account import PIPELINE, granted

NEEDED_BY_NOBODY = {"sts:GetCallerIdentity"}
"""What everybody may do, without any right."""


@pytest.fixture(scope="module")
def rights(built: SamProject, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What SAM CLI's calls have needed: to deploy for the first time, once more, and to delete."""
    folder = tmp_path_factory.mktemp("rights")
    with project_with_local_aws(built, folder) as project, recorded(project) as (recording, rights):
        for _ in range(2):
            recording.must_sam("deploy")
        recording.must_sam("delete", "--no-prompts")
    return rights


def test_the_role_may_make_every_call_of_a_deployment_and_a_deletion(rights: set[str]) -> None:
    assert rights - granted("dev", PIPELINE) - NEEDED_BY_NOBODY == set()


def test_the_calls_were_seen(rights: set[str]) -> None:
    seen = {"cloudformation:CreateChangeSet", "cloudformation:DeleteStack", "s3:PutObject", "s3:DeleteObject"}
    assert seen <= rights


@pytest.mark.parametrize(
    ("call", "right"),
    [
        (("PUT", "/bucket/key"), "s3:PutObject"),
        (("HEAD", "/bucket/key"), "s3:GetObject"),
        (("GET", "/bucket?list-type=2"), "s3:ListBucket"),
        (("PUT", "/bucket?versioning"), "s3:PutBucketVersioning"),
        (("POST", "/bucket?delete"), "s3:DeleteObject"),
    ],
    ids=str,
)
def test_a_call_of_s3_needs_the_right_of_its_operation(call: tuple[str, str], right: str) -> None:
    method, target = call
    assert (
        right_of(method, target, "AWS4-HMAC-SHA256 Credential=test/20261122/r/s3/aws4_request", b"") == right
    )
