"""What counts as a change of a function's folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from local_stage.lambda_runtime.change_notices import ChangeNotices
from local_stage.lambda_runtime.code_folders import CodeFolders, WrittenFiles

LONG = 60.0
"""Seconds: what is seen to have changed was noticed, and not looked for again."""


@pytest.fixture(params=[False, True], ids=["looked at", "noticed"])
def notices(request: pytest.FixtureRequest) -> Iterator[ChangeNotices | None]:
    """The kernel's notices, or none: each look is then at every file."""
    if not request.param:
        yield None
        return
    with closing(ChangeNotices()) as given:
        yield given


def build(folder: Path, notices: ChangeNotices | None) -> CodeFolders:
    (folder / "package" / "__pycache__").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / "app.py").write_text("one")
    return CodeFolders([folder], WrittenFiles(), notices, LONG)


def save_with_the_old_time(folder: Path) -> None:
    status = (folder / "app.py").stat()
    (folder / "app.py").write_text("longer")
    os.utime(folder / "app.py", ns=(status.st_atime_ns, status.st_mtime_ns))


def replace_as_editors_do(folder: Path) -> None:
    (folder / "app.py.new").write_text("two")
    (folder / "app.py.new").rename(folder / "app.py")


def test_nothing_changed(notices: ChangeNotices | None, tmp_path: Path) -> None:
    code = build(tmp_path, notices)
    assert not code.has_changed()


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "app.py").write_text("two"),
        lambda folder: (folder / "app.py").unlink(),
        lambda folder: (folder / "package" / "text.json").write_text("{}"),
        save_with_the_old_time,
        replace_as_editors_do,
    ],
)
def test_a_change_is_told_once(
    notices: ChangeNotices | None, tmp_path: Path, change: Callable[[Path], object]
) -> None:
    code = build(tmp_path, notices)
    change(tmp_path)
    assert code.has_changed()
    assert not code.has_changed()


@pytest.mark.parametrize(
    "file", ["package/__pycache__/text.pyc", ".git/index", ".app.py.swp", "app.py~", "text.pyc"]
)
def test_what_is_no_part_of_the_function_is_no_change(
    notices: ChangeNotices | None, tmp_path: Path, file: str
) -> None:
    code = build(tmp_path, notices)
    (tmp_path / file).write_text("new")
    assert not code.has_changed()


def test_what_a_function_has_written_is_no_change(notices: ChangeNotices | None, tmp_path: Path) -> None:
    """Whether the stage is told of it before or after the file changes, and whether it was there already."""
    written_files = WrittenFiles()
    (tmp_path / "old").touch()
    code = CodeFolders([tmp_path], written_files, notices, LONG)
    for name in ("new", "old"):
        (tmp_path / name).write_text("1")
        written_files.add(str(tmp_path / name))
        assert not code.has_changed()
        (tmp_path / name).write_text("12")
        assert not code.has_changed()


def test_a_save_beside_what_a_function_has_written_is_a_change(
    notices: ChangeNotices | None, tmp_path: Path
) -> None:
    written_files = WrittenFiles()
    code = CodeFolders([tmp_path], written_files, notices, LONG)
    written_files.add(str(tmp_path / "app"))
    (tmp_path / "app.py").write_text("saved")
    assert code.has_changed()


def test_a_folder_that_a_function_has_moved_there_is_no_change(
    notices: ChangeNotices | None, tmp_path: Path
) -> None:
    written_files = WrittenFiles()
    code = CodeFolders([tmp_path], written_files, notices, LONG)
    written_files.add(str(tmp_path / "moved"))
    (tmp_path / "moved").mkdir()
    (tmp_path / "moved" / "file").touch()
    assert not code.has_changed()


def test_a_folder_that_is_gone_has_changed(notices: ChangeNotices | None, tmp_path: Path) -> None:
    (tmp_path / "function").mkdir()
    code = build(tmp_path / "function", notices)
    (tmp_path / "function").rename(tmp_path / "elsewhere")
    assert code.has_changed()
    assert not code.has_changed()


def test_saves_in_a_folder_that_takes_the_place_of_another_are_changes(
    notices: ChangeNotices | None, tmp_path: Path
) -> None:
    (tmp_path / "function" / "package").mkdir(parents=True)
    code = CodeFolders([tmp_path / "function"], WrittenFiles(), notices, LONG)
    for number in range(2):
        (tmp_path / "function").rename(tmp_path / f"old-{number}")
        code.has_changed()
        (tmp_path / "function" / "package").mkdir(parents=True)
        assert not code.has_changed()
        for content in ("one", "longer"):
            (tmp_path / "function" / "package" / "app.py").write_text(content)
            assert code.has_changed()
            assert not code.has_changed()


def test_nobody_need_look_at_folders_that_are_still(tmp_path: Path) -> None:
    (tmp_path / "app.py").touch()
    with closing(ChangeNotices()) as notices:
        code = CodeFolders([tmp_path], WrittenFiles(), notices, LONG)
        assert code.is_still()
        (tmp_path / "app.py").read_text()
        assert code.is_still()
        (tmp_path / "app.py").write_text("saved")
        assert not code.is_still()
        assert code.has_changed()
        assert code.is_still()
    assert not code.is_still()


