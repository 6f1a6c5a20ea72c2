"""Who may call a method: API Gateway's decision table, user pools, and what a refused caller learns."""

from __future__ import annotations

import asyncio
import warnings
from typing import Any

import pytest

from local_stage.api_gateway.authorizers.authorizer import AuthorizationRequest
from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizer, CognitoAuthorizerSettings
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.api_gateway.rest.gateway_response import GatewayResponseType
from local_stage.cognito.user_pool import UserPool
from local_stage.errors import StartError
from local_stage.jwt.judgement import Claims
from tests.key_server import KeyServer
from tests.manual_clock import NOW, ManualClock
from tests.protected_method import ProtectedMethod
from tests.tokens import (
    ARTICLE_POOL_ARN,
    CLIENT_ID,
    LIFETIME,
    POOL_ARN,
    SUB,
    TokenSigner,
    decode_part,
    read_article_token,
)

SCOPE = "hello/read"
SIGNER = TokenSigner(clock=ManualClock())
OTHER_ARN = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_OtherPool"
OTHER_SIGNER = TokenSigner(
    "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_OtherPool", "other-key", clock=SIGNER.clock
)


def open_method(**settings: Any) -> ProtectedMethod:
    return ProtectedMethod(SIGNER, **settings)


def scoped_method(*scopes: str, **settings: Any) -> ProtectedMethod:
    return ProtectedMethod(SIGNER, scopes=scopes or (SCOPE,), **settings)


class TestDecisionTable:
    def test_an_id_token_passes_without_scopes(self) -> None:
        token = SIGNER.id_token()
        assert dict(open_method().claims(token)) == decode_part(token, 1)

    @pytest.mark.rule("authorizer.access-token-on-unscoped")
    @pytest.mark.parametrize("scope", [SCOPE, "aws.cognito.signin.user.admin"])
    def test_an_access_token_is_refused_without_scopes(self, scope: str) -> None:
        refusal = open_method().refusal(SIGNER.access_token(scope))
        assert (refusal.response_type, refusal.message, refusal.reason) == (
            GatewayResponseType.UNAUTHORIZED,
            "Unauthorized",
            "access token on a method without scopes; send the ID token or set AuthorizationScopes",
        )

    @pytest.mark.rule("authorizer.id-token-on-scoped")
    def test_an_id_token_is_refused_with_scopes(self) -> None:
        refusal = scoped_method().refusal(SIGNER.id_token())
        assert (refusal.response_type, refusal.message, refusal.reason) == (
            GatewayResponseType.UNAUTHORIZED,
            "Unauthorized",
            "ID token on a method with scopes; send an access token with hello/read",
        )

    @pytest.mark.parametrize("scope", [SCOPE, f"openid {SCOPE}", "hello/write"])
    def test_an_access_token_with_any_one_of_the_scopes_passes(self, scope: str) -> None:
        assert scoped_method(SCOPE, "hello/write").claims(SIGNER.access_token(scope))["scope"] == scope

    @pytest.mark.rule("authorizer.access-token-without-scope")
    def test_an_access_token_with_none_of_the_scopes_gets_401_and_never_403(self) -> None:
        refusal = scoped_method().refusal(SIGNER.access_token("openid"))
        assert (refusal.response_type, refusal.status) == (GatewayResponseType.UNAUTHORIZED, 401)

    def test_a_client_credentials_token_with_the_scope_passes(self) -> None:
        token = SIGNER.sign(
            {
                "sub": CLIENT_ID,
                "token_use": "access",
                "scope": SCOPE,
                "auth_time": NOW,
                "iss": SIGNER.issuer,
                "exp": NOW + LIFETIME,
                "iat": NOW,
                "version": 2,
                "jti": "x",
                "client_id": CLIENT_ID,
            }
        )
        assert scoped_method().claims(token)["sub"] == CLIENT_ID

    @pytest.mark.rule("authorizer.iat-ahead")
    @pytest.mark.parametrize(
        ("ahead", "said"), [(3, ["a token's iat is 3.0 s ahead of this clock"]), (0, [])]
    )
    def test_a_token_of_a_clock_that_is_ahead_passes_and_the_log_says_so(
        self, caplog: pytest.LogCaptureFixture, ahead: int, said: list[str]
    ) -> None:
        assert open_method().claims(SIGNER.id_token(iat=NOW + ahead))
        assert [record.getMessage().partition(", and")[0] for record in caplog.records] == said

    def test_only_verification_makes_the_claims_that_let_a_request_through(self) -> None:
        assert isinstance(open_method().claims(SIGNER.id_token()), Claims)


