"""An authorizer gets its pools' keys from where the pools are, and lets nobody in without keys."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from local_stage.api_gateway.authorizers.authorizer import AuthorizationRequest
from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizer, CognitoAuthorizerSettings
from local_stage.api_gateway.authorizers.registry import AuthorizerDefinition, build_authorizers
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.errors import StartError
from tests.key_server import KeyServer
from tests.manual_clock import ManualClock
from tests.tokens import POOL_ARN, POOL_ID, TokenSigner, make_rsa_key

OTHER_ARN = "arn:aws:cognito-idp:ap-northeast-1:123456789012:userpool/ap-northeast-1_Other"
TEMPLATE = CognitoAuthorizerSettings("UserPoolAuthorizer", (POOL_ARN,))


ON_AWS = AuthorizerDefinition.of(TEMPLATE, local_arns=set(), user_pool_arn=None)
REMEDY = (
    "start with --stand-in-pool for a local user pool in its place, or pass the ARN of another one with"
    " --parameter-overrides"
)


def build(
    definition: AuthorizerDefinition,
    server: KeyServer,
    *,
    clock: ManualClock | None = None,
    needs: bool = True,
) -> CognitoAuthorizer:
    built = build_authorizers(
        [definition], "http://127.0.0.1:4566", server, clock or ManualClock(), needs_keys=needs
    )
    return asyncio.run(built)[definition.name]


def decide(authorizer: CognitoAuthorizer, *sent: str) -> Mapping[str, Any]:
    headers = tuple(("Authorization", token) for token in sent)
    request = AuthorizationRequest(HttpRequest("GET", "/dev/hello", headers=headers))
    return asyncio.run(authorizer.authorize(request)).event_context["claims"]  # type: ignore[no-any-return]


def refuse(authorizer: CognitoAuthorizer, *sent: str) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        decide(authorizer, *sent)
    return caught.value


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
    assert decide(authorizer, signer.id_token())["token_use"] == "id"


def test_a_local_pool_without_keys_is_refused_and_named() -> None:
    definition = AuthorizerDefinition.of(TEMPLATE, local_arns={POOL_ARN}, user_pool_arn=None)
    with pytest.raises(StartError, match=POOL_ARN):
        build(definition, KeyServer(OSError("connection refused")), needs=False)


def test_a_pool_that_has_to_have_keys_is_refused_and_named() -> None:
    with pytest.raises(StartError, match=POOL_ARN):
        build(ON_AWS, KeyServer(OSError("connection refused")))


UNKNOWN = (
    "<UserPoolArn: not known locally>",
    "arn:aws:cognito-idp:region:account:userpool/REPLACE_ME",
    f"{POOL_ARN}-<Suffix: not known locally>",
    "arn:aws:s3:::bucket",
    "*",
    "",
)


@pytest.mark.parametrize("arn", UNKNOWN)
def test_a_pool_that_is_not_known_lets_nobody_in(arn: str) -> None:
    settings = CognitoAuthorizerSettings("UserPoolAuthorizer", (arn,))
    definition = AuthorizerDefinition.of(settings, local_arns=set(), user_pool_arn=None)
    server = KeyServer(TokenSigner().jwks())
    authorizer = build(definition, server, needs=False)
    refusals = [refuse(authorizer), refuse(authorizer, ""), refuse(authorizer, TokenSigner().id_token())]
    assert [refusal.status for refusal in refusals] == [401, 401, 401]
    assert refusals[2].reason == (
        f"no token passes: {arn!a} is no user pool's ARN that is known here; {REMEDY}"
    )
    assert server.urls == []
    (note,) = authorizer.pool_notes
    why = f"{arn!a} is no user pool's ARN that is known here"
    assert note == f"The authorizer UserPoolAuthorizer is closed: no token passes, since {why}; {REMEDY}."


def test_a_pool_out_of_reach_lets_nobody_in_until_its_keys_are_there() -> None:
    clock = ManualClock()
    signer = TokenSigner(clock=clock)
    server = KeyServer(OSError("no network"))
    authorizer = build(ON_AWS, server, clock=clock, needs=False)
    refused = refuse(authorizer, signer.id_token())
    assert (refused.status, refused.message) == (401, "Unauthorized")
    assert refused.reason.endswith(f"(OSError: 'no network'); {REMEDY}")
    clock.advance(60)
    server.answer = signer.jwks()
    assert decide(authorizer, signer.id_token())["token_use"] == "id"
    forger = TokenSigner(clock=clock, key=make_rsa_key("forger's"))
    assert refuse(authorizer, forger.id_token()).reason.startswith("signature does not fit key")


def test_beside_a_pool_that_is_not_known_the_other_ones_tokens_pass() -> None:
    settings = CognitoAuthorizerSettings("UserPoolAuthorizer", ("unknown", POOL_ARN))
    definition = AuthorizerDefinition.of(settings, local_arns={POOL_ARN}, user_pool_arn=None)
    signer = TokenSigner(clock=ManualClock())
    authorizer = build(definition, KeyServer(signer.jwks()), needs=False)
    assert decide(authorizer, signer.id_token())["token_use"] == "id"
    assert refuse(authorizer, "a.b.c").status == 401


def test_a_local_pool_stands_in_for_another_which_is_told() -> None:
    definition = AuthorizerDefinition.of(
        TEMPLATE, local_arns=set(), user_pool_arn=None, stand_ins={POOL_ARN: OTHER_ARN}
    )
    assert (definition.user_pool_arns, definition.local_user_pool_arns) == ([OTHER_ARN], [OTHER_ARN])
    server = KeyServer(TokenSigner().jwks())
    authorizer = build(definition, server)
    assert server.urls == ["http://127.0.0.1:4566/ap-northeast-1_Other/.well-known/jwks.json"]
    assert refuse(authorizer, TokenSigner().id_token()).status == 401
    (note,) = authorizer.pool_notes
    assert note.startswith(f"The local user pool ap-northeast-1_Other stands in for {POOL_ARN} of ")


def test_an_authorizer_that_is_closed_for_another_reason_takes_no_pools_tokens() -> None:
    settings = replace(TEMPLATE, closed_because="its header is not known")
    definition = AuthorizerDefinition.of(
        settings, local_arns={POOL_ARN}, user_pool_arn=None, stand_ins={POOL_ARN: OTHER_ARN}
    )
    signer = TokenSigner(clock=ManualClock())
    authorizer = build(definition, KeyServer(signer.jwks()))
    assert refuse(authorizer, signer.id_token()).reason == (
        "no token passes: its header is not known; pass the value with --parameter-overrides"
    )
    assert authorizer.issuers == ()
