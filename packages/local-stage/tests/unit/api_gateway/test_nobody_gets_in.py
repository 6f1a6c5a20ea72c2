"""Nobody gets in: the hostile matrix and whatever hypothesis thinks of, on methods of both kinds."""

from __future__ import annotations

from collections.abc import Container
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_stage.api_gateway.rest.gateway_response import GatewayError, GatewayResponseType
from local_stage.jwt.checks import IAT_TOLERANCE
from local_stage.jwt.jose import decode_base64url
from tests.forged_claims import FORGERIES, SCOPES
from tests.forged_tokens import SCOPE, Forger
from tests.manual_clock import NOW, ManualClock
from tests.protected_method import ProtectedMethod
from tests.tokens import TokenSigner, encode_base64url

type Kind = Literal["id", "access"]

SIGNER = TokenSigner(clock=ManualClock())
METHODS: dict[Kind, ProtectedMethod] = {
    "id": ProtectedMethod(SIGNER),
    "access": ProtectedMethod(SIGNER, scopes=[SCOPE]),
}
GOOD: dict[Kind, str] = {kind: Forger(SIGNER, kind).good() for kind in METHODS}
KINDS = st.sampled_from(list(METHODS))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)


def assert_refused(method: ProtectedMethod, value: str, messages: Container[str] = ("Unauthorized",)) -> None:
    refusal = method.refusal(value)
    assert refusal.response_type is GatewayResponseType.UNAUTHORIZED
    assert refusal.message in messages
    assert refusal.reason.isascii()
    assert refusal.reason.isprintable()


@pytest.mark.parametrize("kind", METHODS)
def test_the_token_that_all_forgeries_start_from_is_good(kind: Kind) -> None:
    """Otherwise their refusal would show nothing."""
    assert METHODS[kind].claims(GOOD[kind])["token_use"] == kind


@pytest.mark.rule("authorizer.wrong-signature", "authorizer.only-rs256", "authorizer.claim-of-wrong-type")
@pytest.mark.parametrize("kind", METHODS)
def test_a_forgery_is_refused(kind: Kind, subtests: pytest.Subtests) -> None:
    for name, forge in FORGERIES.items():
        with subtests.test(name):
            assert_refused(METHODS[kind], forge(Forger(SIGNER, kind)))


@pytest.mark.parametrize("kind", METHODS)
def test_a_forgery_behind_bearer_is_refused(kind: Kind, subtests: pytest.Subtests) -> None:
    for name, forge in FORGERIES.items():
        with subtests.test(name):
            assert_refused(METHODS[kind], f"Bearer {forge(Forger(SIGNER, kind))}")


@pytest.mark.parametrize("name", SCOPES)
def test_a_trick_with_scopes_is_refused(name: str) -> None:
    assert_refused(METHODS["access"], SCOPES[name](Forger(SIGNER, "access")))


@given(KINDS, st.data())
def test_no_token_passes_with_a_letter_changed(kind: Kind, data: st.DataObject) -> None:
    good = GOOD[kind]
    place = data.draw(st.integers(0, len(good) - 1))
    letter = data.draw(st.characters().filter(lambda drawn: drawn != good[place]))
    assert_refused(METHODS[kind], good[:place] + letter + good[place + 1 :])


@given(KINDS, st.data())
def test_no_token_passes_with_text_put_in_or_taken_out(kind: Kind, data: st.DataObject) -> None:
    good = GOOD[kind]
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(start + 9, len(good))))
    mutation = good[:start] + data.draw(st.text(max_size=9)) + good[end:]
    if mutation not in {good, f"Bearer {good}", f"bearer {good}"}:
        assert_refused(METHODS[kind], mutation)


@given(KINDS, st.data())
def test_no_token_passes_with_a_bit_changed_below_its_encoding(kind: Kind, data: st.DataObject) -> None:
    parts = GOOD[kind].split(".")
    index = data.draw(st.integers(0, 2))
    raw = bytearray(decode_base64url(parts[index]))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    parts[index] = encode_base64url(bytes(raw))
    assert_refused(METHODS[kind], ".".join(parts))


@given(KINDS, st.text() | st.text(alphabet=".eyJ-_=, Bear\t\x00"))
def test_no_text_is_more_than_unauthorized(kind: Kind, text: str) -> None:
    assert_refused(METHODS[kind], text)


@pytest.mark.rule("authorizer.garbage")
@given(KINDS, st.binary(), st.binary(), st.binary())
def test_no_three_parts_are_more_than_unauthorized(
    kind: Kind, header: bytes, payload: bytes, signature: bytes
) -> None:
    assert_refused(METHODS[kind], ".".join(map(encode_base64url, (header, payload, signature))))


@given(KINDS, st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "zip", "jwk", "b64"]), JSON))
def test_no_header_is_more_than_unauthorized(kind: Kind, header: dict[str, Any]) -> None:
    if "alg" in header or "kid" in header:
        assert_refused(METHODS[kind], Forger(SIGNER, kind).with_header(**header))


@given(KINDS, st.dictionaries(st.sampled_from(["exp", "iat", "sub", "iss", "token_use"]), JSON, min_size=1))
def test_whatever_the_pool_signs_is_let_in_or_refused_and_never_fails(
    kind: Kind, claims: dict[str, Any]
) -> None:
    """Claims that pass here are good ones, as hypothesis may find: a later `exp`, another `sub`."""
    token = Forger(SIGNER, kind).good(**claims)
    try:
        passed = METHODS[kind].claims(token)
    except GatewayError:
        assert_refused(METHODS[kind], token, ("Unauthorized", "The incoming token has expired"))
    else:
        assert type(passed["exp"]) is int
        assert passed["iat"] <= NOW + IAT_TOLERANCE
        assert passed["exp"] > NOW
        assert passed["iss"] == SIGNER.issuer
        assert passed["token_use"] == kind


@given(st.text(alphabet="hello/read \t\n,x", max_size=30))
def test_only_the_very_scope_passes(scope: str) -> None:
    token = SIGNER.access_token(scope)
    if SCOPE in scope.split(" "):
        assert METHODS["access"].claims(token)["scope"] == scope
    else:
        assert_refused(METHODS["access"], token)
