"""`local-stage users`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from local_stage.cloudformation.aws_refusal import AwsRefusalError
from local_stage.cognito.directory.user_import import import_users
from local_stage.cognito.directory.users import NO_ATTRIBUTES, User, Users
from local_stage.cognito.directory.users_file import read_users_file
from local_stage.commands.arguments import (
    Commands,
    Run,
    add_command,
    add_inherited,
    add_json,
    add_password,
    add_pool,
    find_pool_stack,
    print_json,
    read_password,
    tell_refusal,
)
from local_stage.errors import spell_command
from local_stage.log.colour import escape

_HELP: Final = """\
Lists, makes, changes and deletes the users of the running stage's pool, or of a deployed stack's that is not
prod. Exit code 0: done; 1: the pool refuses it; 2: there is no pool to ask, or none to be changed.
"""

_EXAMPLES: Final = """\
examples:
  local-stage users
  local-stage users create alice --email alice@example.com --group admins
  local-stage users set-password alice
  local-stage users add-to-group alice admins
  local-stage users import users.yaml                  a file of your team's test users, or users.csv
  local-stage users list --stack-name hello-api-dev    a deployed stack's, with your AWS credentials

A file of users:
  users:
    - username: alice
      password: Correct-Horse-7
      email: alice@example.com
      groups: [admins]
As CSV: username,password,email,groups in the first line, groups separated by blanks.
"""

type _Action = Callable[[Users, argparse.Namespace], Mapping[str, Any]]


def add(commands: Commands) -> None:
    """Add `users` to the commands."""
    users = add_command(
        commands,
        "users",
        _list,
        description=_HELP,
        examples=_EXAMPLES,
    )
    add_json(users)
    add_pool(users)
    actions = users.add_subparsers(metavar="action")
    add_inherited(_add_parser(actions, "list", "all users, as without an action", _list), add_json, add_pool)
    create = _add_user_action(actions, "create", "make a user who can sign in at once", _create)
    add_password(create)
    create.add_argument(
        "--email", metavar="ADDRESS", help="an address, which counts as verified and gets no mail"
    )
    create.add_argument(
        "--group", action="append", default=[], metavar="NAME", help="join it; may be repeated"
    )
    add_password(_add_user_action(actions, "set-password", "set a lasting password", _set_password))
    join = _add_user_action(actions, "add-to-group", "join groups, which are made if need be", _add_to_group)
    join.add_argument("groups", nargs="+", metavar="GROUP", help="its name")
    _add_user_action(actions, "delete", "delete a user", _delete)
    importing = _add_parser(actions, "import", "make or change the users of a file", _import)
    importing.add_argument("file", type=Path, metavar="FILE", help="users.yaml or users.csv")
    add_inherited(importing, add_json, add_pool)


def _add_parser(actions: Commands, name: str, meaning: str, run: Run) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=meaning, description=f"{meaning.capitalize()}.")
    parser.set_defaults(run=run)
    return parser


def _add_user_action(actions: Commands, name: str, meaning: str, action: _Action) -> argparse.ArgumentParser:
    def run(options: argparse.Namespace) -> int:
        users = Users(find_pool_stack(options))
        options.user = users.rules.spell_username(options.user, getattr(options, "email", None))
        try:
            return _tell(options, action(users, options))
        except AwsRefusalError as error:
            error.resource = options.user
            return tell_refusal(error)

    parser = _add_parser(actions, name, meaning, run)
    parser.add_argument("user", metavar="USER", help="the user's name")
    add_inherited(parser, add_json, add_pool)
    return parser


def _list(options: argparse.Namespace) -> int:
    users = list(Users(find_pool_stack(options)).list())
    if options.json:
        print_json({"users": [asdict(user) for user in users]})
    elif users:
        _print_table(users)
    else:
        sys.stdout.write(f"no user yet; `{spell_command('token alice --create')}` makes one\n")
    return 0


def _create(users: Users, options: argparse.Namespace) -> Mapping[str, Any]:
    attributes = {"email": options.email} if options.email else NO_ATTRIBUTES
    users.create(options.user, read_password(options, options.user), attributes)
    users.add_to_groups(options.user, options.group)
    return {"created": options.user, "groups": options.group}


def _set_password(users: Users, options: argparse.Namespace) -> Mapping[str, Any]:
    users.set_password(options.user, read_password(options, options.user))
    return {"password_set": options.user}


def _add_to_group(users: Users, options: argparse.Namespace) -> Mapping[str, Any]:
    users.add_to_groups(options.user, options.groups)
    return {"added": options.user, "groups": options.groups}


def _delete(users: Users, options: argparse.Namespace) -> Mapping[str, Any]:
    users.delete(options.user)
    return {"deleted": options.user}


def _import(options: argparse.Namespace) -> int:
    entries = read_users_file(options.file)
    users = Users(find_pool_stack(options))
    try:
        new = import_users(users, entries)
    except AwsRefusalError as error:
        return tell_refusal(error)
    return _tell(options, {"imported": len(entries), "new": new})


def _tell(options: argparse.Namespace, done: Mapping[str, Any]) -> int:
    if options.json:
        print_json(done)
    else:
        sys.stdout.write(
            "; ".join(f"{name.replace('_', ' ')}: {_as_text(value)}" for name, value in done.items() if value)
            + "\n"
        )
    return 0


def _as_text(value: Any) -> str:
    return " ".join(value) if isinstance(value, list) else str(value)


def _print_table(users: Sequence[User]) -> None:
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - only what prints a table waits for rich
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("User", "Status", "Address", "Groups", "Since"):
        table.add_column(heading, overflow="fold")
    for user in users:
        status = user.status if user.enabled else f"{user.status}, disabled"
        cells = (user.username, status, user.email or "", " ".join(user.groups), user.created)
        table.add_row(*(Text(escape(cell)) for cell in cells))
    width = None if sys.stdout.isatty() else 10_000  # a table in a pipe is for grep, and so is never folded
    Console(highlight=False, emoji=False, width=width).print(table)
