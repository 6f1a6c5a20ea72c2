"""An authorizer gets its pools' keys from where the pools are, and does not start without keys."""

from __future__ import annotations

import asyncio

import pytest

from local_stage.api_gateway.authorizers.authorizer import AuthorizationRequest
from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizer, CognitoAuthorizerSettings
from local_stage.api_gateway.authorizers.registry import AuthorizerDefinition, build_authorizers
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.errors import StartError
from tests.key_server import KeyServer
from tests.manual_clock import ManualClock
from tests.tokens import POOL_ARN, POOL_ID, TokenSigner

OTHER_ARN = "arn:aws:cognito-idp:ap-northeast-1:123456789012:userpool/ap-northeast-1_Other"
TEMPLATE = CognitoAuthorizerSettings("UserPoolAuthorizer", (POOL_ARN,))


def build(definition: AuthorizerDefinition, server: KeyServer) -> CognitoAuthorizer:
    built = build_authorizers([definition], "http://127.0.0.1:4566", server, ManualClock())
    return asyncio.run(built)[definition.name]


def test_the_local_aws_is_asked_for_the_keys_of_its_own_pool() -> None:
    server = KeyServer(TokenSigner().jwks())
    build(AuthorizerDefinition.of(TEMPLATE, local_arns={POOL_ARN}, user_pool_arn=None), server)
    assert server.urls == [f"http://127.0.0.1:4566/{POOL_ID}/.well-known/jwks.json"]


def test_aws_is_asked_for_the_keys_of_any_other_pool() -> None:
    server = KeyServer(TokenSigner().jwks())
    build(AuthorizerDefinition.of(TEMPLATE, local_arns=set(), user_pool_arn=None), server)
    issuer = f"https://cognito-idp.ap-northeast-1.amazonaws.com/{POOL_ID}"
    assert server.urls == [f"{issuer}/.well-known/jwks.json"]


def test_a_pool_named_at_start_takes_the_place_of_the_templates_pools() -> None:
    definition = AuthorizerDefinition.of(TEMPLATE, local_arns={POOL_ARN}, user_pool_arn=OTHER_ARN)
    assert definition.user_pool_arns == [OTHER_ARN]
    assert definition.local_user_pool_arns == []


def test_the_built_authorizer_lets_its_pools_tokens_in() -> None:
    signer = TokenSigner(clock=ManualClock())
    authorizer = build(
        AuthorizerDefinition.of(TEMPLATE, local_arns={POOL_ARN}, user_pool_arn=None), KeyServer(signer.jwks())
    )
    request = HttpRequest("GET", "/dev/hello", headers=(("Authorization", signer.id_token()),))
    allowed = asyncio.run(authorizer.authorize(AuthorizationRequest(request)))
    assert allowed.event_context["claims"]["token_use"] == "id"


def test_a_pool_without_keys_is_refused_and_named() -> None:
    definition = AuthorizerDefinition.of(TEMPLATE, local_arns={POOL_ARN}, user_pool_arn=None)
    with pytest.raises(StartError, match=POOL_ARN):
        build(definition, KeyServer(OSError("connection refused")))
