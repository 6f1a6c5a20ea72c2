"""What a Lambda authorizer of an HTTP API keeps, for whom, and whom that lets in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http_api import ServedHttpApi
from tests.unit.api_gateway.http.asked_api import (
    ARN,
    FORBIDDEN,
    IDENTITY,
    ROUTES,
    UNAUTHORIZED,
    answer,
    auth,
    grant,
    policies,
    reason,
    simple,
)

KEPT: dict[str, Any] = {**IDENTITY, "ReauthorizeEvery": 60}


def by(name: str) -> tuple[tuple[str, str], ...]:
    """Return the headers of a caller."""
    return (("Authorization", name),)


@pytest.mark.rule("http-lambda-authorizer.cache")
def test_a_result_is_kept_for_so_long_and_for_this_caller_alone() -> None:
    api = simple(Identity=KEPT)
    for name in ("alice", "alice", "bob", "Alice", "alice"):
        assert answer(api, headers=by(name))[0] == 200
    assert len(api.asked.events) == 3
    api.clock.now += 60
    assert answer(api)[0] == 200
    assert len(api.asked.events) == 4


@pytest.mark.rule("http-lambda-authorizer.no-lifetime")
@pytest.mark.parametrize(
    "identity", [IDENTITY, {**IDENTITY, "ReauthorizeEvery": 0}, {"ReauthorizeEvery": 60}]
)
def test_nothing_is_kept_without_a_lifetime_or_an_identity_source(identity: dict[str, Any]) -> None:
    api = simple(Identity=identity)
    assert [answer(api)[0] for _ in range(2)] == [200, 200]
    assert len(api.asked.events) == 2
    assert len(api.not_run) == (0 if "Headers" in identity else 1)


@pytest.mark.rule("http-lambda-authorizer.cache-identity")
def test_one_callers_result_never_opens_for_another() -> None:
    """The function knows alice alone; whatever else is sent, her result is not taken for it."""
    api = simple(Identity={**KEPT, "Headers": ["Authorization", "X-Tenant"]})
    assert answer(api, headers=(*by("alice"), ("X-Tenant", "a")))[0] == 200
    api.asked.result = {"isAuthorized": False}
    for headers in (
        (*by("mallory"), ("X-Tenant", "a")),
        (*by("alice"), ("X-Tenant", "b")),
        (*by("a"), ("X-Tenant", "alice")),
        (*by("alice,a"), ("X-Tenant", "a")),
        (*by("mallory"), *by("alice"), ("X-Tenant", "a")),
        (*by("alice"), *by("mallory"), ("X-Tenant", "a")),
    ):
        assert answer(api, headers=headers) == FORBIDDEN
    assert answer(api, headers=by("alice")) == UNAUTHORIZED
    assert answer(api, headers=(*by("alice"), ("X-Tenant", "a")))[0] == 200


@pytest.mark.rule("http-lambda-authorizer.cache-refusal")
def test_a_refusal_is_kept_as_well_and_an_error_is_not() -> None:
    api = simple({"isAuthorized": False}, Identity=KEPT)
    assert answer(api) == FORBIDDEN
    api.asked.result = {"isAuthorized": True}
    assert answer(api) == FORBIDDEN
    assert reason(api).endswith("in the response that was kept for this identity")
    api.asked.result = b"broken"
    assert answer(api, headers=by("bob"))[0] == 500
    api.asked.result = {"isAuthorized": True}
    assert answer(api, headers=by("bob"))[0] == 200


@pytest.mark.rule("http-lambda-authorizer.cached-policy")
def test_a_kept_policy_for_one_route_refuses_the_others_and_the_log_says_why() -> None:
    api = policies(grant(f"{ARN}/GET/hello"), Identity=KEPT)
    assert answer(api)[0] == 200
    assert answer(api, "POST /hello") == FORBIDDEN
    assert reason(api) == (
        f"the authorizer Mine: the policy from its cache (60 s left) does not allow {ARN}/POST/hello; it was"
        f" made for another call: have the function allow every path of the stage, {ARN}/*, or set"
        " ReauthorizeEvery: 0"
    )
    assert len(api.asked.events) == 1


@pytest.mark.rule("http-lambda-authorizer.cached-simple")
def test_a_kept_simple_response_covers_all_routes_unless_the_route_is_a_source() -> None:
    api = simple(Identity=KEPT)
    assert [answer(api, line)[0] for line in ("GET /hello", "POST /hello", "GET /other")] == [200] * 3
    assert len(api.asked.events) == 1
    by_route = simple(Identity={**KEPT, "Context": ["routeKey"]})
    assert answer(by_route)[0] == 200
    by_route.asked.result = {"isAuthorized": False}
    assert answer(by_route, "POST /hello") == FORBIDDEN
    assert answer(by_route)[0] == 200


def test_two_apis_keep_nothing_for_each_other() -> None:
    first, second = simple(Identity=KEPT), simple({"isAuthorized": False}, Identity=KEPT)
    assert answer(first)[0] == 200
    assert answer(second) == FORBIDDEN


def test_two_authorizers_of_one_function_keep_nothing_for_each_other() -> None:
    written = auth(Identity=KEPT, EnableSimpleResponses=True)["Auth"]["Authorizers"]["Mine"]
    both = {"Auth": {"Authorizers": {"Mine": written, "Other": written}, "DefaultAuthorizer": "Mine"}}
    hello = ROUTES["Event1"]
    other = {**hello, "Properties": {**hello["Properties"], "Auth": {"Authorizer": "Other"}}}
    api = ServedHttpApi(both, {**ROUTES, "Event1": other}, asked={"isAuthorized": True})
    assert answer(api)[0] == 200
    api.asked.result = {"isAuthorized": False}
    assert answer(api, "POST /hello") == FORBIDDEN
