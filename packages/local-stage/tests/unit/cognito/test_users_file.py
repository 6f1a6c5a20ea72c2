"""A file of users is read whole before anybody is made, and says where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_stage.cognito.directory.users_file import UserEntry, read_users_file
from local_stage.errors import StartError


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def refusal(folder: Path, name: str, text: str) -> str:
    """Return why the file is refused, without the folder's name."""
    with pytest.raises(StartError) as refused:
        read_users_file(write(folder, name, text))
    return str(refused.value).removeprefix(f"{folder}/")


YAML = """\
users:
  - username: alice
    password: Correct-Horse-7
    email: alice@example.com
    groups: [admins, editors]
  # nobody else has a group
  - username: bob
  - {username: 007, groups: admins editors, password: no}
"""

CSV = """\
username,password,email,groups
alice,Correct-Horse-7,alice@example.com,admins editors

bob
007,no,,admins editors
"""


@pytest.mark.parametrize(("name", "text", "lines"), [("u.yaml", YAML, (2, 7, 8)), ("u.csv", CSV, (2, 4, 5))])
def test_yaml_and_csv_say_the_same(tmp_path: Path, name: str, text: str, lines: tuple[int, ...]) -> None:
    places = [f"{tmp_path}/{name}:{line}" for line in lines]
    groups = ("admins", "editors")
    assert read_users_file(write(tmp_path, name, text)) == (
        UserEntry(places[0], "alice", "Correct-Horse-7", "alice@example.com", groups),
        UserEntry(places[1], "bob"),
        UserEntry(places[2], "007", "no", None, groups),
    )


def test_a_spreadsheets_csv_is_read(tmp_path: Path) -> None:
    """It begins with a byte order mark, ends its lines with CRLF, and quotes what it likes."""
    text = '\ufeffusername,password\r\n"alice","a,b ""c"""\r\n'
    (entry,) = read_users_file(write(tmp_path, "u.csv", text))
    assert (entry.username, entry.password) == ("alice", 'a,b "c"')


def test_a_password_is_never_shown(tmp_path: Path) -> None:
    assert "Correct-Horse-7" not in repr(read_users_file(write(tmp_path, "u.yaml", YAML)))


@pytest.mark.parametrize(
    "written", ["*Secret", "@Secret", "'Secret", "[Secret]", "&a *Secret", "{Secret", "a: Secret"]
)
def test_a_password_that_cannot_be_read_is_not_quoted(tmp_path: Path, written: str) -> None:
    said = refusal(tmp_path, "u.yaml", f"users:\n- username: alice\n  password: {written}\n")
    assert "Secret" not in said


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("users:\n- password: x\n", "u.yaml:2: username: is missing"),
        ("users:\n- username: a\n  pasword: x\n", "u.yaml:2: a.pasword: is no field; there are username,"),
        ("users:\n- username: a\n  email: a\n  email: b\n", "u.yaml:2: a.email: stands twice"),
        ("users:\n- username: a\n  password:\n", "u.yaml:3: a.password: has to be a text"),
        ("users:\n- username: a\n  password: ''\n", "u.yaml:3: a.password: has to be a text"),
        ("users:\n- username: a\n  email: [b]\n", "u.yaml:3: a.email: has to be a text"),
        ("users:\n- username: a\n  groups:\n  - b: c\n", "u.yaml:4: a.groups: has to be a text"),
        ("users:\n- username: a\n- username: A\n", "u.yaml:3: A: stands in "),
        ("users:\n- alice\n", "u.yaml:2: is no user; write `- username: alice`"),
        ("users: [\n", "u.yaml:2: is not YAML: "),
        ("", "u.yaml: is not of the form `users:`"),
        ("- username: a\n", "u.yaml: is not of the form `users:`"),
        ("users: a\n", "u.yaml: is not of the form `users:`"),
        ("users: []\nothers: []\n", "u.yaml: is not of the form `users:`"),
    ],
)
def test_yaml_that_is_wrong(tmp_path: Path, text: str, why: str) -> None:
    assert refusal(tmp_path, "u.yaml", text).startswith(why)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("username,pasword\na,b\n", "u.csv:1: pasword: is no field"),
        ("username,username\na,b\n", "u.csv:1: username: stands twice"),
        ("username,password\n,b\n", "u.csv:2: username: is missing"),
        ("username,password\na,b,c\n", "u.csv:2: 3 values for 2 fields"),
        ("username\na\n\nb\na\n", "u.csv:5: a: stands in "),
        ('username\n"a\n', "u.csv:2: is not CSV: "),
    ],
)
def test_csv_that_is_wrong(tmp_path: Path, text: str, why: str) -> None:
    assert refusal(tmp_path, "u.csv", text).startswith(why)


def test_other_files_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "users.txt", "") == "users.txt: is neither .yaml nor .csv"
    with pytest.raises(
        StartError, match="cannot be read: No such file or directory; pass the YAML or CSV file of your users"
    ):
        read_users_file(tmp_path / "none.yaml")
    (tmp_path / "latin.csv").write_bytes(b"username\n\xe9\n")
    with pytest.raises(StartError, match="is not UTF-8 text"):
        read_users_file(tmp_path / "latin.csv")
