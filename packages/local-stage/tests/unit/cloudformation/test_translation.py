"""Translations that are kept from one start to the next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local_stage.cloudformation.translation import translate
from local_stage.errors import TemplateError

SOURCE = {
    "Transform": "AWS::Serverless-2016-10-31",
    "Parameters": {"Stage": {"Type": "String"}},
    "Resources": {"Api": {"Type": "AWS::Serverless::Api", "Properties": {"StageName": {"Ref": "Stage"}}}},
}


def source(paths: Any) -> dict[str, Any]:
    properties = {"StageName": {"Ref": "Stage"}, "DefinitionBody": {"openapi": "3.0.1", "paths": paths}}
    return {**SOURCE, "Resources": {"Api": {"Type": "AWS::Serverless::Api", "Properties": properties}}}


def translated(folder: Path, stage: str = "dev", paths: Any = None) -> dict[str, Any]:
    return translate(Path("template.yaml"), source(paths or {}), {"Stage": stage}, "eu-west-1", folder)


def test_what_was_translated_is_read_again_and_is_the_same(tmp_path: Path) -> None:
    first = translated(tmp_path)
    (kept,) = tmp_path.iterdir()
    assert translated(tmp_path) == first
    kept.write_text('{"Resources": {}}')
    assert translated(tmp_path) == {"Resources": {}}


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff{}", b"0\n{}", b'{"Resources": {'])
def test_what_is_not_whole_is_translated_again(tmp_path: Path, content: bytes) -> None:
    first = translated(tmp_path)
    (kept,) = tmp_path.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(content)
    assert translated(tmp_path) == first
    assert kept.read_bytes() == whole


def test_another_input_is_another_translation(tmp_path: Path) -> None:
    translated(tmp_path)
    translated(tmp_path, "prod")
    translated(tmp_path, paths={"/a": {"get": {"responses": {}}}})
    assert len(list(tmp_path.iterdir())) == 3


def test_keys_that_json_would_change_are_not_kept(tmp_path: Path) -> None:
    numbered = {"/a": {"get": {"responses": {200: {"description": "OK"}}}}}
    assert translated(tmp_path, paths=numbered) == translated(tmp_path, paths=numbered)
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_is_not_kept(tmp_path: Path) -> None:
    wrong = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {"Api": {"Type": "AWS::Serverless::Api"}},
    }
    for _ in range(2):
        with pytest.raises(TemplateError, match="StageName"):
            translate(Path("template.yaml"), dict(wrong), {}, "eu-west-1", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_no_reason_not_to_serve(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert translated(tmp_path / "file") == translated(tmp_path)


def test_the_oldest_are_dropped(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"{number}.json").touch()
    translated(tmp_path)
    assert len(list(tmp_path.iterdir())) == 32
