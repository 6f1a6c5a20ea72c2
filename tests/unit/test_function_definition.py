"""A function's properties that have no effect on this machine are let through."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_stage.cloudformation.intrinsics import PhysicalResource
from local_stage.function_definition import HARMLESS, FunctionSource, read_function_settings

ARN = "arn:aws:lambda:ap-northeast-1:123456789012:function:hello"


@pytest.mark.rule("limits.temporary-files")
def test_what_is_written_to_tmp_is_not_limited_here(tmp_path: Path) -> None:
    """The size of `/tmp` is not enforced: a template that sets it is served."""
    settings = read_function_settings(
        "template.yaml",
        "HelloFunction",
        {"Handler": "app.handler", "Runtime": "python3.13", "EphemeralStorage": {"Size": 512}},
        PhysicalResource("hello", {"Arn": ARN}),
        source=FunctionSource(tmp_path, tmp_path, {}),
        resolve=lambda value, _: value,
    )
    assert settings.arn == ARN
    assert "EphemeralStorage" in HARMLESS
