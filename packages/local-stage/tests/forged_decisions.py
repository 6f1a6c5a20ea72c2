"""The decision that goes against each token of the hostile matrix, by the token's name.

A new forgery falls under its table's decision until it is named here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from local_stage.explanation.explanation import StepName
from tests.forged_claims import CLAIMS, ISSUERS
from tests.forged_tokens import ALGORITHMS, ENCODINGS, HEADERS, JSON

TURNED_AWAY: Mapping[str, int] = {
    "a newline inside": 400,
    "a newline after": 400,
    "NUL after": 400,
    "a terminal's escape inside": 400,
    "kid of 100 kB": 431,
    "12 kB": 431,
}
"""What is answered before any token is looked for, with its status; all others are refused with 401."""

_TABLES: Iterable[tuple[Mapping[str, object], StepName]] = (
    (ALGORITHMS, StepName.ALGORITHM),
    (HEADERS, StepName.ALGORITHM),
    (JSON, StepName.CONTENTS),
    (ENCODINGS, StepName.FORM),
    (ISSUERS, StepName.ISSUER),
)
_CLAIMS: Mapping[str, StepName] = {
    "exp": StepName.EXPIRY,
    "iat": StepName.START,
    "nbf": StepName.START,
    "auth_time": StepName.START,
    "sub": StepName.SUBJECT,
    "iss": StepName.ISSUER,
    "client": StepName.CLIENT,
    "token_use": StepName.KIND,
    "the other kind of token": StepName.KIND,
}
"""By the first word, which is the claim's name."""
_OTHERS: Mapping[StepName, Iterable[str]] = {
    StepName.HEADER: (*TURNED_AWAY, "a blank inside", "a letter outside ASCII", "a fullwidth dot"),
    StepName.FORM: (
        "header with alg twice",
        "header that is a list",
        "header that is no JSON",
        "header empty",
    ),
    StepName.ALGORITHM: ("header and payload exchanged",),
    StepName.CONTENTS: (
        *(name for name in CLAIMS if name.endswith((" NaN", " infinite"))),
        "signature by a letter too short",
        "signature with unused bits",
        "signature in standard base64",
        "signature with padding",
        "payload with padding",
        "a letter outside the alphabet",
    ),
    StepName.ISSUER: ("a payload without claims",),
    StepName.KEY: (
        "RS256 by the attacker under his own kid",
        "kid path",
        "kid SQL",
        "kid of another pool",
        "kid with a newline",
        "kid in another case",
    ),
    StepName.SIGNATURE: (
        "alg RS256 without a signature",
        "HMAC with the public key's PEM called RS256",
        "PS256 by the pool's key called RS256",
        "RS512 by the pool's key called RS256",
        "SHA-1 by the pool's key called RS256",
        "RS256 by the attacker under the pool's kid",
        "a hash called a signature",
        "zeroes called a signature",
        "ones called a signature",
        "signature extended",
        "signature doubled",
        "signature empty",
        "signature of another token",
        "payload of another caller",
    ),
}


def _find_claim(name: str) -> StepName:
    return _CLAIMS.get(name.split(maxsplit=1)[0]) or _CLAIMS[name]


DECISIONS: Mapping[str, frozenset[StepName]] = {
    **{name: frozenset({step}) for table, step in _TABLES for name in table},
    **{name: frozenset({_find_claim(name)}) for name in CLAIMS},
    **{name: frozenset({step}) for step, names in _OTHERS.items() for name in names},
    # One cut in sixteen leaves no bits over that are set: base64 then, and a signature that is too short.
    "signature truncated": frozenset({StepName.CONTENTS, StepName.SIGNATURE}),
}
"""The decisions, nearly always one, of which one goes against the forgery, by its name."""
