"""A token's way from text to claims: parsed, verified, and only then believed."""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Sequence
from typing import Any

import pytest

from local_stage.jwt.checks import LAST_SECOND, MAX_KID_LENGTH, MAX_TOKEN_LENGTH
from local_stage.jwt.judgement import Claims, FailureKind, UnverifiedToken
from tests.judged_token import claims_of, failing, judge_token, parse
from tests.manual_clock import NOW, ManualClock
from tests.tokens import (
    ABSENT,
    CLIENT_ID,
    ISSUER,
    LIFETIME,
    SUB,
    TokenSigner,
    decode_part,
    make_rsa_key,
    read_article_token,
)

SIGNER = TokenSigner(clock=ManualClock())


def verify(
    token: str, scopes: Sequence[str] = (), *, audience: str | None = None, now: float = NOW
) -> Claims:
    return claims_of(judge_token(token, SIGNER, scopes, audience=audience, now=now))


def parse_token(token: str) -> UnverifiedToken:
    return parse(token, SIGNER)


def access(scope: Any = "openid hello/read") -> str:
    return SIGNER.access_token(scope)


class TestParsing:
    def test_the_unverified_token_says_which_key_and_pool_may_verify_it(self) -> None:
        token = parse_token(SIGNER.id_token())
        assert (token.kid, token.payload["iss"]) == (SIGNER.kid, ISSUER)

    def test_the_unverified_token_shows_no_claim_and_no_signature(self) -> None:
        assert SUB not in repr(parse_token(SIGNER.id_token()))

    @pytest.mark.parametrize("kind", ["id", "access"])
    def test_the_real_tokens_of_the_article_are_well_formed(self, kind: Any) -> None:
        assert parse_token(read_article_token(kind)).payload["iss"].endswith("/ap-northeast-1_pDwtyMhPe")

    def test_a_token_of_the_greatest_length_is_read(self) -> None:
        payload = json.dumps({"iss": ISSUER}).encode()
        blanks = (MAX_TOKEN_LENGTH - len(SIGNER.sign(payload))) * 3 // 4
        token = SIGNER.sign(payload + b" " * blanks)
        assert MAX_TOKEN_LENGTH - 4 < len(token) <= MAX_TOKEN_LENGTH
        assert parse_token(token).kid == SIGNER.kid

    def test_a_longer_token_is_refused_unread(self) -> None:
        with failing(FailureKind.MALFORMED, match="more than 10240"):
            parse_token("a" * (MAX_TOKEN_LENGTH + 1))

    def test_an_encrypted_token_is_called_one(self) -> None:
        """A refresh token has five parts; the developer learns which token to send instead."""
        with failing(FailureKind.MALFORMED, match="refresh tokens are; send the ID or access token"):
            parse_token("a.b.c.d.e")

    def test_a_kid_of_the_greatest_length_is_read(self) -> None:
        kid = "k" * MAX_KID_LENGTH
        assert parse_token(SIGNER.sign({"iss": ISSUER}, kid=kid)).kid == kid

    @pytest.mark.parametrize("kid", ["", "k" * (MAX_KID_LENGTH + 1), None, ["k"], 1])
    def test_a_kid_that_is_no_name_is_refused_before_any_key_is_looked_for(self, kid: Any) -> None:
        with failing(FailureKind.UNSUPPORTED_HEADER, match="token header has kid "):
            parse_token(SIGNER.sign({"iss": ISSUER}, kid=kid))

    def test_an_unknown_header_parameter_without_effect_is_passed_over(self) -> None:
        """RFC 7515, section 4: parameters that are not understood are ignored."""
        assert parse_token(SIGNER.sign({"iss": ISSUER}, typ="JWT", x="y")).payload["iss"] == ISSUER

    @pytest.mark.parametrize("parameter", ["crit", "b64", "zip", "enc", "jwk", "jku", "x5u", "x5c"])
    @pytest.mark.parametrize("value", [None, [], "", True])
    def test_a_header_parameter_that_changes_the_signature_or_its_key_is_refused(
        self, parameter: str, value: Any
    ) -> None:
        with failing(FailureKind.UNSUPPORTED_HEADER, match=f"header has {parameter} "):
            parse_token(SIGNER.sign({"iss": ISSUER}, **{parameter: value}))


class TestVerifying:
    def test_an_id_token_gives_its_claims_in_the_order_of_its_payload(self) -> None:
        token = SIGNER.id_token(**{"cognito:groups": ["admins"], "custom:plan": "pro"})
        claims = verify(token)
        assert list(claims.items()) == list(decode_part(token, 1).items())

    def test_an_access_token_gives_its_claims(self) -> None:
        assert verify(access(), ["hello/read"])["client_id"] == CLIENT_ID

    def test_the_signature_comes_before_every_claim(self) -> None:
        """A forger learns nothing about the rules: whatever the claims, the signature is what fails."""
        forged = TokenSigner(clock=SIGNER.clock, key=make_rsa_key("other")).id_token(exp=[], token_use=None)
        with failing(FailureKind.INVALID_SIGNATURE):
            verify(forged)

    def test_a_token_signed_with_a_key_of_another_size_is_refused(self) -> None:
        forged = TokenSigner(clock=SIGNER.clock, key=make_rsa_key("large", 3072)).id_token()
        with failing(FailureKind.INVALID_SIGNATURE):
            verify(forged)


