"""A file of users that a team keeps beside its template: YAML, or CSV with a line of names.

    users:
      - username: alice
        password: Correct-Horse-7
        email: alice@example.com
        groups: [admins]

In CSV the groups stand in one field, separated by blanks.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Never

import yaml

from local_stage.errors import UsageError

FIELDS: Final = ("username", "password", "email", "groups")


@dataclass(frozen=True, slots=True)
class UserEntry:
    """A user as the file describes them; None for what it does not say. `place` is file and line."""

    place: str
    username: str
    password: str | None = field(default=None, repr=False)
    email: str | None = None
    groups: tuple[str, ...] = ()


def read_users_file(file: Path) -> tuple[UserEntry, ...]:
    """Return the users of a file in their order.

    Raises StartError, with file, line, user and field, for what cannot be read, for a field that is unknown,
    empty or stands twice, and for a user who stands twice.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        why = f"cannot be read: {error.strerror}; pass the YAML or CSV file of your users"
        raise UsageError(why, file=str(file)) from None
    except UnicodeDecodeError:
        raise UsageError("is not UTF-8 text", file=str(file)) from None
    match file.suffix.lower():
        case ".csv":
            entries = tuple(_read_csv(file, text))
        case ".yaml" | ".yml":
            entries = tuple(_read_yaml(file, text))
        case _:
            raise UsageError("is neither .yaml nor .csv", file=str(file))
    _refuse_twice(entries)
    return entries


def _refuse_twice(entries: Sequence[UserEntry]) -> None:
    places: dict[str, str] = {}
    for entry in entries:
        # A pool may take names of another casing for the same: so does this.
        name = entry.username.casefold()
        if name in places:
            _refuse(entry.place, f"stands in {places[name]} already", entry.username)
        places[name] = entry.place


def _refuse(place: str, why: str, user: str | None = None, name: str | None = None) -> Never:
    raise UsageError(why, file=place, resource=user, property_path=name)


def _read_csv(file: Path, text: str) -> Iterator[UserEntry]:
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    names: list[str] | None = None
    try:
        for row in reader:
            place = f"{file}:{reader.line_num}"
            if names is None:
                names = _check_names(place, [name.strip() for name in row])
            elif len(row) > len(names):
                _refuse(
                    place, f"{len(row)} values for {len(names)} fields; put quotes around one with a comma"
                )
            elif row:
                values = {
                    name: value.strip() for name, value in zip(names, row, strict=False) if value.strip()
                }
                yield _build(place, values, values.get("groups", "").split())
    except csv.Error as error:
        _refuse(f"{file}:{reader.line_num}", f"is not CSV: {error}")


def _check_names(place: str, names: list[str], user: str | None = None) -> list[str]:
    for position, name in enumerate(names):
        if name not in FIELDS:
            _refuse(place, f"is no field; there are {', '.join(FIELDS)}", user, name)
        if name in names[:position]:
            _refuse(place, "stands twice", user, name)
    return names


def _build(place: str, values: Mapping[str, str], groups: Sequence[str]) -> UserEntry:
    username = values.get("username")
    if not username:
        _refuse(place, "is missing", None, "username")
    return UserEntry(place, username, values.get("password"), values.get("email"), tuple(groups))


def _read_yaml(file: Path, text: str) -> Iterator[UserEntry]:
    try:
        root = yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        # An alias that leads nowhere would be quoted, and it may be a password.
        is_alias = (error.problem or "").startswith("found undefined alias")
        why = "put quotes around a text that begins with *" if is_alias else error.problem
        _refuse(f"{file}{line}", f"is not YAML: {why}")
    except yaml.YAMLError as error:
        _refuse(str(file), f"is not YAML: {' '.join(str(error).split())}")
    if isinstance(root, yaml.MappingNode) and [key.value for key, _ in root.value] == ["users"]:
        ((_, users),) = root.value
        if isinstance(users, yaml.SequenceNode):
            for node in users.value:
                yield _read_yaml_user(file, node)
            return
    _refuse(str(file), "is not of the form `users:` with a list of users below it")


def _read_yaml_user(file: Path, node: yaml.Node) -> UserEntry:
    place = _place(file, node)
    if not isinstance(node, yaml.MappingNode):
        _refuse(place, "is no user; write `- username: alice`")
    fields = {str(key.value): value for key, value in node.value}
    user = fields["username"].value if isinstance(fields.get("username"), yaml.ScalarNode) else None
    _check_names(place, [str(key.value) for key, _ in node.value], user)
    values = {name: _text(file, child, user, name) for name, child in fields.items() if name != "groups"}
    return _build(place, values, _groups(file, fields.get("groups"), user))


def _groups(file: Path, node: yaml.Node | None, user: str | None) -> list[str]:
    if node is None:
        return []
    if isinstance(node, yaml.SequenceNode):
        return [_text(file, child, user, "groups") for child in node.value]
    return _text(file, node, user, "groups").split()


def _text(file: Path, node: yaml.Node, user: str | None, name: str) -> str:
    """Return a value as it is written: `0123` and `yes` are texts here, quoted or not."""
    if not isinstance(node, yaml.ScalarNode) or not node.value or node.tag == "tag:yaml.org,2002:null":
        _refuse(_place(file, node), "has to be a text", user, name)
    return str(node.value)


def _place(file: Path, node: yaml.Node) -> str:
    return f"{file}:{node.start_mark.line + 1}"
