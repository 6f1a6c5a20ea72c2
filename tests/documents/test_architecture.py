"""The house keeps the size that docs/architecture.md tells of."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

import architecture
from tests.stage_process import PACKAGE, REPOSITORY

LIMITS = {"rooms": 16, "arrows": 90, "layers": 8, "longest_file": 300}
DOCUMENT = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_rooms_arrows_layers_and_files_stay_within_their_limits() -> None:
    size = architecture.measure()._asdict()
    assert {name: size[name] for name, limit in LIMITS.items() if size[name] > limit} == {}


def test_every_room_has_its_line_in_the_document() -> None:
    rooms = {file.stem for file in architecture.PACKAGE.iterdir() if file.suffix in {"", ".py"}}
    named = re.findall(
        r"^\| `(\w+)` \|", DOCUMENT.partition("## The rooms")[2].partition("\n## ")[0], re.MULTILINE
    )
    assert sorted(named) == sorted(rooms - {"__init__", "__pycache__"})


def test_an_arrow_is_counted_once_for_each_pair_of_rooms(tmp_path: Path) -> None:
    package = tmp_path / "house"
    modules = {
        "attic/lamp.py": "import house.attic.box\nimport house.hall\nfrom house import hall\nimport json\n",
        "attic/box.py": "from house.hall import door\n",
        "hall.py": "def door():\n    from house.cellar.wine import bottle\n",
        "cellar/wine.py": "",
    }
    for name, text in modules.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text)
    assert architecture.find_arrows(package) == {("attic", "hall"), ("hall", "cellar")}


@pytest.mark.parametrize("name", ["documents", "unit"])
def test_test_folders_of_the_same_name_are_found_whichever_comes_first(name: str) -> None:
    folders = {Path(folder) for folder in import_module(f"tests.{name}").__path__}
    assert folders >= {root / "tests" / name for root in (REPOSITORY, PACKAGE)}
