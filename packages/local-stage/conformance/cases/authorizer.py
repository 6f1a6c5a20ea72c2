"""Who may call: kinds of token, scopes, pools, app clients, identity sources, and what is no token at all."""

from __future__ import annotations

from typing import Final

from conformance.case import Case, Headers, Request, Response
from conformance.event import ABSENT, Output
from conformance.responses import echoed, expired, unauthorized

_CLAIMS: Final = "/requestContext/authorizer/claims"
_IN: Final = echoed({f"{_CLAIMS}/token_use": "id"})
_IN_WITH_ACCESS: Final = echoed({f"{_CLAIMS}/token_use": "access"})
_MACHINE: Final = {f"{_CLAIMS}/sub": Output("MachineClientId"), f"{_CLAIMS}/username": ABSENT}


def _case(name: str, rule: str, target: str, authorization: str, response: Response) -> Case:
    return _case_with(name, rule, target, (("Authorization", authorization),), response)


def _case_with(name: str, rule: str, target: str, headers: Headers, response: Response) -> Case:
    request = Request(target=target, headers=headers)
    return Case(id=f"authorizer.{name}", rule=f"authorizer.{rule}", request=request, response=response)


def _refused(name: str, rule: str, authorization: str, target: str = "/protected") -> Case:
    return _case(name, rule, target, authorization, unauthorized())


KINDS: Final = (
    _case("id-token", "id-token-on-unscoped", "/protected", "Bearer {id_token}", _IN),
    _refused("access-token", "access-token-on-unscoped", "Bearer {access_token}"),
    _refused("machine-token", "access-token-on-unscoped", "Bearer {machine_read_token}"),
    _refused("id-token-scoped", "id-token-on-scoped", "Bearer {id_token}", "/scoped"),
    _refused("id-token-person-scope", "id-token-on-scoped", "Bearer {id_token}", "/person-scope"),
    _case("scope", "access-token-with-scope", "/scoped", "Bearer {machine_read_token}", _IN_WITH_ACCESS),
    _case("own-scope", "access-token-with-scope", "/person-scope", "Bearer {access_token}", _IN_WITH_ACCESS),
    _case("first-of-two-scopes", "any-one-scope", "/either-scope", "{machine_read_token}", _IN_WITH_ACCESS),
    _case("second-of-two-scopes", "any-one-scope", "/either-scope", "{machine_write_token}", _IN_WITH_ACCESS),
    _refused("other-scope", "access-token-without-scope", "Bearer {machine_write_token}", "/scoped"),
    _refused("no-such-scope", "access-token-without-scope", "Bearer {access_token}", "/scoped"),
    _refused("neither-scope", "access-token-without-scope", "Bearer {access_token}", "/either-scope"),
    _case("machine", "client-credentials", "/scoped", "{machine_read_token}", echoed(_MACHINE)),
)

HEADER_FORMS: Final = (
    _case("raw-id-token", "raw-and-bearer", "/protected", "{id_token}", _IN),
    _case("raw-access-token", "raw-and-bearer", "/person-scope", "{access_token}", _IN_WITH_ACCESS),
    _case("lower-case-bearer", "lower-case-bearer", "/protected", "bearer {id_token}", _IN),
    _refused("upper-case-bearer", "other-prefix", "BEARER {id_token}"),
    _refused("basic", "other-prefix", "Basic {id_token}"),
    _refused("jwt-prefix", "other-prefix", "JWT {id_token}"),
    _refused("bearer-without-blank", "other-prefix", "Bearer{id_token}"),
    _refused("two-blanks", "extra-blanks", "Bearer  {id_token}"),
    _refused("word-after", "extra-blanks", "Bearer {id_token} more"),
    _refused("blank-inside", "extra-blanks", "{id_token} {id_token}"),
    _case_with(
        "two-headers",
        "two-headers",
        "/protected",
        (("Authorization", "{id_token}"), ("Authorization", "{id_token}")),
        unauthorized(),
    ),
    _case_with("no-header", "no-header", "/protected", (), unauthorized()),
    _case_with("no-header-scoped", "no-header", "/scoped", (), unauthorized()),
    _refused("empty-header", "empty-header", ""),
    _refused("bearer-alone", "empty-header", "Bearer"),
    _refused("garbage", "garbage", "abc"),
    _refused("three-parts-of-garbage", "garbage", "Bearer a.b.c"),
    _refused("refresh-token", "garbage", "Bearer {refresh_token}"),
    _case_with("token-in-query", "header-only", "/protected?Authorization=abc", (), unauthorized()),
    _case_with("lower-case-name", "name-case", "/protected", (("authorization", "{id_token}"),), _IN),
    _case_with("upper-case-name", "name-case", "/protected", (("AUTHORIZATION", "{id_token}"),), _IN),
)

