"""The hostile matrix, claims: what the pool's own key signed, with claims that no user pool would write."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import Any

from tests.forged_tokens import ALGORITHMS, ENCODINGS, HEADERS, JSON, Forger, Forgery
from tests.tokens import ABSENT, CLIENT_ID

NO_SECONDS: Mapping[str, Any] = {
    "null": None,
    "true": True,
    "a text": "9999999999",
    "a list": [9999999999],
    "an object": {"seconds": 9999999999},
    "a fraction": 1.5,
    "a float": 4102444800.0,
    "negative": -1,
    "after the year 9999": 253_402_300_800,
    "of 60 digits": 10**60,
    "NaN": math.nan,
    "infinite": math.inf,
}

NO_TEXTS: Mapping[str, Any] = {
    "absent": ABSENT,
    "null": None,
    "empty": "",
    "false": False,
    "a number": 1,
    "a list": [CLIENT_ID],
    "an object": {},
}

TOKEN_USES: Mapping[str, Any] = {
    "absent": ABSENT,
    "null": None,
    "empty": "",
    "true": True,
    "refresh": "refresh",
    "in capitals": "ID",
    "with a blank": "id ",
    "a list": ["id", "access"],
    "an object": {"id": "access"},
}


def _with_claim(name: str, value: Any) -> Forgery:
    return lambda forger: forger.good(**{name: value})


def _with_client(value: Any) -> Forgery:
    return lambda forger: forger.good(**{"aud" if forger.kind == "id" else "client_id": value})


def _with_issuer(old: str, new: str) -> Forgery:
    def forge(forger: Forger) -> str:
        issuer = forger.signer.issuer.replace(old, new, 1)
        assert issuer != forger.signer.issuer
        return forger.good(iss=issuer)

    return forge


def _in_a_minute(name: str, forger: Forger) -> str:
    return forger.good(**{name: int(forger.signer.clock()) + 60})


def _other_kind(forger: Forger) -> str:
    return Forger(forger.signer, "access" if forger.kind == "id" else "id").good()


CLAIMS: dict[str, Forgery] = (
    {
        f"{name} {label}": _with_claim(name, value)
        for name in ("exp", "iat", "nbf", "auth_time")
        for label, value in NO_SECONDS.items()
    }
    | {f"{name} absent": _with_claim(name, ABSENT) for name in ("exp", "iat")}
    | {f"{name} in a minute": functools.partial(_in_a_minute, name) for name in ("iat", "nbf")}
    | {
        f"{name} {label}": _with_claim(name, value)
        for name in ("sub", "iss")
        for label, value in NO_TEXTS.items()
    }
    | {f"client {label}": _with_client(value) for label, value in NO_TEXTS.items()}
    | {f"token_use {label}": _with_claim("token_use", value) for label, value in TOKEN_USES.items()}
    | {"the other kind of token": _other_kind}
)


def _change_end(issuer: str) -> str:
    """Return the issuer of another pool: a pool's id may end in any letter, this one too."""
    return issuer[:-1] + ("Y" if issuer.endswith("X") else "X")


ISSUERS: dict[str, Forgery] = {
    "iss of another region": _with_issuer("cognito-idp.ap-northeast-1", "cognito-idp.us-east-1"),
    "iss of another pool": lambda f: f.good(iss=_change_end(f.signer.issuer)),
    "iss with a port": _with_issuer(".com/", ".com:443/"),
    "iss with a longer path": lambda f: f.good(iss=f.signer.issuer + "/.well-known"),
    "iss with a trailing slash": lambda f: f.good(iss=f.signer.issuer + "/"),
    "iss with a trailing blank": lambda f: f.good(iss=f.signer.issuer + " "),
    "iss with a trailing NUL": lambda f: f.good(iss=f.signer.issuer + "\x00"),
    "iss with a query": lambda f: f.good(iss=f.signer.issuer + "?"),
    "iss with dot segments": _with_issuer(".com/", ".com/./"),
    "iss in capitals": lambda f: f.good(iss=f.signer.issuer.upper()),
    "iss over http": _with_issuer("https:", "http:"),
    "iss with user information": _with_issuer("https://", "https://attacker@"),
    "iss behind user information": lambda f: f.good(iss=f.signer.issuer + "@attacker.example"),
    "iss of a look-alike host": _with_issuer("amazonaws.com", "amazonaws.com.attacker.example"),
    "iss of a look-alike letter": _with_issuer("amazonaws", "am\u0430zonaws"),
    "iss of another partition": _with_issuer("amazonaws.com", "amazonaws.com.cn"),
    "iss a list with the pool's": lambda f: f.good(iss=[f.signer.issuer]),
}

SCOPES: dict[str, Forgery] = {
    f"scope {label}": functools.partial(lambda value, forger: forger.good(scope=value), value)
    for label, value in {
        "absent": ABSENT,
        "null": None,
        "empty": "",
        "only blanks": "   ",
        "true": True,
        "a list with it": ["hello/read"],
        "an object with it": {"hello/read": True},
        "a longer one": "hello/readx",
        "a longer one before": "xhello/read",
        "a shorter one": "hello/rea",
        "its server only": "hello",
        "its name only": "read",
        "in another case": "Hello/Read",
        "between tabs": "openid\thello/read\temail",
        "between newlines": "openid\nhello/read",
        "between commas": "openid,hello/read",
        "between no-break spaces": "openid\u00a0hello/read",
        "with a NUL": "hello/read\x00",
        "a pattern": "hello/*",
        "percent-encoded": "hello%2Fread",
    }.items()
}
"""For a method that asks for hello/read, with a `Forger` of access tokens."""

FORGERIES: dict[str, Forgery] = ALGORITHMS | HEADERS | JSON | ENCODINGS | CLAIMS | ISSUERS
"""Everything that is refused by a method of either kind."""
