"""How the claims of a token stand in the event: every one of them a string."""

from __future__ import annotations

import re
from typing import Any, Final

from conformance.case import Case, Request
from conformance.event import ABSENT, Output
from conformance.responses import echoed

_CLAIMS: Final = "/requestContext/authorizer/claims"
_JAVA_DATE: Final = re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d UTC \d{4}")


def _real(name: str, rule: str, claim: str, rendered: Any, token: str = "id_token") -> Case:  # noqa: S107
    """A claim of a token as Cognito issues it."""
    target = "/protected" if token == "id_token" else "/person-scope"  # noqa: S105 - names of tokens
    request = Request(target=target, headers=(("Authorization", f"Bearer {{{token}}}"),))
    response = echoed({f"{_CLAIMS}/{claim}": rendered})
    return Case(id=f"claims.{name}", rule=f"claims.{rule}", request=request, response=response)


def _signed(name: str, rule: str, claim: str, value: Any, rendered: Any) -> Case:
    """A claim with a value that only the pool's own key can put into a token at will."""
    return Case(
        id=f"claims.{name}",
        rule=f"claims.{rule}",
        request=Request(target="/protected", headers=(("Authorization", "Bearer {signed_token}"),)),
        response=echoed({f"{_CLAIMS}/{claim.replace('/', '~1')}": rendered}),
        claims={claim: value},
    )


REAL: Final = (
    _real("exp", "dates", "exp", _JAVA_DATE),
    _real("iat", "dates", "iat", _JAVA_DATE),
    _real("exp-of-access-token", "dates", "exp", _JAVA_DATE, "access_token"),
    _real("auth-time", "numbers", "auth_time", re.compile(r"[1-9]\d{9}")),
    _real("email-verified", "booleans", "email_verified", "true"),
    _real("groups", "groups", "cognito:groups", "admin,staging-manager"),
    _real("groups-of-access-token", "groups", "cognito:groups", "admin,staging-manager", "access_token"),
    _real("scope", "strings", "scope", "aws.cognito.signin.user.admin", "access_token"),
    _real("aud", "strings", "aud", Output("UserPoolClientId")),
    _real("client-id", "strings", "client_id", Output("UserPoolClientId"), "access_token"),
    _real("no-aud", "access-token-without-aud", "aud", ABSENT, "access_token"),
)

_IDENTITY: Final = {"userId": "1", "providerName": "Google", "primary": "true"}

SIGNED: Final = (
    _signed("date", "dates", "iat", 1718722804, "Tue Jun 18 15:00:04 UTC 2024"),
    _signed("date-of-one-digit", "dates", "iat", 1717426804, "Mon Jun 03 15:00:04 UTC 2024"),
    _signed("date-far-off", "dates", "exp", 4102444799, "Thu Dec 31 23:59:59 UTC 2099"),
    _signed("number", "numbers", "custom:number", 1718722804, "1718722804"),
    _signed("negative", "numbers", "custom:number", -7, "-7"),
    _signed("true", "booleans", "custom:flag", True, "true"),
    _signed("false", "booleans", "custom:flag", False, "false"),
    _signed("one-group", "groups", "cognito:groups", ["admin"], "admin"),
    _signed(
        "roles",
        "groups",
        "cognito:roles",
        ["arn:aws:iam::123456789012:role/a", "arn:aws:iam::123456789012:role/b"],
        "arn:aws:iam::123456789012:role/a,arn:aws:iam::123456789012:role/b",
    ),
    _signed(
        "identities",
        "identities",
        "identities",
        [_IDENTITY, _IDENTITY],
        ",".join(['{"userId":"1","providerName":"Google","primary":"true"}'] * 2),
    ),
    _signed("custom", "strings", "custom:note", "a b", "a b"),
    _signed("text", "strings", "name", "山田 太郎", "山田 太郎"),
    _signed("comma-in-group", "comma-in-group", "cognito:groups", ["a,b", "c"], "a,b,c"),
    _signed("float", "floats", "custom:float", 1.5, "1.5"),
    _signed("null", "null", "custom:null", None, ABSENT),
    _signed("object", "objects", "address", {"formatted": "1-1"}, '{"formatted":"1-1"}'),
    _signed("empty-list", "groups-empty", "cognito:groups", [], ""),
)

CASES: Final = (*REAL, *SIGNED)
