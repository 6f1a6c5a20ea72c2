"""Who passes a JWT authorizer, what the refused ones are told, and what the function learns of the others."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import pytest

from tests.http_api import JWT, ServedHttpApi, event, events
from tests.manual_clock import NOW
from tests.tokens import ABSENT, CLIENT_ID, ISSUER, SUB, TokenSigner, encode_base64url, encode_json

SCOPED = {"Scoped": event("GET /scoped", Auth={"AuthorizationScopes": ["books/read", "books/write"]})}
OTHER_ISSUER = ISSUER.replace("AbCdEf123", "OtherPool")


@pytest.fixture(scope="module")
def api() -> ServedHttpApi:
    routes = {**events("GET /hello"), **SCOPED, "Old": event("GET /old", PayloadFormatVersion="1.0")}
    return ServedHttpApi(JWT, routes, {"statusCode": 200})


def test_id_and_access_tokens_open_a_route_without_scopes(api: ServedHttpApi) -> None:
    assert api.call(token=api.signer.id_token()).status == 200
    assert api.call(token=f"Bearer {api.signer.access_token()}").status == 200


def test_a_list_of_audiences_needs_one_that_is_configured(api: ServedHttpApi) -> None:
    assert api.call(token=api.signer.id_token(aud=["other", CLIENT_ID])).status == 200


def test_no_token_gets_the_bare_challenge(api: ServedHttpApi) -> None:
    response = api.call()
    assert (response.status, response.body) == (401, b'{"message":"Unauthorized"}')
    assert response.header("www-authenticate") == "Bearer"
    assert [name for name, _ in response.headers][-2:] == ["www-authenticate", "apigw-requestid"]


@pytest.mark.parametrize(
    "sent", ["x", "Bearer x", "Bearer", "bearer {token}", "Basic eA==", "{token} {token}"]
)
def test_what_is_no_token_is_told_so(api: ServedHttpApi, sent: str) -> None:
    response = api.call(token=sent.format(token=api.signer.id_token()))
    assert response.status == 401
    assert response.header("www-authenticate") == (
        'Bearer scope="" error="invalid_token"'
        ' error_description="token contains an invalid number of segments"'
    )


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "other"},
        {"aud": ["other"]},
        {"aud": ABSENT, "client_id": "other"},
        {"aud": "other", "client_id": CLIENT_ID},
    ],
)
def test_another_audience_is_told_so(api: ServedHttpApi, claims: dict[str, Any]) -> None:
    response = api.call(token=api.signer.id_token(**claims))
    assert response.status == 401
    assert response.header("www-authenticate") == (
        'Bearer scope="" error="invalid_token" error_description="the token does not have a valid audience"'
    )


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW},
        {"exp": ABSENT},
        {"exp": str(NOW + 60)},
        {"exp": True},
        {"nbf": NOW + 60},
        {"iat": NOW + 60},
        {"iss": OTHER_ISSUER},
        {"iss": ISSUER + "/"},
        {"iss": ABSENT},
        {"aud": ABSENT},
        {"aud": {CLIENT_ID: 1}},
        {"aud": [[CLIENT_ID]]},
        {"aud": f"{CLIENT_ID} "},
        {"aud": ""},
    ],
)
def test_a_well_signed_token_with_a_bad_claim_is_refused(api: ServedHttpApi, claims: dict[str, Any]) -> None:
    assert api.call(token=api.signer.id_token(**claims)).status == 401
    scoped = api.signer.access_token("books/read", **{"aud": CLIENT_ID, "client_id": ABSENT, **claims})
    assert api.call("GET /scoped", token=scoped).status == 401


@pytest.mark.rule("http.iat-ahead")
@pytest.mark.parametrize(
    ("ahead", "status", "said"),
    [(3, 200, ["a token's iat is 3.0 s ahead of this clock"]), (6, 401, []), (0, 200, []), (ABSENT, 200, [])],
)
def test_a_token_of_a_clock_that_is_ahead_passes_and_the_log_says_so(
    api: ServedHttpApi, caplog: pytest.LogCaptureFixture, ahead: Any, status: int, said: list[str]
) -> None:
    token = api.signer.id_token(iat=ahead if ahead is ABSENT else NOW + ahead)
    assert api.call(token=token).status == status
    assert [record.getMessage().partition(", and")[0] for record in caplog.records] == said


def forge_hmac(signer: TokenSigner) -> str:
    """Return a token signed by HS256 with the published key as the secret."""
    body = f"{encode_json({'alg': 'HS256', 'kid': signer.kid})}.{signer.id_token().split('.')[1]}"
    mac = hmac.new(signer.jwks(), body.encode(), hashlib.sha256).digest()
    return f"{body}.{encode_base64url(mac)}"


def forgeries(signer: TokenSigner) -> dict[str, str]:
    header, payload, signature = signer.id_token().split(".")
    stranger = TokenSigner(kid="other-key", clock=signer.clock)
    same_name = TokenSigner(kid=signer.kid, key=stranger.key, clock=signer.clock)
    flipped = base64.urlsafe_b64decode(signature + "==")
    changed = encode_json({"iss": ISSUER, "aud": CLIENT_ID, "exp": NOW + 60})
    return {
        "unsigned": f"{encode_json({'alg': 'none', 'kid': signer.kid})}.{payload}.",
        "unsigned in capitals": f"{encode_json({'alg': 'NONE', 'kid': signer.kid})}.{payload}.",
        "HMAC with the public key": forge_hmac(signer),
        "a stranger's key": stranger.id_token(),
        "a stranger's key under this kid": same_name.id_token(),
        "another issuer's key": TokenSigner(OTHER_ISSUER, "other-key", clock=signer.clock).id_token(),
        "its own key in the header": signer.sign({"iss": ISSUER}, jwk=stranger.jwk()),
        "its own key's address": signer.sign({"iss": ISSUER}, jku="https://evil.example"),
        "no kid": signer.sign({"iss": ISSUER, "aud": CLIENT_ID, "exp": NOW + 60}, kid=ABSENT),
        "another payload": f"{header}.{changed}.{signature}",
        "a bit of the signature": (
            f"{header}.{payload}.{encode_base64url(bytes([flipped[0] ^ 1]) + flipped[1:])}"
        ),
        "no signature": f"{header}.{payload}.",
    }


@pytest.mark.parametrize("name", forgeries(TokenSigner()))
def test_a_forged_token_is_refused(api: ServedHttpApi, name: str) -> None:
    before = len(api.function.events)
    response = api.call(token=forgeries(api.signer)[name])
    assert (response.status, response.body) == (401, b'{"message":"Unauthorized"}')
    assert len(api.function.events) == before


def test_a_scope_opens_its_route(api: ServedHttpApi) -> None:
    token = api.signer.access_token("openid books/write")
    event = api.event_of("GET /scoped", token=token)
    assert event["requestContext"]["authorizer"]["jwt"]["scopes"] == ["openid", "books/write"]


@pytest.mark.parametrize("scp", ["books/read", ["books/read"]])
def test_scp_is_a_scope_too(api: ServedHttpApi, scp: Any) -> None:
    assert api.call("GET /scoped", token=api.signer.access_token(ABSENT, scp=scp)).status == 200


@pytest.mark.parametrize("scope", ["books", "books/readx", "BOOKS/READ", "", 7, None, ABSENT])
def test_a_token_without_the_scope_is_forbidden(api: ServedHttpApi, scope: Any) -> None:
    response = api.call("GET /scoped", token=api.signer.access_token(scope))
    assert (response.status, response.body) == (403, b'{"message":"Forbidden"}')
    assert response.header("www-authenticate") == (
        'Bearer scope="books/read books/write" error="insufficient_scope"'
        ' error_description="expected scopes: [books/read books/write]"'
    )


def test_an_id_token_has_no_scope(api: ServedHttpApi) -> None:
    assert api.call("GET /scoped", token=api.signer.id_token()).status == 403


def test_two_tokens_are_refused(api: ServedHttpApi) -> None:
    headers = [("Authorization", api.signer.id_token()), ("authorization", "x")]
    assert api.call(headers=headers).status == 401


def test_the_function_gets_claims_as_texts(api: ServedHttpApi) -> None:
    token = api.signer.sign(
        {
            "sub": SUB,
            "iss": ISSUER,
            "aud": CLIENT_ID,
            "exp": NOW + 60,
            "cognito:groups": ["admin", "staff"],
            "one": ["admin"],
            "email_verified": True,
            "height": 1.5,
            "large": 10**21,
            "nothing": None,
            "address": {"city": "Kyōto"},
            "scope": "openid",
        }
    )
    assert api.event_of(token=token)["requestContext"]["authorizer"] == {
        "jwt": {
            "claims": {
                "address": '{"city":"Kyōto"}',
                "aud": CLIENT_ID,
                "cognito:groups": "[admin staff]",
                "email_verified": "true",
                "exp": str(NOW + 60),
                "height": "1.5",
                "iss": ISSUER,
                "large": "1000000000000000000000",
                "one": "[admin]",
                "scope": "openid",
                "sub": SUB,
            },
            "scopes": None,
        }
    }


def test_format_1_has_the_claims_without_their_kind(api: ServedHttpApi) -> None:
    authorizer = api.event_of("GET /old", token=api.signer.id_token())["requestContext"]["authorizer"]
    assert [*authorizer] == ["claims", "scopes"]
    assert authorizer["claims"]["sub"] == SUB


def test_a_token_may_stand_in_the_query() -> None:
    scheme = {**JWT["Auth"]["Authorizers"]["Pool"], "IdentitySource": "$request.querystring.access"}
    api = ServedHttpApi(
        {"Auth": {"Authorizers": {"Pool": scheme}, "DefaultAuthorizer": "Pool"}}, events("GET /hello")
    )
    token = api.signer.id_token()
    sent = [f"GET /hello?access={token}", f"GET /hello?access={token}&access={token}", "GET /hello?Access=x"]
    assert [api.call(line).status for line in sent] == [200, 401, 401]
    assert api.call(token=token).status == 401


@pytest.mark.rule("http.issuer-unknown")
def test_without_keys_nobody_gets_in() -> None:
    api = ServedHttpApi(JWT, events("GET /hello"))
    api.key_server.answer = OSError("no network")
    response = api.call(token=api.signer.id_token())
    assert response.status == 401
    assert 'error_description="OIDC discovery endpoint communication error"' in str(
        response.header("www-authenticate")
    )


def test_an_event_may_do_without_the_default_authorizer() -> None:
    api = ServedHttpApi(JWT, {"Open": event("GET /hello", Auth={"Authorizer": "NONE"}), **SCOPED})
    assert api.call().status == 200
    assert api.call("GET /scoped").status == 401
