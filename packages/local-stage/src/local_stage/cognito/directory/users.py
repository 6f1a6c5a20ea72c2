"""The users of a pool, as its administrator makes, changes and deletes them.

https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

from local_stage.cloudformation.aws_refusal import AwsRefusalError, explaining_refusals
from local_stage.cognito.directory.pool_rules import PoolRules
from local_stage.cognito.directory.pool_stack import PoolStack

NO_ATTRIBUTES: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class User:
    """A user; `status` is such as CONFIRMED or FORCE_CHANGE_PASSWORD, `created` an ISO 8601 date."""

    username: str
    status: str
    enabled: bool
    email: str | None
    groups: list[str]
    sub: str
    created: str


class Users:
    """The users of one pool. Each method raises AwsRefusalError for what the pool refuses."""

    def __init__(self, stack: PoolStack) -> None:
        """Take the pool of a stack. Raises StartError where it has none, or is for prod."""
        stack.refuse_production()
        self._stack = stack
        self._cognito = stack.cognito
        self._pool = {"UserPoolId": stack.user_pool_id}

    @cached_property
    def rules(self) -> PoolRules:
        """What the pool asks of a new user."""
        return PoolRules.of(self._stack)

    def list(self) -> Iterator[User]:
        """Yield every user, in the pool's order."""
        with explaining_refusals():
            for page in self._cognito.get_paginator("list_users").paginate(**self._pool):
                for described in page["Users"]:
                    yield self._read(described)

    def has(self, username: str) -> bool:
        """Say whether there is a user of this name."""
        try:
            with explaining_refusals():
                self._cognito.admin_get_user(**self._pool, Username=username)
        except AwsRefusalError as error:
            if error.code == "UserNotFoundException":
                return False
            raise
        return True

    def create(self, username: str, password: str, attributes: Mapping[str, str] = NO_ATTRIBUTES) -> None:
        """Make a user who can sign in at once, with the attributes that the pool requires as well.

        An address counts as verified, and gets no mail.
        """
        filled = self.rules.fill_attributes(username, attributes)
        with explaining_refusals():
            self._cognito.admin_create_user(
                **self._pool,
                Username=username,
                # The policy is asked here, before there is a user.
                TemporaryPassword=password,
                MessageAction="SUPPRESS",
                UserAttributes=[{"Name": name, "Value": value} for name, value in filled.items()],
            )
        self.set_password(username, password)

    def set_password(self, username: str, password: str) -> None:
        """Set a lasting password."""
        with explaining_refusals():
            self._cognito.admin_set_user_password(
                **self._pool, Username=username, Password=password, Permanent=True
            )

    def set_email(self, username: str, email: str) -> None:
        """Set the address, which counts as verified."""
        with explaining_refusals():
            self._cognito.admin_update_user_attributes(
                **self._pool,
                Username=username,
                UserAttributes=[
                    {"Name": "email", "Value": email},
                    {"Name": "email_verified", "Value": "true"},
                ],
            )

    def add_to_groups(self, username: str, groups: Iterable[str]) -> None:
        """Let a user join groups; one that the pool does not have yet is made."""
        for group in groups:
            try:
                self._join(username, group)
            except AwsRefusalError as error:
                if error.code != "ResourceNotFoundException":
                    raise
                with explaining_refusals():
                    self._cognito.create_group(**self._pool, GroupName=group)
                self._join(username, group)

    def delete(self, username: str) -> None:
        """Delete a user."""
        with explaining_refusals():
            self._cognito.admin_delete_user(**self._pool, Username=username)

    def _join(self, username: str, group: str) -> None:
        with explaining_refusals():
            self._cognito.admin_add_user_to_group(**self._pool, Username=username, GroupName=group)

    def _read(self, described: Mapping[str, Any]) -> User:
        attributes = {item["Name"]: item["Value"] for item in described.get("Attributes", [])}
        groups = self._cognito.admin_list_groups_for_user(**self._pool, Username=described["Username"])
        return User(
            described["Username"],
            described["UserStatus"],
            bool(described.get("Enabled", True)),
            attributes.get("email"),
            sorted(group["GroupName"] for group in groups["Groups"]),
            attributes.get("sub", ""),
            described["UserCreateDate"].astimezone().isoformat(timespec="seconds"),
        )
