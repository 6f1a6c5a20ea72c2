"""The identity source: one header that holds one token, and nothing else anywhere."""

from __future__ import annotations

import asyncio

import pytest

from local_stage.api_gateway.authorizers.authorizer import AuthorizationRequest
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.api_gateway.rest.gateway_response import GatewayError, GatewayResponseType
from tests.manual_clock import ManualClock
from tests.protected_method import ProtectedMethod
from tests.tokens import SUB, TokenSigner

SIGNER = TokenSigner(clock=ManualClock())


@pytest.mark.parametrize("prefix", ["", "Bearer ", "bearer "])
def test_the_raw_token_and_a_bearer_token_pass(prefix: str) -> None:
    assert ProtectedMethod(SIGNER).claims(prefix + SIGNER.id_token())["sub"] == SUB


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION", "aUTHORIZATION"])
def test_the_headers_name_is_matched_without_regard_to_case(name: str) -> None:
    assert ProtectedMethod(SIGNER).claims([("Host", "localhost"), (name, SIGNER.id_token())])["sub"] == SUB


@pytest.mark.rule("authorizer.other-prefix", "authorizer.extra-blanks")
@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "Bearer",
        "Bearer ",
        "Bearer  {}",
        "Bearer\t{}",
        "Bearer {} ",
        " Bearer {}",
        " {}",
        "{} ",
        "\t{}",
        "{}\n",
        "{}\r\nX-Injected: yes",
        "BEARER {}",
        "bEARER {}",
        "Bearer:{}",
        "Bearer: {}",
        "Bearer{}",
        "Bearer Bearer {}",
        "Bearer {} {}",
        "Basic {}",
        "Token {}",
        "JWT {}",
        "{}, {}",
        "{},{}",
        "Bearer {},Bearer {}",
        '"{}"',
        "<{}>",
        "{};",
        "\x00{}",
        "{}\x00",
        "\ufeff{}",
        "\udcff{}",
        "Bearer\u00a0{}",
        "AWS4-HMAC-SHA256 Credential={}",
    ],
)
def test_anything_around_the_token_is_refused(value: str) -> None:
    refusal = ProtectedMethod(SIGNER).refusal(value.replace("{}", SIGNER.id_token()))
    assert (refusal.response_type, refusal.message) == (GatewayResponseType.UNAUTHORIZED, "Unauthorized")


@pytest.mark.parametrize("value", ["{},{}", "{}, {}", "Bearer {},Bearer {}"])
def test_joined_tokens_are_called_more_than_one(value: str) -> None:
    """So are two headers that a proxy has joined (RFC 9110, section 5.3)."""
    refusal = ProtectedMethod(SIGNER).refusal(value.replace("{}", SIGNER.id_token()))
    assert refusal.reason.startswith("Authorization header holds more, or less, than one token")


def test_no_header_is_refused_with_what_to_send() -> None:
    assert (
        ProtectedMethod(SIGNER).refusal([]).reason
        == 'no Authorization header; send "Authorization: <ID token>"'
    )


def test_no_header_on_a_method_with_scopes_asks_for_an_access_token() -> None:
    refusal = ProtectedMethod(SIGNER, scopes=["hello/read"]).refusal([("Host", "localhost")])
    assert refusal.reason == 'no Authorization header; send "Authorization: <access token>"'


@pytest.mark.rule("authorizer.two-headers")
@pytest.mark.parametrize("other", ["", "Bearer x", None])
def test_two_headers_are_refused_even_when_they_agree(other: str | None) -> None:
    """API Gateway uses the last and other software the first: what may disagree is refused."""
    token = SIGNER.id_token()
    values = (token, token if other is None else other)
    for first, second in (values, values[::-1]):
        refusal = ProtectedMethod(SIGNER).refusal([("Authorization", first), ("authorization", second)])
        assert refusal.reason.startswith("2 Authorization headers, which may disagree;")


def test_another_header_may_be_the_identity_source() -> None:
    method = ProtectedMethod(SIGNER, identity_source="X-Auth")
    assert method.claims([("x-auth", SIGNER.id_token())])["sub"] == SUB


def test_the_authorization_header_is_nothing_where_another_is_the_identity_source() -> None:
    refusal = ProtectedMethod(SIGNER, identity_source="X-Auth").refusal(SIGNER.id_token())
    assert refusal.reason == 'no X-Auth header; send "X-Auth: <ID token>"'


@pytest.mark.parametrize(
    "name", ["Authorization ", "X-Authorization", "Authorisation", "Auth", ":authorization"]
)
def test_a_header_of_another_name_is_nothing(name: str) -> None:
    assert (
        ProtectedMethod(SIGNER)
        .refusal([(name, SIGNER.id_token())])
        .reason.startswith("no Authorization header")
    )


@pytest.mark.rule("authorizer.header-only")
@pytest.mark.parametrize("query", ["Authorization={}", "access_token={}", "token={}"])
def test_a_token_in_the_query_is_nothing(query: str) -> None:
    method = ProtectedMethod(SIGNER)
    request = HttpRequest("GET", "/dev/hello", query.format(SIGNER.id_token()))
    with pytest.raises(GatewayError, match="no Authorization header"):
        asyncio.run(method.authorizer.authorize(AuthorizationRequest(request)))
