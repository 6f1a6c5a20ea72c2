"""Who may have signed a request: the local AWS's root user, its users and sessions, and their policies.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import ClientError

from local_stage.api_gateway.policy.condition import PolicyError
from local_stage.api_gateway.policy.policy import Policy
from local_stage.api_gateway.policy.principal import Caller
from local_stage.jwt.fetcher import FetchError
from local_stage.jwt.jwks import Fetch

logger: Final = logging.getLogger("local_stage")

_VERSION: Final = "2012-10-17"


def _build_policy(effect: str) -> Policy:
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": "*"}
    return Policy.parse({"Version": _VERSION, "Statement": statement})


ALLOW_EVERYTHING: Final = _build_policy("Allow")
DENY_EVERYTHING: Final = _build_policy("Deny")


@dataclass(frozen=True, slots=True)
class IamCaller:
    """Whose access key it is, the secret with which they sign, and what they may call.

    One of `policies` has to allow a request, and one of each of `limits`; none of them may deny it.
    `session_token` is None for keys that have none. `cognito` tells of the identity of an
    identity pool's credentials (see `describe_caller`).
    """

    account_id: str
    access_key: str
    secret_key: str
    arn: str
    user_id: str
    type: str
    session_token: str | None = None
    role_arn: str | None = None
    policies: tuple[Policy, ...] = ()
    limits: tuple[tuple[Policy, ...], ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    cognito: Mapping[str, Any] | None = None

    @property
    def identity(self) -> dict[str, Any]:
        """Who has signed a request, members of `requestContext.identity` of format 1.0."""
        known = {
            "accountId": self.account_id,
            "caller": self.user_id,
            "accessKey": self.access_key,
            "userArn": self.arn,
            "user": self.user_id,
        }
        if self.cognito is None:
            return known
        return known | {
            "cognitoIdentityId": self.cognito["identity_id"],
            "cognitoIdentityPoolId": self.cognito["identity_pool_id"],
            "cognitoAuthenticationType": self.cognito["authentication_type"],
            "cognitoAuthenticationProvider": self.cognito["authentication_provider"],
            "cognitoAmr": self.cognito["amr"],
        }

    @property
    def principal(self) -> Caller:
        """By whom a resource policy may name the caller: a session by that of its role too."""
        arns = frozenset({self.arn} if self.role_arn is None else {self.arn, self.role_arn})
        return Caller(self.account_id, arns, is_root=self.type == "Account")

    @property
    def condition_keys(self) -> dict[str, str]:
        """What policies know of the caller, by name in lower case."""
        return {
            **self.keys,
            "aws:principalaccount": self.account_id,
            "aws:principalarn": self.role_arn or self.arn,
            "aws:principaltype": self.type,
            "aws:userid": self.user_id,
        }


class UnknownCallerError(Exception):
    """Nobody here has given out an access key, or the session has ended; the message says which."""

    def __init__(self, reason: str, *, is_expired: bool = False) -> None:
        super().__init__(reason)
        self.is_expired = is_expired


type FindCaller = Callable[[str], Awaitable[IamCaller]]
"""Takes an access key; raises UnknownCallerError where it is not known."""


def build_root(account_id: str, access_key: str, secret_key: str) -> IamCaller:
    """Return the root user of the local AWS, who has the keys that it gives out and may call everything."""
    return IamCaller(
        account_id,
        access_key,
        secret_key,
        f"arn:aws:iam::{account_id}:root",
        account_id,
        "Account",
        policies=(ALLOW_EVERYTHING,),
    )


class LocalCallers:
    """Finds callers of the local AWS: the root user, and whom the local AWS itself tells of at each call.

    Nothing is kept, so that a key that is deleted and a policy that is changed count from the next call on.
    """

    def __init__(self, root: IamCaller, fetch: Fetch, find_url: Callable[[str], str | None]) -> None:
        """Ask at the URL that `find_url` gives for an access key, None for what can be no key."""
        self._root = root
        self._fetch = fetch
        self._find_url = find_url

    async def find(self, access_key: str) -> IamCaller:
        """Return whose access key it is. Raises UnknownCallerError."""
        if access_key == self._root.access_key:
            return self._root
        url = self._find_url(access_key)
        if url is None:
            raise UnknownCallerError(
                f"{access_key!a} is no access key; sign with test / test, or with one of the local AWS"
            )
        try:
            told = json.loads(await self._fetch(url))
        except (FetchError, ClientError, OSError, ValueError) as error:
            # The URL holds a secret, which a message may quote.
            kind = type(error).__name__
            raise UnknownCallerError(f"the local AWS cannot be asked for {access_key!a} ({kind})") from None
        if not isinstance(told, dict):
            raise UnknownCallerError(
                f"the access key {access_key!a} is none of the local AWS's, or is inactive;"
                " sign with test / test, or with the key of a user or a session of the local AWS"
            )
        if told["is_expired"]:
            raise UnknownCallerError(
                f"the session of {access_key!a} has ended; get new credentials", is_expired=True
            )
        return read_caller(access_key, told)


def read_caller(access_key: str, told: Mapping[str, Any]) -> IamCaller:
    """Return the caller of whom the local AWS has told (see `describe_caller`)."""
    return IamCaller(
        told["account_id"],
        access_key,
        told["secret_key"],
        told["arn"],
        told["user_id"],
        told["type"],
        told["session_token"],
        told["role_arn"],
        tuple(_read_policies(told["policies"], told["arn"])),
        tuple(tuple(_read_policies(limit, told["arn"])) for limit in told["limits"]),
        told["keys"],
        told["cognito"],
    )


def _read_policies(documents: Iterable[Mapping[str, Any]], whose: str) -> Iterator[Policy]:
    for document in documents:
        for statement in document["Statement"]:
            yield from _read_statement(statement, whose)


def _read_statement(statement: Mapping[str, Any], whose: str) -> Iterator[Policy]:
    """Yield a policy of the statement alone.

    Of a statement that cannot be read nobody knows whether it applies: it allows nothing, and it denies
    whatever its action and resource name, or everything where these cannot be read either.
    """
    try:
        yield Policy.parse({"Version": _VERSION, "Statement": statement})
    except PolicyError as error:
        logger.warning("A statement of a policy of %s is taken for the stricter: %s", whose, error)
        if statement.get("Effect") == "Deny":
            yield _deny_all_of(statement)


def _deny_all_of(statement: Mapping[str, Any]) -> Policy:
    bare = {name: value for name, value in statement.items() if name != "Condition"}
    try:
        return Policy.parse({"Version": _VERSION, "Statement": bare})
    except PolicyError:
        return DENY_EVERYTHING
