"""A caller who brings no token, or the wrong one, is refused on every route, and learns nothing."""

from __future__ import annotations

import pytest

from tests.api.answers import EVERY_REFUSAL, UNAUTHORIZED, Refusal, header_names
from tests.api.api_caller import ApiCaller
from tests.api.bad_authorizations import CASES, MAKE
from tests.api.callers import Callers
from tests.api.routes import GET_HELLO, ROUTES, Route


@pytest.mark.parametrize(("route", "name"), CASES, ids=str)
def test_it_is_refused(api: ApiCaller, callers: Callers, route: Route, name: str) -> None:
    response = api.send(route.method, route.path, MAKE[name](callers, route))
    assert Refusal.read(response) == UNAUTHORIZED


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_token_in_the_query_opens_nothing(api: ApiCaller, callers: Callers, route: Route) -> None:
    response = api.send(route.method, f"{route.path}?Authorization={callers.token_for(route)}")
    assert Refusal.read(response) == UNAUTHORIZED


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_refusal_has_these_headers_and_no_others(api: ApiCaller, route: Route) -> None:
    """Not WWW-Authenticate; Access-Control-Allow-Origin and X-Amzn-Trace-Id are the template's doing."""
    response = api.send(route.method, route.path)
    assert header_names(response) == sorted(EVERY_REFUSAL)


def test_a_refusal_is_26_bytes_of_json(api: ApiCaller) -> None:
    response = api.send(GET_HELLO.method, GET_HELLO.path)
    assert (response.headers["Content-Type"], response.headers["Content-Length"]) == (
        "application/json",
        "26",
    )
