"""What of the sources and packages gets into the function's artifact."""

from __future__ import annotations

from pathlib import Path

import pytest

from artifact import find_data, find_reachable


def write(folder: Path, **files: str) -> Path:
    """Write files; two underscores in a name stand for a slash."""
    for name, text in files.items():
        file = folder / f"{name.replace('__', '/')}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    for package in {file.parent for file in folder.rglob("*.py")} - {folder}:
        (package / "__init__.py").touch()
    return folder


def reach(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in find_reachable("app", [folder])}


@pytest.mark.parametrize(
    "statement",
    [
        "import p.used",
        "import p.used as other",
        "from p import used",
        "from p.used import function",
        "from p.used import *",
        "def later():\n    from p import used",
        "try:\n    import p.used\nexcept ImportError:\n    pass",
        "if TYPE_CHECKING:\n    import p.unused\nelse:\n    import p.used",
    ],
)
def test_what_a_statement_imports_is_taken_with_its_packages(tmp_path: Path, statement: str) -> None:
    write(tmp_path, app=statement, p__used="", p__unused="")
    assert reach(tmp_path) == {"app.py", "p/__init__.py", "p/used.py"}


@pytest.mark.parametrize(
    ("module", "statement"),
    [
        ("p__inner__m", "from . import used"),
        ("p__inner__m", "from .used import x"),
        ("p__inner__m", "from ..inner import used"),
    ],
)
def test_dots_mean_the_modules_own_packages(tmp_path: Path, module: str, statement: str) -> None:
    write(tmp_path, app="import p.inner.m", p__inner__used="", p__inner__unused="", **{module: statement})
    assert "p/inner/used.py" in reach(tmp_path)
    assert "p/inner/unused.py" not in reach(tmp_path)


@pytest.mark.parametrize("guard", ["TYPE_CHECKING", "typing.TYPE_CHECKING"])
def test_what_only_type_checkers_import_stays_out(tmp_path: Path, guard: str) -> None:
    write(tmp_path, app=f"import typing\nif {guard}:\n    import p.types", p__types="")
    assert reach(tmp_path) == {"app.py"}


@pytest.mark.parametrize("call", ["importlib.import_module(name)", "import_module(name)", "__import__(name)"])
def test_a_package_that_imports_by_a_computed_name_comes_whole(tmp_path: Path, call: str) -> None:
    write(tmp_path, app="import p.m", p__m=f"def load(name):\n    {call}", p__a="", p__inner__b="", q__c="")
    assert reach(tmp_path) == {
        "app.py",
        "p/__init__.py",
        "p/m.py",
        "p/a.py",
        "p/inner/__init__.py",
        "p/inner/b.py",
    }


def test_modules_that_import_each_other_are_taken_once(tmp_path: Path) -> None:
    write(tmp_path, app="import other", other="import app")
    assert reach(tmp_path) == {"app.py", "other.py"}


def test_the_first_folder_wins(tmp_path: Path) -> None:
    mine = write(tmp_path / "mine", app="import shared", shared="")
    packages = write(tmp_path / "packages", shared="import more", more="")
    assert find_reachable("app", [mine, packages]) == {mine / "app.py", mine / "shared.py"}


def test_data_comes_along_and_what_builds_or_checks_stays_out(tmp_path: Path) -> None:
    for name in (
        "words.json",
        "data/more.txt",
        "Makefile",
        "requirements.txt",
        "app.pyi",
        "py.typed",
        ".hidden",
        ".git/config",
        "__pycache__/app.cpython-313.pyc",
        "package/__init__.py",
        "package/data.txt",
        "swagger_ui/page.js",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert sorted(find_data([tmp_path])) == [tmp_path / "data" / "more.txt", tmp_path / "words.json"]
