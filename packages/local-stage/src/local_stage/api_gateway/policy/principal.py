"""For whom a statement of a resource policy is.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from local_stage.api_gateway.policy.condition import PolicyError

_ACCOUNT: Final = re.compile(r"\d{12}", re.ASCII)
_ROOT: Final = re.compile(r"arn:[\w-]+:iam::(\d{12}):root", re.ASCII)
_PRINCIPAL_ARN: Final = re.compile(
    r"arn:[\w-]+:(?:iam::\d{12}:(?:user|role)|sts::\d{12}:(?:assumed-role|federated-user))/\S+", re.ASCII
)
_ANYBODY: Final = "*"
_OTHERS: Final = frozenset({"CanonicalUser", "Federated", "Service"})
"""Kinds of principals that no caller of a REST API is."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: nobody in particular, or who has signed the request.

    `arns` are those by which a policy can name the caller: a session has that of its role too. `account_id`
    is None for an anonymous caller.
    """

    account_id: str | None = None
    arns: frozenset[str] = frozenset()
    is_root: bool = False


ANONYMOUS: Final = Caller()


@dataclass(frozen=True, slots=True)
class Principals:
    """The callers that a statement names: everybody, by account, or by ARN."""

    everybody: bool = False
    accounts: frozenset[str] = frozenset()
    arns: frozenset[str] = frozenset()

    def include(self, caller: Caller, *, is_allow: bool) -> bool:
        """Say whether a caller is one of them.

        To allow an account is to let its own policies decide: of its callers it allows the root user alone.
        To deny an account is to deny all of them.
        """
        if self.everybody or self.arns & caller.arns:
            return True
        if caller.account_id is None or caller.account_id not in self.accounts:
            return False
        return caller.is_root or not is_allow

    def joined(self, other: Self) -> Principals:
        """Return the principals of both."""
        return Principals(
            self.everybody or other.everybody, self.accounts | other.accounts, self.arns | other.arns
        )


def read_principals(value: Any) -> Principals:
    """Read the Principal of a statement. Raises PolicyError for what is none."""
    if value == _ANYBODY:
        return Principals(everybody=True)
    if not isinstance(value, Mapping) or not value:
        raise PolicyError('Principal has to be "*" or an object such as {"AWS": "123456789012"}')
    principals = Principals()
    for kind, named in value.items():
        if kind == "AWS":
            listed = named if isinstance(named, list) else [named]
            if not listed:
                raise PolicyError("Principal names nobody")
            for one in listed:
                principals = principals.joined(_read_aws(one))
        elif kind not in _OTHERS:
            raise PolicyError(f"{kind!a} is no kind of Principal")
    return principals


def _read_aws(name: Any) -> Principals:
    if name == _ANYBODY:
        return Principals(everybody=True)
    if isinstance(name, int) and not isinstance(name, bool):
        # YAML takes an account id without quotes for a number, and the leading zeros are lost.
        name = f"{name:012}"
    if isinstance(name, str):
        if root := _ROOT.fullmatch(name):
            return Principals(accounts=frozenset({root[1]}))
        if _ACCOUNT.fullmatch(name):
            return Principals(accounts=frozenset({name}))
        if _PRINCIPAL_ARN.fullmatch(name) and "*" not in name:
            return Principals(arns=frozenset({name}))
    raise PolicyError(f"{name!a} is no principal: write an account id, or the ARN of a user or role")