class TestTokenUse:
    def test_an_access_token_is_refused_without_scopes(self) -> None:
        with failing(FailureKind.WRONG_KIND, match="send the ID token or set AuthorizationScopes"):
            verify(access())

    def test_an_id_token_is_refused_with_scopes(self) -> None:
        with failing(FailureKind.WRONG_KIND, match="send an access token with hello/read"):
            verify(SIGNER.id_token(), ["hello/read"])

    def test_an_id_token_that_carries_the_scope_is_refused_all_the_same(self) -> None:
        with failing(FailureKind.WRONG_KIND):
            verify(SIGNER.id_token(scope="hello/read"), ["hello/read"])

    @pytest.mark.parametrize("token_use", [ABSENT, "refresh", "ID", ["id"]])
    def test_a_token_of_no_known_use_is_refused(self, token_use: Any) -> None:
        with failing(FailureKind.INVALID_CLAIM, match=r"claim token_use is .*, expected id or access"):
            verify(SIGNER.id_token(token_use=token_use))


class TestTime:
    @pytest.mark.parametrize("now", [NOW, NOW + LIFETIME - 1, NOW + LIFETIME - 0.001])
    def test_a_token_is_good_until_just_before_its_expiry(self, now: float) -> None:
        assert verify(SIGNER.id_token(), now=now)["sub"] == SUB

    @pytest.mark.rule("authorizer.no-leeway")
    @pytest.mark.parametrize("now", [NOW + LIFETIME, NOW + LIFETIME + 0.001, NOW + LIFETIME + 1, LAST_SECOND])
    def test_a_token_has_expired_from_its_very_second_on(self, now: float) -> None:
        with failing(FailureKind.EXPIRED, match=r"^token expired .* ago; sign in again$"):
            verify(SIGNER.id_token(), now=now)

    @pytest.mark.parametrize("claim", ["iat", "nbf"])
    def test_a_token_is_good_from_its_very_first_second_on(self, claim: str) -> None:
        assert verify(SIGNER.id_token(**{claim: NOW}), now=NOW)[claim] == NOW

    @pytest.mark.rule("authorizer.no-leeway", "authorizer.not-before")
    @pytest.mark.parametrize(
        ("claim", "ahead"), [("nbf", 0.001), ("nbf", 1), ("nbf", 3600), ("iat", 5.001), ("iat", 3600)]
    )
    def test_a_token_of_the_future_is_refused(self, claim: str, ahead: float) -> None:
        with failing(FailureKind.NOT_YET_VALID, match=f"^{claim} is .* ahead of this clock"):
            verify(SIGNER.id_token(**{"iat": 0, claim: NOW}), now=NOW - ahead)

    @pytest.mark.rule("authorizer.iat-ahead")
    @pytest.mark.parametrize("ahead", [0.001, 1, 5])
    def test_a_token_that_a_clock_ahead_of_this_one_has_issued_is_good(self, ahead: float) -> None:
        assert verify(SIGNER.id_token(iat=NOW), now=NOW - ahead)["iat"] == NOW

    def test_a_clock_that_is_behind_makes_no_token_good_for_longer(self) -> None:
        with failing(FailureKind.EXPIRED):
            verify(SIGNER.id_token(iat=NOW + 3, exp=NOW), now=NOW)

    def test_a_sign_in_long_ago_is_good(self) -> None:
        """`auth_time` stays that of the sign-in while tokens are refreshed."""
        assert verify(SIGNER.id_token(auth_time=0))["auth_time"] == 0

    def test_the_last_second_of_the_year_9999_is_a_good_expiry(self) -> None:
        assert verify(SIGNER.id_token(exp=LAST_SECOND))["exp"] == LAST_SECOND

    def test_a_second_of_any_later_year_is_none(self) -> None:
        with failing(FailureKind.INVALID_CLAIM, match="whole Unix seconds"):
            verify(SIGNER.id_token(exp=LAST_SECOND + 1))


