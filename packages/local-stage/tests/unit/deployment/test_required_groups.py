"""A template may say which groups its functions ask for, and nothing else under that name."""

from __future__ import annotations

from typing import Any

import pytest

from local_stage.cloudformation.template import read_template
from local_stage.deployment.required_groups import read_required_groups
from local_stage.errors import StartError
from tests.stage_process import REPOSITORY


def template(metadata: Any) -> dict[str, Any]:
    return {"Resources": {"HelloFunction": {"Type": "AWS::Serverless::Function", "Metadata": metadata}}}


def test_groups_are_read_by_verb_and_path() -> None:
    groups = {"GET /a": "admins", "POST /a/{id}": ["admins", "editors"]}
    assert read_required_groups(template({"local-stage": {"groups": groups}})) == {
        ("GET", "/a"): ("admins",),
        ("POST", "/a/{id}"): ("admins", "editors"),
    }


@pytest.mark.parametrize("metadata", [None, {}, {"cfn-lint": {"config": {}}}])
def test_a_template_need_not_name_any(metadata: Any) -> None:
    assert read_required_groups(template(metadata)) == {}


@pytest.mark.parametrize(
    "own",
    [
        "admins",
        {},
        {"group": {}},
        {"groups": []},
        {"groups": {"/a": "x"}},
        {"groups": {"GET /a": [1]}},
        {"groups": {"GET /a": []}},
    ],
    ids=str,
)
def test_what_is_written_otherwise_is_refused_by_its_name(own: Any) -> None:
    with pytest.raises(StartError, match=r"^HelloFunction\.Metadata\.local-stage: is not of the form"):
        read_required_groups(template({"local-stage": own}))


def test_the_template_names_the_group_of_the_admins_route() -> None:
    source = read_template(REPOSITORY / "template.yaml", {}, "ap-northeast-1").source
    assert read_required_groups(source) == {("GET", "/admin/hello"): ("admins",)}
