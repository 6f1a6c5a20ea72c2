"""Whose tokens a JWT authorizer takes: a local pool's, another issuer's, or nobody's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

import pytest

from local_stage.api_gateway.authorizers.authorizer import AuthorizationRequest
from local_stage.api_gateway.authorizers.jwt import JwtAuthorizer, JwtAuthorizerSettings
from local_stage.api_gateway.authorizers.trusted_issuers import IssuerSources, build_jwt_authorizers
from local_stage.api_gateway.http_error import HttpApiError
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.cognito.user_pool import UserPool
from local_stage.errors import MachineError
from tests.manual_clock import ManualClock
from tests.tokens import CLIENT_ID, ISSUER, POOL_ARN, TokenSigner

CLOCK = ManualClock()
OTHER = "https://idp.example/"
OTHER_KEYS = "https://keys.example/jwks"
LOCAL_AWS = "http://127.0.0.1:4566"
LOCAL_KEYS = f"{LOCAL_AWS}/{ISSUER.rpartition('/')[2]}/.well-known/jwks.json"
POOL = TokenSigner(clock=CLOCK)
IDP = TokenSigner(OTHER, "idp-key", clock=CLOCK)
WEB: Mapping[str, bytes] = {
    LOCAL_KEYS: POOL.jwks(),
    f"{OTHER}.well-known/openid-configuration": json.dumps({"jwks_uri": OTHER_KEYS}).encode(),
    OTHER_KEYS: IDP.jwks(),
    f"{ISSUER}/.well-known/jwks.json": POOL.jwks(),
}


class Web:
    """Answers with what is published, unless it is cut off."""

    def __init__(self) -> None:
        self.cut_off = False

    async def fetch(self, url: str) -> bytes:
        if self.cut_off or url not in WEB:
            raise OSError(f"no route to {url}")
        return WEB[url]


def authorizer(
    issuer: str, web: Web | None = None, *, closed_because: str | None = None, **sources: object
) -> JwtAuthorizer:
    fetch = (web or Web()).fetch
    local = [UserPool.on_local_aws(POOL_ARN, LOCAL_AWS, fetch, CLOCK)]
    known = {"local_pools": local, "fetch": fetch, "clock": CLOCK, **sources}
    settings = JwtAuthorizerSettings("Issuer", issuer, (CLIENT_ID,), closed_because=closed_because)
    return asyncio.run(build_jwt_authorizers([settings], IssuerSources(**known)))["Issuer"]  # type: ignore[arg-type] # tests give single ones


def status(judge: JwtAuthorizer, token: str) -> int:
    request = HttpRequest("GET", "/", headers=(("Authorization", token),))
    try:
        asyncio.run(judge.authorize(AuthorizationRequest(request)))
    except HttpApiError as error:
        return error.status
    return 200


def test_a_pool_of_the_template_is_the_local_one() -> None:
    judge = authorizer(ISSUER)
    assert (status(judge, POOL.id_token()), status(judge, IDP.id_token()), judge.pool_notes) == (200, 401, ())


def test_any_issuer_is_found_by_its_discovery_document() -> None:
    judge = authorizer(OTHER)
    assert (status(judge, IDP.id_token()), status(judge, POOL.id_token()), judge.pool_notes) == (200, 401, ())


def test_a_key_of_another_issuer_signs_nothing_here() -> None:
    confused = TokenSigner(OTHER, POOL.kid, key=POOL.key, clock=CLOCK)
    assert status(authorizer(OTHER), confused.id_token()) == 401
    assert (
        status(authorizer(ISSUER), TokenSigner(ISSUER, IDP.kid, key=IDP.key, clock=CLOCK).id_token()) == 401
    )


@pytest.mark.parametrize(
    "issuer",
    ["<Parameters.Issuer: has no default>", "", "idp.example", "http://idp.example", "ftp://x", "https://"],
)
def test_an_issuer_that_is_not_known_lets_nobody_in(issuer: str) -> None:
    judge = authorizer(issuer)
    forged = TokenSigner(issuer, POOL.kid, key=POOL.key, clock=CLOCK)
    assert status(judge, forged.id_token()) == 401
    assert "is closed: no token passes" in judge.pool_notes[0]


def test_an_issuer_out_of_reach_is_closed_until_its_keys_are_there() -> None:
    web = Web()
    web.cut_off = True
    judge = authorizer(OTHER, web)
    assert status(judge, IDP.id_token()) == 401
    assert "is closed: no token passes" in judge.pool_notes[0]
    web.cut_off = False
    CLOCK.advance(10)
    assert status(judge, IDP.id_token()) == 200


def test_a_local_pool_out_of_reach_keeps_the_stage_from_starting() -> None:
    web = Web()
    web.cut_off = True
    with pytest.raises(MachineError, match="the user pool"):
        authorizer(ISSUER, web)


def test_a_named_pool_on_aws_takes_the_place_of_every_pool_and_of_no_other_issuer() -> None:
    named = UserPool.on_aws(POOL_ARN, Web().fetch, CLOCK)
    other_pool = ISSUER.replace("AbCdEf123", "OtherPool")
    judge = authorizer(other_pool, user_pool=named)
    assert status(judge, POOL.id_token()) == 200
    assert "takes tokens of" in judge.pool_notes[0]
    assert status(authorizer(OTHER, user_pool=named), POOL.id_token()) == 401


def test_a_stand_in_takes_the_tokens_of_its_own_client_alone() -> None:
    pool = UserPool.on_local_aws(POOL_ARN, LOCAL_AWS, Web().fetch, CLOCK)
    judge = authorizer(OTHER, stand_ins={OTHER: (pool, "local-client")})
    tokens = (POOL.id_token(aud="local-client"), POOL.id_token(), IDP.id_token(aud="local-client"))
    assert [status(judge, token) for token in tokens] == [200, 401, 401]
    assert "stands in for https://idp.example/" in judge.pool_notes[0]
    told = judge.describe([])
    assert (told["local_user_pool_arns"], told["audience"]) == ([POOL_ARN], ["local-client"])


def test_nothing_stands_in_for_the_issuer_of_a_closed_authorizer() -> None:
    pool = UserPool.on_local_aws(POOL_ARN, LOCAL_AWS, Web().fetch, CLOCK)
    stand_ins = {OTHER: (pool, "local-client")}
    for issuer in (OTHER, ISSUER):
        why = "its scopes are not known"
        judge = authorizer(issuer, closed_because=why, stand_ins=stand_ins, user_pool=pool)
        tokens = (POOL.id_token(aud="local-client"), POOL.id_token(), IDP.id_token())
        assert [status(judge, token) for token in tokens] == [401, 401, 401]
        (note,) = judge.pool_notes
        assert note.endswith(f"no token passes, since {why}; pass the value with --parameter-overrides.")


def test_other_commands_find_the_pool_and_the_clients_of_an_authorizer() -> None:
    told = authorizer(ISSUER).describe([POOL_ARN, POOL_ARN.replace("AbCdEf123", "Other")])
    assert (told["local_user_pool_arns"], told["audience"]) == ([POOL_ARN], [CLIENT_ID])
    assert authorizer(OTHER).describe([POOL_ARN])["local_user_pool_arns"] == []
