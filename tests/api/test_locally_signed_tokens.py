"""Tokens that only a pool's private key can sign: expired ones of the right pool, good ones of another.

Cognito's shortest-lived token lives for five minutes, and no test can wait that long. A local pool's keys lie
in the stage's state folder; what they sign differs from the pool's own in nothing but the claims named here.
"""

from __future__ import annotations

import time

import pytest

from tests.api.answers import EVERY_REFUSAL, EXPIRED, UNAUTHORIZED, Refusal, header_names
from tests.api.api_caller import ApiCaller
from tests.api.bad_authorizations import tamper_with_signature
from tests.api.callers import Callers
from tests.api.deployed_stack import DeployedStack
from tests.api.locally_signed import LocalSigners
from tests.api.routes import GET_HELLO, MACHINE_HELLO, ROUTES, Route
from tests.stage_process import StageProcess
from tests.tokens import LIFETIME

PREFIXES = {"raw": "", "Bearer": "Bearer "}
OTHER_SCOPES = (
    "",
    "hello",
    "hello/",
    "hello/reads",
    "HELLO/READ",
    "hello/write",
    "hello/read,x",
    "openid email",
)


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_token_that_has_not_expired_opens(api: ApiCaller, signers: LocalSigners, route: Route) -> None:
    """Otherwise the refusals below would show nothing."""
    token = signers.token_for(route, exp=int(time.time()) + LIFETIME)
    assert api.send(route.method, route.path, token).status_code == 200


@pytest.mark.parametrize("prefix", PREFIXES.values(), ids=PREFIXES)
@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_an_expired_token_is_refused_as_expired(
    api: ApiCaller, signers: LocalSigners, route: Route, prefix: str
) -> None:
    token = signers.token_for(route, exp=int(time.time()) - 1)
    assert Refusal.read(api.send(route.method, route.path, prefix + token)) == EXPIRED


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_only_the_holder_of_a_token_otherwise_good_learns_that_it_has_expired(
    api: ApiCaller, signers: LocalSigners, route: Route
) -> None:
    token = tamper_with_signature(signers.token_for(route, exp=int(time.time()) - 1))
    assert Refusal.read(api.send(route.method, route.path, token)) == UNAUTHORIZED


def test_the_refusal_of_an_expired_token_has_these_headers_and_no_others(
    api: ApiCaller, signers: LocalSigners
) -> None:
    response = api.send("GET", "/hello", signers.token_for(GET_HELLO, exp=int(time.time()) - 1))
    assert header_names(response) == sorted(EVERY_REFUSAL)


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_another_pools_token_is_refused_whatever_its_groups_and_scopes(
    api: ApiCaller, callers: Callers, stage: StageProcess, stack: DeployedStack, route: Route
) -> None:
    pool_id = callers.stranger.user_pool_id
    signers = LocalSigners.read(stage, pool_id, stack.outputs["UserPoolClientId"])
    response = api.send(route.method, route.path, signers.token_for(route))
    assert Refusal.read(response) == UNAUTHORIZED


@pytest.mark.parametrize("scope", OTHER_SCOPES)
def test_a_token_without_the_very_scope_is_refused(api: ApiCaller, signers: LocalSigners, scope: str) -> None:
    token = signers.token_for(MACHINE_HELLO, scope=scope)
    assert Refusal.read(api.send("GET", "/machine/hello", token)) == UNAUTHORIZED


@pytest.mark.parametrize(
    "scope", ["hello/read", "openid hello/read", "hello/read aws.cognito.signin.user.admin"]
)
def test_the_scope_may_stand_among_others(api: ApiCaller, signers: LocalSigners, scope: str) -> None:
    token = signers.token_for(MACHINE_HELLO, scope=scope)
    assert api.send("GET", "/machine/hello", token).status_code == 200


def test_a_token_as_long_as_many_groups_make_it_opens(api: ApiCaller, signers: LocalSigners) -> None:
    groups = [f"group-{number:04d}" for number in range(480)]
    token = signers.token_for(GET_HELLO, **{"cognito:groups": groups})
    assert 9000 < len(token) < 9700
    assert api.send("GET", "/hello", token).status_code == 200
