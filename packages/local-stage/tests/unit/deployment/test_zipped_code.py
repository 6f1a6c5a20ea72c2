"""Code in zip files is unpacked once, and nothing outside of its folder is written."""

from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path

import pytest

from local_stage.deployment.zipped_code import ZipError, unpack_code


def member(name: str, mode: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def write(folder: Path, *members: tuple[zipfile.ZipInfo, str]) -> Path:
    file = folder / "code.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for info, text in members:
            archive.writestr(info, text)
    return file


def test_files_and_their_modes_come_out_once(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        (member("bootstrap", 0o755), "#!/bin/sh"),
        (member("lib/a.py", 0o644), "a"),
        (member("lib/b.py", stat.S_IFLNK | 0o777), "a.py"),
    )
    folder = unpack_code(file, tmp_path / "out")
    assert os.access(folder / "bootstrap", os.X_OK)
    assert (folder / "lib" / "b.py").read_text() == "a"
    before = (folder / "lib").stat().st_mtime_ns
    assert unpack_code(file, tmp_path / "out") == folder
    assert (folder / "lib").stat().st_mtime_ns == before


def test_a_saved_file_gets_a_folder_of_its_own_and_the_oldest_goes(tmp_path: Path) -> None:
    folders = []
    for number in range(3):
        file = write(tmp_path, (member("app.py"), str(number)))
        os.utime(file, ns=(number, number))
        folders.append(unpack_code(file, tmp_path / "out"))
        os.utime(folders[-1], ns=(number, number))
    assert [folder.is_dir() for folder in folders] == [False, True, True]
    assert (folders[2] / "app.py").read_text() == "2"


@pytest.mark.parametrize(
    ("name", "mode", "text"),
    [
        ("../outside.py", 0, "x"),
        ("a/../../outside.py", 0, "x"),
        ("/outside.py", 0, "x"),
        ("..\\outside.py", 0, "x"),
        ("link", stat.S_IFLNK | 0o777, "../outside.py"),
        ("link", stat.S_IFLNK | 0o777, "/etc/passwd"),
    ],
)
def test_what_leads_out_is_refused(tmp_path: Path, name: str, mode: int, text: str) -> None:
    file = write(tmp_path, (member(name, mode), text))
    for _ in range(2):
        with pytest.raises(ZipError, match="leads out"):
            unpack_code(file, tmp_path / "out")
    assert not (tmp_path / "outside.py").exists()
    assert list((tmp_path / "out").iterdir()) == []


def test_a_link_that_leads_out_by_way_of_later_ones_is_refused(tmp_path: Path) -> None:
    names = (("up", "q/r/.."), ("up2", "q/r/../.."), ("q", "."), ("r", "."))
    links = [(member(name, stat.S_IFLNK | 0o777), target) for name, target in names]
    with pytest.raises(ZipError, match="leads out"):
        unpack_code(write(tmp_path, *links), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_link_is_not_made_by_way_of_one_that_leads_out(tmp_path: Path) -> None:
    names = (("up", "q/r/../.."), ("q", "."), ("r", "."), ("up/planted", "x"))
    links = [(member(name, stat.S_IFLNK | 0o777), target) for name, target in names]
    with pytest.raises(ZipError, match="leads out"):
        unpack_code(write(tmp_path, *links), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_file_is_not_written_by_way_of_a_link(tmp_path: Path) -> None:
    link, through = member("lib", stat.S_IFLNK | 0o777), member("lib/app.py")
    with pytest.raises(ZipError, match="cannot be unpacked"):
        unpack_code(write(tmp_path, (link, "other"), (through, "x")), tmp_path / "out")


def test_what_is_no_zip_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "code.zip").write_text("no zip")
    with pytest.raises(ZipError, match="cannot be unpacked"):
        unpack_code(tmp_path / "code.zip", tmp_path / "out")


def test_more_than_lambda_takes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ZipError, match="holds 4 bytes, more than the 3"):
        unpack_code(write(tmp_path, (member("app.py"), "four")), tmp_path / "out", most=3)
