"""Users of the running stage's pool that are there for a test, and gone after it even when it has failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property, partial

from local_stage.cloudformation.aws_refusal import AwsRefusalError, explaining_refusals
from local_stage.cognito.directory.pool_rules import PoolRules
from local_stage.cognito.directory.pool_stack import PoolStack
from local_stage.cognito.directory.sign_in import Credentials


@dataclass(frozen=True, slots=True)
class PoolUser:
    """A confirmed user, and what was given at creation; `password` is permanent."""

    username: str
    password: str = field(repr=False)
    groups: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def credentials(self) -> Credentials:
        """What the user signs in with."""
        return Credentials(self.username, self.password)


class UserFactory:
    """Makes users; each of them is deleted when `made` is closed."""

    def __init__(self, stack: PoolStack, made: ExitStack) -> None:
        self._stack = stack
        self._made = made

    def __call__(
        self,
        username: str | None = None,
        *,
        groups: Iterable[str] = (),
        attributes: Mapping[str, str] | None = None,
        password: str | None = None,
    ) -> PoolUser:
        """Make a user who can sign in.

        Left out, name and password are random, and the address is verified and leads nowhere (RFC 2606, 3):
        `attributes={"email": ...}` gives another. In a pool whose users sign in by address or number the name
        is one. The groups have to be in the pool. Raises StartError in the pool's own words where it refuses,
        as for a password that its policy does not allow.
        """
        given = dict(attributes or {})
        name = self._rules.spell_username(username or self._rules.make_username(), given.get("email"))
        address = name if "@" in name else f"{name.lstrip('+')}@example.com"
        user = PoolUser(
            name,
            password or self._rules.make_password(),
            tuple(groups),
            self._rules.fill_attributes(name, {"email": address} | given),
        )
        with explaining_refusals():
            self._create(user)
        return user

    @cached_property
    def _rules(self) -> PoolRules:
        return PoolRules.of(self._stack)

    def _create(self, user: PoolUser) -> None:
        named = {"UserPoolId": self._stack.user_pool_id, "Username": user.username}
        cognito = self._stack.cognito
        cognito.admin_create_user(
            **named,
            # The policy is asked here, before there is a user.
            TemporaryPassword=user.password,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": name, "Value": value} for name, value in user.attributes.items()],
        )
        self._made.callback(partial(self._delete, user))
        cognito.admin_set_user_password(**named, Password=user.password, Permanent=True)
        for group in user.groups:
            cognito.admin_add_user_to_group(**named, GroupName=group)

    def _delete(self, user: PoolUser) -> None:
        try:
            with explaining_refusals():
                self._stack.cognito.admin_delete_user(
                    UserPoolId=self._stack.user_pool_id, Username=user.username
                )
        except AwsRefusalError as error:
            if error.code != "UserNotFoundException":  # the test has deleted them itself
                raise
