"""Two JWT authorizers of one API: a key of one issuer's set is worth nothing under the other's name."""

from __future__ import annotations

import pytest

from local_stage.api_gateway.authorizers.jwt import JwtAuthorizer, TrustedIssuer
from local_stage.jwt.jwks import JsonWebKeySet
from tests.http_api import ServedHttpApi, event
from tests.key_server import KeyServer
from tests.tokens import CLIENT_ID, ISSUER, TokenSigner

OTHER_ISSUER = "https://issuer.example"


def authorizer(issuer: str) -> dict[str, object]:
    settings = {"issuer": issuer, "audience": [CLIENT_ID]}
    return {"IdentitySource": "$request.header.Authorization", "JwtConfiguration": settings}


@pytest.fixture(scope="module")
def api() -> ServedHttpApi:
    """`/first` is for the tests' own issuer, `/second` for another one."""
    both = {"Authorizers": {"First": authorizer(ISSUER), "Second": authorizer(OTHER_ISSUER)}}
    routes = {name: event(f"GET /{name.lower()}", Auth={"Authorizer": name}) for name in ("First", "Second")}
    served = ServedHttpApi({"Auth": both}, routes)
    (settings,) = (one for one in served.http_api.jwt_authorizers if one.name == "Second")
    keys = JsonWebKeySet("https://other-keys", KeyServer(other(served).jwks()), served.clock)
    served.authorizers["Second"] = JwtAuthorizer(settings, TrustedIssuer(OTHER_ISSUER, keys), served.clock)
    return served


def other(api: ServedHttpApi, kid: str = "other-key") -> TokenSigner:
    return TokenSigner(OTHER_ISSUER, kid, client_id=CLIENT_ID, clock=api.clock)


def test_each_route_takes_its_own_issuers_tokens_alone(api: ServedHttpApi) -> None:
    tokens = (api.signer.id_token(), other(api).id_token())
    statuses = [
        api.call(f"GET /{path}", token=token).status for path in ("first", "second") for token in tokens
    ]
    assert statuses == [200, 401, 401, 200]


@pytest.mark.parametrize("path", ["first", "second"])
def test_a_key_of_the_others_set_vouches_for_nothing(api: ServedHttpApi, path: str) -> None:
    """Under either issuer's name, and under either key id."""
    own, stranger = (ISSUER, OTHER_ISSUER) if path == "first" else (OTHER_ISSUER, ISSUER)
    signer = other(api) if path == "first" else api.signer
    names = ("other-key", api.signer.kid)
    for issuer in (own, stranger):
        for kid in names:
            forged = TokenSigner(issuer, kid, key=signer.key, client_id=CLIENT_ID, clock=api.clock)
            before = len(api.function.events)
            assert api.call(f"GET /{path}", token=forged.id_token()).status == 401
            assert len(api.function.events) == before
