"""Brings the users of a file into a pool; a second time changes nothing but what has changed in the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from local_stage.cloudformation.aws_refusal import AwsRefusalError
from local_stage.cognito.directory.users import NO_ATTRIBUTES, Users
from local_stage.cognito.directory.users_file import UserEntry


def import_users(users: Users, entries: Sequence[UserEntry]) -> int:
    """Make each user, or set what the file says, and return how many of them are new.

    A user without a password in the file gets a random one, kept nowhere, when the user is made, and keeps
    it later. Nobody is deleted, and nobody leaves a group. Raises AwsRefusalError with file, line, user and
    field for what the pool refuses; the users before it are imported.
    """
    return sum(_import(users, entry) for entry in entries)


def _import(users: Users, entry: UserEntry) -> bool:
    with _naming(entry, "username"):
        username = users.rules.spell_username(entry.username, entry.email)
        is_new = not users.has(username)
    if is_new:
        attributes = {"email": entry.email} if entry.email else NO_ATTRIBUTES
        with _naming(entry, "username"):
            users.create(username, entry.password or users.rules.make_password(), attributes)
    else:
        if entry.email:
            with _naming(entry, "email"):
                users.set_email(username, entry.email)
        if entry.password:
            with _naming(entry, "password"):
                users.set_password(username, entry.password)
    with _naming(entry, "groups"):
        users.add_to_groups(username, entry.groups)
    return is_new


@contextmanager
def _naming(entry: UserEntry, name: str) -> Iterator[None]:
    try:
        yield
    except AwsRefusalError as error:
        if error.code == "InvalidPasswordException":
            name = "password"
        is_of_a_field = error.is_verdict and error.code != "NotAuthorizedException"
        error.file, error.resource = entry.place, entry.username
        error.property_path = name if is_of_a_field else None
        raise