class TestUserPools:
    @pytest.mark.parametrize("signer", [SIGNER, OTHER_SIGNER])
    def test_a_token_of_any_one_of_several_pools_passes(self, signer: TokenSigner) -> None:
        method = open_method(pools=[(OTHER_ARN, OTHER_SIGNER)])
        assert method.claims(signer.id_token())["iss"] == signer.issuer

    def test_a_token_of_a_pool_that_is_not_accepted_is_refused(self) -> None:
        assert open_method().refusal(OTHER_SIGNER.id_token()).reason == (
            f"token of another user pool (iss '{OTHER_SIGNER.issuer}'): this stage accepts {SIGNER.issuer};"
            " get a token from that pool"
        )

    def test_one_accepted_pool_cannot_speak_for_another(self) -> None:
        """A key verifies only tokens that name its own pool, even where both pools are accepted."""
        method = open_method(pools=[(OTHER_ARN, OTHER_SIGNER)])
        crossed = OTHER_SIGNER.id_token(iss=SIGNER.issuer)
        assert "no key with kid 'other-key'" in method.refusal(crossed).reason

    def test_any_app_client_of_the_pool_passes(self) -> None:
        assert open_method().claims(SIGNER.id_token(aud="anotherclient"))["aud"] == "anotherclient"

    @pytest.mark.parametrize("kind", ["id", "access"])
    def test_the_articles_tokens_are_refused_as_another_pools(self, kind: Any) -> None:
        for method in (open_method(), scoped_method("aws.cognito.signin.user.admin")):
            refusal = method.refusal(f"Bearer {read_article_token(kind)}")
            assert refusal.message == "Unauthorized"
            assert refusal.reason.startswith(
                "token of another user pool (iss 'https://cognito-idp.ap-northeast-1."
            )

    @pytest.mark.parametrize("kind", ["id", "access"])
    @pytest.mark.parametrize("now", [NOW, 1_748_663_626], ids=["today", "on the day of the article"])
    def test_the_articles_tokens_are_refused_for_their_keys_where_their_pool_is_accepted(
        self, kind: Any, now: int
    ) -> None:
        """They fail for the key before anything else of them is looked at, their age included."""
        clock = ManualClock(now)
        for scopes in ((), ("aws.cognito.signin.user.admin",)):
            refusal = ProtectedMethod(SIGNER, scopes=scopes, arn=ARTICLE_POOL_ARN, clock=clock).refusal(
                read_article_token(kind)
            )
            assert refusal.message == "Unauthorized"
            assert refusal.reason.startswith("no key with kid '")


class TestWhatTheCallerLearns:
    @pytest.mark.rule("authorizer.expired")
    def test_an_expired_token_that_is_good_in_all_else_is_called_expired(self) -> None:
        method = open_method()
        token = SIGNER.id_token()
        method.clock.advance(LIFETIME + 10_925)
        refusal = method.refusal(token)
        assert (refusal.response_type, refusal.status, refusal.message, refusal.reason) == (
            GatewayResponseType.UNAUTHORIZED,
            401,
            "The incoming token has expired",
            "token expired 3 h 2 min ago; sign in again",
        )

    @pytest.mark.rule("authorizer.expired-and-wrong")
    def test_an_expired_token_of_the_wrong_kind_is_unauthorized(self) -> None:
        method = open_method()
        token = SIGNER.access_token(SCOPE)
        method.clock.advance(LIFETIME)
        assert method.refusal(token).message == "Unauthorized"

    def test_the_reason_holds_no_part_of_the_token(self) -> None:
        token = SIGNER.access_token(SCOPE, email="taro@example.com")
        reason = open_method().refusal(token).reason
        assert [part for part in (*token.split("."), "taro", SUB) if part in reason] == []


