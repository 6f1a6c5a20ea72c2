"""A template that somebody is still writing is read or refused in one line; it never ends in a traceback."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from local_stage.cloudformation.template import read_template
from local_stage.deployment.deployment import Deployer
from local_stage.errors import StartError
from tests.unit.memory_deployment import ORIGINS, TARGET, TEMPLATE
from tests.unit.memory_stack import MemoryStack

type Place = tuple[str | int, ...]

FORMS: tuple[Any, ...] = (None, [], {}, "x", 1, [1], {"a": 1}, {"Ref": "x"}, True)
MORE = """
Parameters:
  LogLevel: {Type: String, Default: INFO}
Mappings:
  Sizes: {dev: {Memory: 256}}
Globals:
  Function: {Timeout: 3}
"""


def find_places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Yield the way to every part of a template."""
    members: Any = enumerate(value) if isinstance(value, list) else ()
    for key, member in value.items() if isinstance(value, dict) else members:
        yield (*place, key)
        yield from find_places(member, (*place, key))


def replaced(value: Any, place: Place, new: Any) -> Any:
    """Return a copy of a template with one part replaced."""
    if not place:
        return new
    changed = copy.copy(value)
    changed[place[0]] = replaced(value[place[0]], place[1:], new)
    return changed


def deploy(folder: Path, source: Any) -> None:
    (folder / "template.yaml").write_text(yaml.safe_dump(source))
    template = read_template(folder / "template.yaml", {}, TARGET.region)
    deployer = Deployer(template, TARGET, MemoryStack(), inline_folder=folder, environment_overrides={})
    deployer.check()
    deployer.deploy(ORIGINS)


@pytest.mark.parametrize("first_form", range(3))
def test_any_part_of_another_form(tmp_path: Path, first_form: int) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "template.yaml").write_text(TEMPLATE + MORE)
    source = read_template(tmp_path / "template.yaml", {}, TARGET.region).source
    refused: list[str] = []
    forms = itertools.cycle(FORMS[first_form:] + FORMS[:first_form])
    for place, new in zip(list(find_places(source)), forms, strict=False):
        try:
            deploy(tmp_path, replaced(source, place, new))
        except StartError as error:
            refused += map(str, error.reasons)
    assert len(refused) > len(FORMS)
    prefix = f"{tmp_path}/template.yaml: "
    assert [line for line in refused if not line.startswith(prefix) or not line.isprintable()] == []
