"""samconfig.toml may name the groups that a template's functions ask for, in one form and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_stage.deployment.required_groups import RequiredGroups, read_required_groups
from local_stage.errors import StartError
from tests.stage_process import REPOSITORY

SECTION = "[default.local-stage.parameters]\n"


def read(folder: Path, samconfig: str) -> RequiredGroups:
    (folder / "samconfig.toml").write_text(samconfig)
    return read_required_groups(folder / "template.yaml")


def test_groups_are_read_by_verb_and_path(tmp_path: Path) -> None:
    groups = (
        '[default.local-stage.parameters.groups]\n"GET /a" = "admins"\n"POST /a/{id}" = ["admins", "editors"]'
    )
    assert read(tmp_path, groups) == {
        ("GET", "/a"): ("admins",),
        ("POST", "/a/{id}"): ("admins", "editors"),
    }


def test_a_project_needs_no_samconfig(tmp_path: Path) -> None:
    assert read_required_groups(tmp_path / "template.yaml") == {}


@pytest.mark.parametrize(
    "samconfig", ["", "version = 0.1", "default = 1", "[default.deploy.parameters]\ngroups = 1"]
)
def test_a_samconfig_need_not_name_any(tmp_path: Path, samconfig: str) -> None:
    assert read(tmp_path, samconfig) == {}


@pytest.mark.parametrize(
    "own",
    [
        "",
        'group = {"GET /a" = "x"}',
        'groups = "admins"',
        "groups = []",
        'groups = {"/a" = "x"}',
        'groups = {"GET /a" = [1]}',
        'groups = {"GET /a" = []}',
        'groups = {"GET /a" = 1}',
    ],
)
def test_another_form_is_refused_by_its_section(tmp_path: Path, own: str) -> None:
    with pytest.raises(StartError) as refused:
        read(tmp_path, SECTION + own)
    assert str(refused.value) == (
        f"{tmp_path}/samconfig.toml: default.local-stage.parameters: is not of the form"
        ' groups = {"GET /admin/hello" = "admins"}'
    )


def test_a_section_that_is_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="is not of the form"):
        read(tmp_path, '[default.local-stage]\nparameters = "groups"')


@pytest.mark.parametrize("samconfig", [b"[default", b"\xff"])
def test_a_file_that_is_no_toml_is_refused_by_its_name(tmp_path: Path, samconfig: bytes) -> None:
    (tmp_path / "samconfig.toml").write_bytes(samconfig)
    with pytest.raises(StartError, match=r"samconfig\.toml: cannot be read: "):
        read_required_groups(tmp_path / "template.yaml")


def test_samconfig_names_the_group_of_the_admins_route() -> None:
    assert read_required_groups(REPOSITORY / "template.yaml") == {("GET", "/admin/hello"): ("admins",)}
