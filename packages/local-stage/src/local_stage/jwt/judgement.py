"""What came of the checks on a token, as a value: which it has passed, which it has failed and why.

`judge` makes the checks of one tuple, in its order, on one `Evidence`, until one fails. Only a token that
passes all of them has `Claims`. An `UnverifiedToken` may choose the key that verifies it and be explained:
nothing else.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Any, Final, Literal, override

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from local_stage.jwt.jwks import JsonWebKeySet, SignatureVerifier

_SEAL: Final = object()


class FailureKind(StrEnum):
    """What is wrong with a token, or with what came instead of one."""

    IDENTITY_SOURCE = "the header does not carry one token and nothing else"
    MALFORMED = "the text is no signed JSON web token in compact form (RFC 7515, section 3.1)"
    UNSUPPORTED_HEADER = "the token's header asks for something that no user pool's token asks for"
    INVALID_CLAIM = "a claim is missing, or has a type or value that no issuer gives it"
    UNKNOWN_ISSUER = "the token names an issuer that is not accepted"
    KEYS_UNAVAILABLE = "no key of the issuer could ever be fetched"
    CLOSED = "the accepted issuer or its keys were not known at the start, so that no token passes"
    UNKNOWN_KEY = "the issuer has no key of the token's kid"
    INVALID_SIGNATURE = "the signature is not the issuer's over this header and payload"
    WRONG_KIND = "an access token where an ID token is asked for, or the other way round"
    NOT_YET_VALID = "iat or nbf lies in the future"
    WRONG_AUDIENCE = "the token was issued to a client that is not accepted"
    MISSING_SCOPE = "the access token has none of the method's scopes"
    EXPIRED = "the token is good in all else, but its exp has come"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a check fails, and what to do: one short line of printable ASCII each, with no part of a token."""

    kind: FailureKind
    reason: str
    remedy: str

    @override
    def __str__(self) -> str:
        return f"{self.reason}; {self.remedy}"


class Unknown(Enum):
    """A check has not what it needs: the issuer's keys are not known."""

    NOT_CHECKED = "not checked"


type Finding = Failure | Literal[Unknown.NOT_CHECKED] | None
"""What a check finds: None where the token passes it."""


@dataclass(frozen=True, slots=True, eq=False)
class UnverifiedToken:
    """A token in its parts, written by anybody: `kid` and `iss` only choose the key that verifies it."""

    kid: str
    payload: Mapping[str, Any] = field(repr=False)
    signing_input: bytes = field(repr=False)
    signature: bytes = field(repr=False)


_NO_TOKEN: Final = UnverifiedToken("", MappingProxyType({}), b"", b"")


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Claims(Mapping[str, Any]):
    """The claims of a token that has passed all checks, in the payload's order; `judge` alone makes them."""

    _payload: Mapping[str, Any]
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("claims come from judge")

    @override
    def __getitem__(self, name: str) -> Any:
        return self._payload[name]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._payload)

    @override
    def __len__(self) -> int:
        return len(self._payload)

    @override
    def __repr__(self) -> str:
        """Name the caller, and no personal claim."""
        return f"<Claims of {self.get('sub')!a}>"


@dataclass(slots=True)
class Evidence:
    """What is judged, and what the checks have found so far.

    `sent` are the values of the header `header_name`, `wanted` is the kind of token that the method takes,
    and `now` is in Unix seconds. `key_sets` has the keys of each accepted issuer, or is None where they are
    not known.
    """

    sent: Sequence[str]
    header_name: str
    wanted: str
    key_sets: Mapping[str, JsonWebKeySet] | None
    now: float
    scopes: Sequence[str]
    verifier: SignatureVerifier
    text: str = field(default="", init=False)
    parts: Sequence[str] = field(default=(), init=False)
    token: UnverifiedToken = field(default=_NO_TOKEN, init=False)
    key_set: JsonWebKeySet | None = field(default=None, init=False)
    key: RSAPublicKey | None = field(default=None, init=False)
    verified: Mapping[str, Any] | None = field(default=None, init=False)
    """The payload, once its signature is good."""


@dataclass(frozen=True, slots=True)
class Check[E: Evidence]:
    """One question about a token; `find` answers it, and leaves in the evidence what later checks need."""

    name: str
    find: Callable[[E], Finding | Awaitable[Finding]]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of `checks`, which are in their order.

    `failed` names the check that the token has failed, and `failure` says why. `not_checked` names the
    earlier ones that lacked the issuer's keys. `claims` exist only where all checks have passed. `token` is
    what could be read.
    """

    checks: Sequence[Check[Any]]
    claims: Claims | None
    failed: str | None
    failure: Failure | None
    not_checked: tuple[str, ...]
    token: UnverifiedToken

    @property
    def names(self) -> tuple[str, ...]:
        """All checks by name, in their order."""
        return tuple(check.name for check in self.checks)

    @property
    def not_reached(self) -> tuple[str, ...]:
        """The checks after the failed one."""
        return self.names[self._reached :]

    @property
    def passed(self) -> tuple[str, ...]:
        """The checks that the token has passed."""
        end = self._reached if self.failed is None else self._reached - 1
        return tuple(name for name in self.names[:end] if name not in self.not_checked)

    @property
    def _reached(self) -> int:
        return len(self.names) if self.failed is None else self.names.index(self.failed) + 1


async def judge[E: Evidence](checks: Sequence[Check[E]], evidence: E) -> Judgement:
    """Make the checks in their order, until one fails."""
    not_checked: list[str] = []
    for check in checks:
        finding = check.find(evidence)
        if finding is None:
            continue
        if not isinstance(finding, (Failure, Unknown)):
            finding = await finding
        if isinstance(finding, Failure):
            return Judgement(checks, None, check.name, finding, tuple(not_checked), evidence.token)
        if finding is Unknown.NOT_CHECKED:
            not_checked.append(check.name)
    claims = None if not_checked or evidence.verified is None else Claims(evidence.verified, _SEAL)
    return Judgement(checks, claims, None, None, tuple(not_checked), evidence.token)