FORGERIES: Final = (
    _refused("tampered", "wrong-signature", "Bearer {tampered_id_token}"),
    _refused("forged", "wrong-signature", "Bearer {forged_id_token}"),
    _refused("unsigned", "only-rs256", "Bearer {unsigned_id_token}"),
    _refused("foreign-issuer", "other-issuer", "Bearer {foreign_id_token}"),
    _refused("other-pool", "other-pool", "Bearer {other_pool_id_token}"),
)

EXPIRY: Final = (
    _case("expired-id-token", "expired", "/protected", "Bearer {expired_id_token}", expired()),
    _case("expired-access-token", "expired", "/person-scope", "Bearer {expired_access_token}", expired()),
    _refused("expired-of-wrong-kind", "expired-and-wrong", "Bearer {expired_access_token}"),
    _refused("expired-without-scope", "expired-and-wrong", "Bearer {expired_access_token}", "/scoped"),
    _refused("expired-and-tampered", "expired-and-wrong", "Bearer {tampered_expired_id_token}"),
    _refused("expired-elsewhere", "expired-and-wrong", "Bearer {expired_id_token}", "/person-scope"),
    _case("signed-out", "revoked-stays-good", "/protected", "Bearer {signed_out_id_token}", _IN),
    _case("disabled", "revoked-stays-good", "/protected", "Bearer {disabled_id_token}", _IN),
)


def _signed(name: str, rule: str, **claims: object) -> Case:
    """A token that the pool's own key has signed, with a claim that Cognito would not issue."""
    return Case(
        id=f"authorizer.{name}",
        rule=f"authorizer.{rule}",
        request=Request(target="/protected", headers=(("Authorization", "Bearer {signed_token}"),)),
        response=unauthorized(),
        claims=claims,
    )


CLAIM_TYPES: Final = (
    _signed("exp-null", "claim-of-wrong-type", exp=None),
    _signed("exp-list", "claim-of-wrong-type", exp=[4102444799]),
    _signed("exp-infinity", "claim-of-wrong-type", exp=float("inf")),
    _signed("exp-text", "claim-of-wrong-type", exp="4102444799"),
    _signed("exp-true", "claim-of-wrong-type", exp=True),
    _signed("iss-list", "claim-of-wrong-type", iss=["https://cognito-idp.ap-northeast-1.amazonaws.com/x"]),
    _signed("token-use-null", "claim-of-wrong-type", token_use=None),
    _signed("token-use-other", "unknown-token-use", token_use="refresh"),
    _signed("nbf-in-future", "not-before", nbf=4102444799),
    _signed("iat-in-future", "not-before", iat=4102444799),
)

POOLS_AND_CLIENTS: Final = (
    _case("second-client", "any-app-client", "/protected", "Bearer {second_client_id_token}", _IN),
    _case("the-one-client", "validation-expression", "/one-client", "Bearer {id_token}", _IN),
    _refused("not-the-one-client", "validation-expression", "Bearer {second_client_id_token}", "/one-client"),
    _refused(
        "expression-and-access-token",
        "validation-expression-access-token",
        "Bearer {access_token}",
        "/one-client/scoped",
    ),
    _case("first-of-two-pools", "several-pools", "/either-pool", "Bearer {id_token}", _IN),
    _case("second-of-two-pools", "several-pools", "/either-pool", "Bearer {other_pool_id_token}", _IN),
    _refused("neither-pool", "several-pools", "Bearer {foreign_id_token}", "/either-pool"),
    _case_with("own-header", "identity-source", "/header", (("X-Token", "{id_token}"),), _IN),
    _case_with("own-header-lower-case", "identity-source", "/header", (("x-token", "{id_token}"),), _IN),
    _refused("authorization-instead", "identity-source", "Bearer {id_token}", "/header"),
    _case_with(
        "own-header-on-other-method",
        "identity-source",
        "/protected",
        (("X-Token", "{id_token}"),),
        unauthorized(),
    ),
)

CASES: Final = (*KINDS, *HEADER_FORMS, *FORGERIES, *EXPIRY, *CLAIM_TYPES, *POOLS_AND_CLIENTS)
