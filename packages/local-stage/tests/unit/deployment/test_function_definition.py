"""A function's properties become its settings; what has no effect on this machine is let through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local_stage.cloudformation.intrinsics import PhysicalResource
from local_stage.deployment.function_definition import HARMLESS, FunctionSource, read_function_settings
from local_stage.errors import StartError
from local_stage.lambda_runtime.function_settings import FunctionSettings, Layer

ARN = "arn:aws:lambda:ap-northeast-1:123456789012:function:hello"


def read(properties: dict[str, Any], source: FunctionSource) -> FunctionSettings:
    return read_function_settings(
        "template.yaml",
        "HelloFunction",
        {"Handler": "app.handler", "Runtime": "python3.13", **properties},
        PhysicalResource("hello", {"Arn": ARN}),
        source=source,
        resolve=lambda value, _: value,
    )


@pytest.mark.rule("limits.temporary-files")
def test_what_is_written_to_tmp_is_not_limited_here(tmp_path: Path) -> None:
    """The size of `/tmp` is not enforced: a template that sets it is served."""
    settings = read({"EphemeralStorage": {"Size": 512}}, FunctionSource(tmp_path, tmp_path, {}))
    assert settings.arn == ARN
    assert "EphemeralStorage" in HARMLESS


def test_one_layer_may_stand_without_a_list(tmp_path: Path) -> None:
    layer = Layer("Shared", tmp_path)
    settings = read({"Layers": "arn:one"}, FunctionSource(tmp_path, tmp_path, {}, {"arn:one": layer}))
    assert settings.layers == (layer,)


def test_inline_code_that_cannot_be_written_is_no_start(tmp_path: Path) -> None:
    """As on a full disk; here a file lies where the folder would."""
    (tmp_path / "inline").touch()
    source = FunctionSource(None, tmp_path / "inline", {})
    with pytest.raises(StartError, match="cannot be written") as refused:
        read({"Code": {"ZipFile": "def handler(event, context): ..."}}, source)
    assert (refused.value.resource, refused.value.property_path) == ("HelloFunction", "InlineCode")
