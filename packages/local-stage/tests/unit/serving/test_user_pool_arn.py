"""`--user-pool-arn` names one pool, which takes the place of one: it must not open what another opens."""

from __future__ import annotations

import pytest

from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizerSettings
from local_stage.api_gateway.authorizers.jwt import JwtAuthorizerSettings
from local_stage.api_gateway.http.http_api import HttpApi
from local_stage.api_gateway.rest.rest_api import RestApi
from local_stage.deployment.served_api import takes_several_pools

POOL = "eu-west-1_AbCdEfGhI"
OTHER = "eu-west-1_Jk1Mn0pQr"


def rest_api(*pools: str) -> RestApi:
    arns = tuple(f"arn:aws:cognito-idp:eu-west-1:123456789012:userpool/{pool}" for pool in pools)
    authorizers = {"Pool": CognitoAuthorizerSettings("Pool", arns)}
    return RestApi("RestApi", "a1b2c3d4e5", "rest", "dev", "dep1", (), authorizers)


def http_api(issuer: str) -> HttpApi:
    authorizers = {"Pool": JwtAuthorizerSettings("Pool", issuer, ("client",))}
    return HttpApi("HttpApi", "f6g7h8i9j0", "http", "$default", (), authorizers)


def issuer_of(pool: str) -> str:
    return f"https://cognito-idp.eu-west-1.amazonaws.com/{pool}"


@pytest.mark.parametrize(
    "apis",
    [
        [],
        [rest_api(POOL)],
        [rest_api(POOL, OTHER)],
        [rest_api(POOL), rest_api(POOL), http_api(issuer_of(POOL))],
        [rest_api(POOL), http_api("https://issuer.example")],
    ],
    ids=["none", "one", "one authorizer of two", "the same everywhere", "an issuer that stays"],
)
def test_one_pool_stands_for_the_template_s_only_one(apis: list[RestApi | HttpApi]) -> None:
    assert not takes_several_pools(apis)


@pytest.mark.parametrize(
    "apis",
    [
        [rest_api(POOL), rest_api(OTHER)],
        [rest_api(POOL), http_api(issuer_of(OTHER))],
        [http_api(issuer_of(POOL)), http_api(issuer_of(OTHER))],
    ],
    ids=["REST and REST", "REST and HTTP", "HTTP and HTTP"],
)
def test_one_pool_does_not_stand_for_two(apis: list[RestApi | HttpApi]) -> None:
    assert takes_several_pools(apis)