class TestKeysUnavailable:
    @pytest.mark.rule("authorizer.without-keys")
    def test_without_any_key_of_the_pool_the_authorizer_is_to_blame_and_not_the_token(self) -> None:
        method = open_method()
        method.key_server.answer = ConnectionRefusedError("refused")
        refusal = method.refusal(SIGNER.id_token())
        assert (refusal.response_type, refusal.status) == (
            GatewayResponseType.AUTHORIZER_CONFIGURATION_ERROR,
            500,
        )
        assert refusal.reason.startswith(
            f"no key could be fetched from {SIGNER.issuer}/.well-known/jwks.json"
        )

    def test_an_unknown_kid_is_unauthorized_while_its_pool_does_not_answer(self) -> None:
        """Nobody can turn a pool's failure into errors of the stage by making up key names."""
        method = open_method()
        assert method.claims(SIGNER.id_token())["sub"] == SUB
        method.key_server.answer = ConnectionRefusedError("refused")
        method.clock.advance(60)
        refusal = method.refusal(SIGNER.sign(decode_part(SIGNER.id_token(), 1), kid="made-up"))
        assert refusal.message == "Unauthorized"
        assert "(last fetch failed: ConnectionRefusedError: 'refused')" in refusal.reason

    @pytest.mark.rule("authorizer.keys")
    def test_known_keys_keep_working_while_their_pool_does_not_answer(self) -> None:
        method = open_method()
        assert method.claims(SIGNER.id_token())["sub"] == SUB
        method.key_server.answer = ConnectionRefusedError("refused")
        method.clock.advance(60)
        assert method.claims(SIGNER.id_token())["sub"] == SUB

    def test_no_verdict_outlives_its_key(self) -> None:
        """A token that has passed is refused as soon as the pool has withdrawn its key."""
        method = open_method()
        token = SIGNER.id_token()
        assert method.claims(token)["sub"] == SUB
        method.key_server.answer = OTHER_SIGNER.jwks()
        method.clock.advance(60)
        method.refusal(SIGNER.sign(decode_part(token, 1), kid="unknown"))  # has the keys fetched anew
        assert "no key" in method.refusal(token).reason


class TestSettings:
    @pytest.mark.parametrize("expression", [CLIENT_ID, "[a-z0-9]+"])
    def test_an_aud_that_matches_the_validation_expression_passes(self, expression: str) -> None:
        method = open_method(validation_expression=expression)
        assert method.claims(SIGNER.id_token())["aud"] == CLIENT_ID

    @pytest.mark.rule("authorizer.validation-expression")
    @pytest.mark.parametrize("expression", ["otherclient", CLIENT_ID[:-1], "Bearer.*", r"^\d+$", ""])
    def test_an_aud_that_does_not_match_as_a_whole_is_refused(self, expression: str) -> None:
        refusal = open_method(validation_expression=expression).refusal(SIGNER.id_token())
        assert refusal.message == "Unauthorized"
        assert "does not match the authorizer's validation expression" in refusal.reason

    @pytest.mark.rule("authorizer.validation-expression-access-token")
    def test_an_access_token_is_refused_under_a_validation_expression(self) -> None:
        refusal = scoped_method(validation_expression=".*").refusal(SIGNER.access_token(SCOPE))
        assert refusal.reason.startswith("access token, which has no aud to match")

    def test_a_validation_expression_is_read_as_ascii(self) -> None:
        refusal = open_method(validation_expression=r"\d+").refusal(SIGNER.id_token(aud="\u0661\u0662"))
        assert refusal.reason.startswith(r"aud '\u0661\u0662' does not match")

    @pytest.mark.parametrize(
        "expression", ["(", "[", "*a", r"\p{Alnum}+", "[a-z&&[^b]]", "[[:alpha:]]", "a{9999999999}", "(?u)a"]
    )
    def test_an_expression_that_cannot_be_enforced_keeps_the_stage_from_starting(
        self, expression: str
    ) -> None:
        """Nor does Python's leave to ignore a warning make it enforceable."""
        where = r"^Auth\.Authorizers\.PoolAuthorizer\.Identity\.ValidationExpression: "
        with warnings.catch_warnings(action="ignore"), pytest.raises(StartError, match=where):
            open_method(validation_expression=expression)

    def test_an_authorizer_without_a_user_pool_keeps_the_stage_from_starting(self) -> None:
        with pytest.raises(StartError, match=r"Auth\.Authorizers\.A\.UserPoolArn: no user pool"):
            CognitoAuthorizer(CognitoAuthorizerSettings("A", ()), [], ManualClock())

    def test_the_same_pool_twice_is_one(self) -> None:
        clock = ManualClock()
        pools = [UserPool.on_aws(POOL_ARN, KeyServer(SIGNER.jwks()), clock) for _ in range(2)]
        authorizer = CognitoAuthorizer(CognitoAuthorizerSettings("A", (POOL_ARN, POOL_ARN)), pools, clock)
        request = HttpRequest("GET", "/dev/hello", headers=(("Authorization", SIGNER.id_token()),))
        assert asyncio.run(authorizer.authorize(AuthorizationRequest(request))).principal_id == SUB
