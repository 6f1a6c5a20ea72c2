"""What a user pool asks of a new user: a name, attributes, and the length of a password.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from local_stage.cloudformation.aws_refusal import explaining_refusals
from local_stage.cognito.directory.pool_stack import PoolStack
from local_stage.errors import UsageError

EMAIL: Final = "email"
PHONE: Final = "phone_number"

_EXAMPLE_PASSWORD: Final = "Correct-Horse-7-Battery-Staple-8-"  # noqa: S105 - an example that printed commands carry
_EXAMPLE_LENGTH: Final = 15
_EXAMPLE_PHONE: Final = "+12025550123"
"""Nobody's: 555-0100 to 555-0199 are kept for examples in North America."""
_NOT_ASKED_FOR: Final = frozenset({"sub", "cognito:username"})
_SUB: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_VALUES: Final[Mapping[str, str]] = {
    "address": "1 Example Street",
    "birthdate": "2000-01-01",
    "gender": "unspecified",
    "locale": "en-US",
    "picture": "https://example.com/picture.png",
    "profile": "https://example.com/",
    "updated_at": "946684800",
    "website": "https://example.com/",
    "zoneinfo": "Etc/UTC",
    PHONE: _EXAMPLE_PHONE,
}
"""What a user gets for an attribute that the pool requires; of names not listed here the user's own name."""


@dataclass(frozen=True, slots=True)
class PoolRules:
    """The rules of one pool: `signs_in_by` is AWS's UsernameAttributes, empty where a user has a name.

    `required` are the attributes that each user needs, `password_length` is the least number of characters.
    """

    signs_in_by: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    password_length: int = 8

    @classmethod
    def of(cls, stack: PoolStack) -> Self:
        """Ask for the pool's description. Raises StartError where it cannot be had."""
        with explaining_refusals():
            pool = stack.cognito.describe_user_pool(UserPoolId=stack.user_pool_id)["UserPool"]
        return cls.read(pool)

    @classmethod
    def read(cls, pool: Mapping[str, Any]) -> Self:
        """Return the rules of a pool that DescribeUserPool describes."""
        policy = (pool.get("Policies") or {}).get("PasswordPolicy") or {}
        schema: Iterable[Mapping[str, Any]] = pool.get("SchemaAttributes") or ()
        return cls(
            tuple(pool.get("UsernameAttributes") or ()),
            tuple(one["Name"] for one in schema if one.get("Required") and one["Name"] not in _NOT_ASKED_FOR),
            int(policy.get("MinimumLength") or 8),
        )

    def spell_username(self, name: str, email: str | None = None) -> str:
        """Return what a user of this name signs in by: the name itself, the email address, or one made of it.

        A `sub` names a user in every pool. Raises UsageError where users sign in by phone number alone.
        """
        is_address = "@" in name or (name.startswith("+") and PHONE in self.signs_in_by)
        if not self.signs_in_by or is_address or _SUB.fullmatch(name):
            return name
        if EMAIL in self.signs_in_by:
            return email or f"{name}@example.com"
        raise UsageError(
            f"{name}: the users of this pool sign in by phone number; write one, as {_EXAMPLE_PHONE}"
        )

    def fill_attributes(self, username: str, given: Mapping[str, str]) -> dict[str, str]:
        """Return the attributes of a new user: those given, and a value for each one that the pool requires.

        An address or a number by which the user signs in counts as verified, and so does every address given.
        """
        found = dict(given)
        if self.signs_in_by:
            found.setdefault(EMAIL if "@" in username else PHONE, username)
        for name in self.required:
            found.setdefault(name, _make_value(name, username))
        for name in (EMAIL, PHONE):
            if name in found:
                found.setdefault(f"{name}_verified", "true")
        return found

    def make_password(self) -> str:
        """Return a password that the pool's policy does not refuse and nobody can guess."""
        return f"{secrets.token_urlsafe(max(24, self.password_length))}aA1-"

    def make_username(self) -> str:
        """Return a name that nobody else has."""
        name = f"user-{secrets.token_hex(8)}"
        if not self.signs_in_by:
            return name
        # +999 is no country's code.
        return f"{name}@example.com" if EMAIL in self.signs_in_by else f"+999{secrets.randbelow(10**11):011}"

    @property
    def example_username(self) -> str:
        """A name for a command that is printed."""
        if not self.signs_in_by or EMAIL in self.signs_in_by:
            return self.spell_username("alice")
        return _EXAMPLE_PHONE

    @property
    def example_password(self) -> str:
        """A password for a command that is printed, as long as the pool wants it."""
        length = max(_EXAMPLE_LENGTH, self.password_length)
        return (_EXAMPLE_PASSWORD * (length // len(_EXAMPLE_PASSWORD) + 1))[:length]


def choose_address(signs_in_by: Iterable[str]) -> str | None:
    """Return by which of AWS's UsernameAttributes a user of an example signs in; None where it is a name."""
    names = [*signs_in_by]
    return EMAIL if EMAIL in names else names[0] if names else None


def _make_value(name: str, username: str) -> str:
    local_part = username.partition("@")[0].lstrip("+")
    return f"{local_part}@example.com" if name == EMAIL else _VALUES.get(name, local_part)