class TestExpiryComesLast:
    """Only a caller whose token is good in all else learns that it has expired."""

    AFTER = NOW + LIFETIME

    @pytest.mark.parametrize(
        ("claims", "kind"),
        [
            ({"token_use": "access"}, FailureKind.WRONG_KIND),
            ({"nbf": AFTER + 1}, FailureKind.NOT_YET_VALID),
            ({"aud": ABSENT}, FailureKind.INVALID_CLAIM),
            ({"aud": "otherclient"}, FailureKind.WRONG_AUDIENCE),
            ({"sub": None}, FailureKind.INVALID_CLAIM),
        ],
    )
    def test_an_expired_id_token_with_another_fault_is_refused_for_that(
        self, claims: dict[str, Any], kind: FailureKind
    ) -> None:
        with failing(kind):
            verify(SIGNER.id_token(**claims), audience=CLIENT_ID, now=self.AFTER)

    def test_an_expired_access_token_without_the_scope_is_refused_for_the_scope(self) -> None:
        with failing(FailureKind.MISSING_SCOPE):
            verify(access("openid"), ["hello/read"], now=self.AFTER)

    def test_an_expired_access_token_that_is_good_in_all_else_has_expired(self) -> None:
        with failing(FailureKind.EXPIRED):
            verify(access(), ["hello/read"], now=self.AFTER)

    def test_an_expired_forgery_is_refused_for_its_signature(self) -> None:
        with failing(FailureKind.INVALID_SIGNATURE):
            verify(TokenSigner(clock=SIGNER.clock, key=make_rsa_key("other")).id_token(), now=self.AFTER)


class TestScopes:
    @pytest.mark.parametrize(
        "granted", ["hello/read", "openid hello/read", "hello/read openid", "a  hello/read"]
    )
    def test_the_scope_among_others_is_good(self, granted: str) -> None:
        assert verify(access(granted), ["hello/read"])["scope"] == granted

    def test_any_one_of_the_scopes_is_enough(self) -> None:
        assert verify(access("hello/write"), ["hello/read", "hello/write"])["sub"] == SUB

    def test_none_of_the_scopes_is_refused_and_says_which(self) -> None:
        with failing(
            FailureKind.MISSING_SCOPE, match="has scope 'openid', the method asks for any of hello/read, b;"
        ):
            verify(access("openid"), ["hello/read", "b"])

    def test_an_empty_scope_is_never_granted(self) -> None:
        with failing(FailureKind.MISSING_SCOPE):
            verify(access("openid  email "), [""])


class TestAudience:
    def test_any_app_client_of_the_pool_is_good_without_an_expression(self) -> None:
        assert verify(SIGNER.id_token(aud="anotherclient"))["aud"] == "anotherclient"

    @pytest.mark.parametrize("expression", [CLIENT_ID, f"x|{CLIENT_ID}", "[0-9a-z]+", ".*"])
    def test_an_aud_that_matches_as_a_whole_is_good(self, expression: str) -> None:
        assert verify(SIGNER.id_token(), audience=expression)["aud"] == CLIENT_ID

    @pytest.mark.parametrize("expression", [CLIENT_ID[:-1], CLIENT_ID[1:], "", "1example|x", f"{CLIENT_ID} "])
    def test_an_aud_that_matches_in_part_is_refused(self, expression: str) -> None:
        with failing(
            FailureKind.WRONG_AUDIENCE, match="does not match the authorizer's validation expression"
        ):
            verify(SIGNER.id_token(), audience=expression)

    def test_an_aud_with_a_newline_at_its_end_does_not_match(self) -> None:
        with failing(FailureKind.WRONG_AUDIENCE):
            verify(SIGNER.id_token(aud=CLIENT_ID + "\n"), audience=f"^{CLIENT_ID}$")

    @pytest.mark.parametrize("aud", [ABSENT, CLIENT_ID])
    def test_an_access_token_is_refused_where_there_is_an_expression(self, aud: Any) -> None:
        with failing(FailureKind.WRONG_AUDIENCE, match="access token, which has no aud"):
            verify(SIGNER.access_token("hello/read", aud=aud), ["hello/read"], audience=".*")


class TestClaims:
    def test_nobody_else_makes_claims(self) -> None:
        with pytest.raises(TypeError, match="claims come from judge"):
            Claims({"sub": "admin"}, object())

    def test_claims_are_not_made_of_other_claims(self) -> None:
        claims = verify(SIGNER.id_token())
        with pytest.raises((TypeError, ValueError)):
            dataclasses.replace(claims, _payload={"sub": "admin"})  # type: ignore[call-arg] # what no typed caller may do

    def test_claims_cannot_be_changed(self) -> None:
        claims: Any = verify(SIGNER.id_token())
        with pytest.raises(TypeError):
            claims["sub"] = "admin"
        with pytest.raises(dataclasses.FrozenInstanceError):
            claims._payload = {"sub": "admin"}  # noqa: SLF001 - shows that even this is refused
        with pytest.raises(TypeError):
            claims._payload["sub"] = "admin"  # noqa: SLF001 - as above

    def test_claims_are_those_that_were_verified(self) -> None:
        """What becomes of the unverified payload afterwards does not reach them."""
        judgement = judge_token(SIGNER.id_token(), SIGNER)
        token, claims = judgement.token, claims_of(judgement)
        before = copy.deepcopy(dict(claims))
        token.payload["sub"] = "admin"  # type: ignore[index] # what no typed caller may do
        assert dict(claims) == before

    def test_claims_show_the_caller_and_no_personal_claim(self) -> None:
        assert repr(verify(SIGNER.id_token(email="taro@example.com"))) == f"<Claims of '{SUB}'>"
