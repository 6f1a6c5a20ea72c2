"""What docs/security.md says to be tried is tried: by a test of that name, in that file."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.forged_claims import FORGERIES, SCOPES
from tests.stage_process import PACKAGE, REPOSITORY

DOCUMENT = REPOSITORY / "docs" / "security.md"
TEST = re.compile(r"\[(?P<name>test_\w+)\]\((?P<file>\.\./(?:packages/local-stage/)?tests/[\w/]+\.py)\)")
ROW = re.compile(r"^\| (?P<attack>[^|]+) \| (?P<answer>[^|]+) \| (?P<tests>[^|]+) \|$", re.MULTILINE)
FIGURE = re.compile(r"^\| (?P<what>[^|]+) \| (?P<count>[0-9,]+) \|$", re.MULTILINE)
ATTACKERS = tuple(PACKAGE / "tests" / folder for folder in ("local/hostile", "local/faults", "soak", "fuzz"))


@cache
def functions_of(file: Path) -> frozenset[str]:
    """Return the names of a file's test functions, those of its classes included."""
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    return frozenset(node.name for node in nodes if isinstance(node, ast.FunctionDef))


def named_tests() -> list[tuple[str, str]]:
    return sorted({(match["name"], match["file"]) for match in TEST.finditer(DOCUMENT.read_text())})


def figures() -> dict[str, int]:
    found = FIGURE.finditer(DOCUMENT.read_text())
    return {match["what"]: int(match["count"].replace(",", "")) for match in found}


@pytest.mark.parametrize(("name", "file"), named_tests())
def test_a_test_that_is_named_exists(name: str, file: str) -> None:
    assert name in functions_of((DOCUMENT.parent / file).resolve())


def test_every_attack_names_a_test() -> None:
    rows = [match for match in ROW.finditer(DOCUMENT.read_text()) if match["tests"] not in {"test", "---"}]
    assert len(rows) > 30
    assert [
        row["attack"] for row in rows if not TEST.search(row["tests"]) and row["tests"] != "the same"
    ] == []


def test_every_file_that_attacks_is_named() -> None:
    named = {(DOCUMENT.parent / file).resolve() for _, file in named_tests()}
    attackers = {file for folder in ATTACKERS for file in folder.glob("test_*.py")}
    assert attackers - named == set()


def test_the_figure_of_forged_tokens_is_that_of_the_matrix() -> None:
    """Each on both methods, tricks with scopes on the one that has a scope; raw and behind Bearer."""
    assert figures()["forged tokens"] == 2 * (2 * len(FORGERIES) + len(SCOPES))