def test_a_link_to_a_folder_above_is_no_endless_walk(notices: ChangeNotices | None, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    code = build(tmp_path, notices)
    assert not code.has_changed()


def test_each_save_in_a_folder_of_many_files_is_seen_at_once(
    notices: ChangeNotices | None, tmp_path: Path
) -> None:
    for number in range(1000):
        (tmp_path / f"{number}.json").touch()
    code = build(tmp_path, notices)
    for number in range(5):
        (tmp_path / "app.py").write_text("x" * number)
        assert code.has_changed()
        assert not code.has_changed()


def test_a_save_behind_a_link_to_a_folder_is_a_change(notices: ChangeNotices | None, tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "function").mkdir()
    (tmp_path / "function" / "shared").symlink_to("../shared")
    code = build(tmp_path / "function", notices)
    (tmp_path / "shared" / "text.py").write_text("new")
    assert code.has_changed()
    assert not code.has_changed()


def test_a_link_that_leads_elsewhere_is_a_change(notices: ChangeNotices | None, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "function").mkdir()
    link = tmp_path / "function" / "shared"
    link.symlink_to("../one")
    code = build(tmp_path / "function", notices)
    link.unlink()
    link.symlink_to("../two")
    assert code.has_changed()


def test_links_between_two_folders_are_no_endless_walk(notices: ChangeNotices | None, tmp_path: Path) -> None:
    for name, other in (("one", "two"), ("two", "one")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "link").symlink_to(tmp_path / other)
    (tmp_path / "function").mkdir()
    (tmp_path / "function" / "shared").symlink_to("../one")
    code = build(tmp_path / "function", notices)
    (tmp_path / "two" / "text.py").write_text("new")
    assert code.has_changed()


def test_what_lies_beside_the_function_is_no_change_though_a_link_leads_above_it(
    notices: ChangeNotices | None, tmp_path: Path
) -> None:
    (tmp_path / "function").mkdir()
    (tmp_path / "function" / "project").symlink_to("..")
    code = build(tmp_path / "function", notices)
    (tmp_path / "beside.txt").touch()
    assert not code.has_changed()


def test_what_a_function_has_written_behind_a_link_is_no_change(
    notices: ChangeNotices | None, tmp_path: Path
) -> None:
    written_files = WrittenFiles()
    (tmp_path / "function").mkdir()
    (tmp_path / "data").touch()
    (tmp_path / "function" / "data").symlink_to("../data")
    code = CodeFolders([tmp_path / "function"], written_files, notices, LONG)
    written_files.add(str(tmp_path / "data"))
    (tmp_path / "data").write_text("1")
    assert not code.has_changed()


@pytest.mark.parametrize(("link", "target"), [(".#app.py", "me@here.4711"), (".venv", "package")])
def test_a_link_that_is_no_part_of_the_function_is_no_change(
    notices: ChangeNotices | None, tmp_path: Path, link: str, target: str
) -> None:
    """As Emacs makes one while a file has changes that are not saved."""
    code = build(tmp_path, notices)
    (tmp_path / link).symlink_to(target)
    assert not code.has_changed()


def test_a_link_that_leads_to_itself_stops_nothing(notices: ChangeNotices | None, tmp_path: Path) -> None:
    code = build(tmp_path, notices)
    (tmp_path / "round").symlink_to("round")
    assert code.has_changed()
    assert not code.has_changed()


def test_a_save_of_a_requirements_file_outside_the_folder_is_a_change(
    notices: ChangeNotices | None, tmp_path: Path
) -> None:
    code = build_with_requirements(notices, tmp_path, "-r ../base.txt\n")
    for text in ("-c ../versions.txt\n", "-r ../more.txt\n", ""):
        (tmp_path / "base.txt").write_text(text)
        assert code.has_changed()
        assert not code.has_changed()


def test_an_included_file_counts_as_soon_as_it_is_there(
    notices: ChangeNotices | None, tmp_path: Path
) -> None:
    code = build_with_requirements(notices, tmp_path, "-r ../base.txt\n")
    (tmp_path / "base.txt").write_text("-r more.txt\n")
    assert code.has_changed()
    (tmp_path / "more.txt").touch()
    assert code.has_changed()


@pytest.mark.parametrize("content", [b"\xff", b"-r \0"])
def test_requirements_that_are_no_text_are_seen_when_they_are_mended(
    notices: ChangeNotices | None, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "base.txt").write_bytes(content)
    code = build_with_requirements(notices, tmp_path, "-r ../base.txt\n")
    (tmp_path / "base.txt").write_text("requests\n")
    assert code.has_changed()


def test_requirements_that_include_themselves_are_read_once(
    notices: ChangeNotices | None, tmp_path: Path
) -> None:
    code = build_with_requirements(notices, tmp_path, "-r package/../requirements.txt\n-r ../base.txt\n")
    (tmp_path / "base.txt").write_text("requests\n")
    assert code.has_changed()


def build_with_requirements(notices: ChangeNotices | None, folder: Path, requirements: str) -> CodeFolders:
    function = folder / "function"
    function.mkdir()
    (function / "requirements.txt").write_text(requirements)
    return build(function, notices)
