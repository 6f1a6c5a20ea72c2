"""A file of data is read whole before anything is put, and says where it is wrong."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from local_stage.deployment.seed_file import read_seed_file
from local_stage.errors import UsageError

YAML = """\
tables:
  Orders:
    - {id: "1", quantity: 3, price: 1.50, paid: true, note: null, on: 2026-01-31}
    - id: "2"
      lines: [{sku: a}, {sku: b}]
buckets:
  Pictures:
    notes/hello.txt: 123
    logo.png: {file: logo.png}
"""
JSON = """\
{
\t"tables": {"Orders": [{"id": "1 \\ud83d\\ude00", "quantity": 12345678901234567890.5, "most": 2e3}]},
\t"buckets": {"Pictures": {"a\\/b": "text"}}
}
"""


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_yaml_has_items_and_objects(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(b"\x89PNG")
    file = write(tmp_path, "seed.yaml", YAML)
    seed = read_seed_file(file)
    first, second = seed.items
    assert (first.place, first.table) == (f"{file}:3", "Orders")
    assert first.item == {
        "id": "1",
        "quantity": Decimal(3),
        "price": Decimal("1.50"),
        "paid": True,
        "note": None,
        "on": "2026-01-31",
    }
    assert second.item == {"id": "2", "lines": [{"sku": "a"}, {"sku": "b"}]}
    assert [(one.bucket, one.key, one.body) for one in seed.objects] == [
        ("Pictures", "notes/hello.txt", b"123"),
        ("Pictures", "logo.png", b"\x89PNG"),
    ]


def test_json_says_the_same(tmp_path: Path) -> None:
    seed = read_seed_file(write(tmp_path, "seed.json", JSON))
    assert seed.items[0].item == {
        "id": "1 😀",
        "quantity": Decimal("12345678901234567890.5"),
        "most": Decimal(2000),
    }
    assert (seed.objects[0].key, seed.objects[0].body) == ("a/b", b"text")


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("s.txt", "", "s.txt: is neither .yaml nor .json"),
        ("s.yaml", "", "s.yaml: is not of the form"),
        ("s.yaml", "things: {}", "s.yaml: is not of the form"),
        ("s.yaml", "tables: [", "s.yaml:1: is not YAML: "),
        ("s.json", '{"tables":\n {"T": }}', "s.json:2: "),
        ("s.json", '{"tables": {"T": [{"a": "\\ud83d"}]}}', "s.json:1: T.a: "),
        ("s.yaml", "tables:\n  T:\n    id: 1", "s.yaml:3: T: has to be a list of items"),
        ("s.yaml", "tables:\n  T:\n    - 7", "s.yaml:3: T: an item has to be a map"),
        ("s.yaml", "tables:\n  T:\n    - {id: .inf}", "s.yaml:3: T.id: .inf cannot be read as float"),
        ("s.yaml", "tables:\n  T:\n    - {id: 1, id: 2}", "s.yaml:3: T.id: stands twice"),
        ("s.yaml", "tables:\n  T:\n    - {id: !!set {}}", None),
        ("s.yaml", "buckets:\n  B: text", "s.yaml:2: B: has to be a map of keys and contents"),
        ("s.yaml", "buckets:\n  B:\n    k: [1]", "s.yaml:3: B: an object is a text, or `file:` with a path"),
        ("s.yaml", "buckets:\n  B:\n    k: {file: no.txt}", "s.yaml:3: B.k: no.txt cannot be read: No such"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(
    tmp_path: Path, name: str, text: str, why: str | None
) -> None:
    file = write(tmp_path, name, text)
    if why is None:
        assert read_seed_file(file).items[0].item == {"id": {}}
        return
    with pytest.raises(UsageError) as refused:
        read_seed_file(file)
    assert str(refused.value).removeprefix(f"{tmp_path}/").startswith(why)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_seed_file(tmp_path / "none.yaml")
