"""Which right of IAM a call that SAM CLI makes needs."""

from __future__ import annotations

import pytest

from tests.deploy.recorded_calls import right_of


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
