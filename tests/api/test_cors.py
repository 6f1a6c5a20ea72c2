"""Pages of the allowed origin, and no others, may call and read every answer, refusals included."""

from __future__ import annotations

import pytest
import requests

from tests.api.answers import EVERY_ANSWER, header_names
from tests.api.api_caller import ApiCaller
from tests.api.callers import Callers
from tests.api.deployed_stack import DeployedStack
from tests.api.routes import METHODS, ROUTES, Route

OTHER_ORIGIN = "https://another.example"


def cors_headers(response: requests.Response) -> dict[str, str]:
    return {
        name: value for name, value in response.headers.items() if name.startswith("Access-Control-Allow")
    }


@pytest.mark.parametrize("path", METHODS)
def test_a_preflight_needs_no_token(api: ApiCaller, path: str) -> None:
    response = api.send("OPTIONS", path)
    assert (response.status_code, response.text) == (200, "{}\n")


@pytest.mark.parametrize("path", METHODS)
def test_a_preflight_asks_for_no_token(api: ApiCaller, path: str) -> None:
    assert api.send("OPTIONS", path, "Bearer something-else").status_code == 200


@pytest.mark.parametrize("path", METHODS)
def test_a_preflight_allows_the_paths_own_methods_with_a_token(
    api: ApiCaller, stack: DeployedStack, path: str
) -> None:
    response = api.send("OPTIONS", path, origin=stack.allowed_origin)
    assert cors_headers(response) == {
        "Access-Control-Allow-Origin": stack.allowed_origin,
        "Access-Control-Allow-Headers": "Authorization,Content-Type",
        "Access-Control-Allow-Methods": ",".join(sorted([*METHODS[path], "OPTIONS"])),
    }


@pytest.mark.parametrize("path", METHODS)
def test_a_preflight_holds_for_ten_minutes(api: ApiCaller, path: str) -> None:
    assert api.send("OPTIONS", path).headers["Access-Control-Max-Age"] == "600"


def test_a_preflight_has_these_headers_and_no_others(api: ApiCaller) -> None:
    response = api.send("OPTIONS", "/hello")
    allowed = {
        f"Access-Control-{name}" for name in ("Allow-Origin", "Allow-Headers", "Allow-Methods", "Max-Age")
    }
    assert header_names(response) == sorted(EVERY_ANSWER | allowed | {"X-Amzn-Trace-Id"})


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_page_may_read_the_functions_answer(
    api: ApiCaller, callers: Callers, stack: DeployedStack, route: Route
) -> None:
    token = callers.token_for(route)
    response = api.send(route.method, route.path, token, origin=stack.allowed_origin)
    assert response.headers["Access-Control-Allow-Origin"] == stack.allowed_origin


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_page_of_another_origin_may_not_read_the_functions_answer(
    api: ApiCaller, callers: Callers, route: Route
) -> None:
    response = api.send(route.method, route.path, callers.token_for(route), origin=OTHER_ORIGIN)
    assert cors_headers(response) == {}


def test_a_page_may_read_the_functions_refusal(
    api: ApiCaller, callers: Callers, stack: DeployedStack
) -> None:
    token = callers.person.session.id_token
    response = api.send("GET", "/admin/hello", token, origin=stack.allowed_origin)
    assert response.status_code == 403
    assert response.headers["Access-Control-Allow-Origin"] == stack.allowed_origin


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_page_may_read_that_its_token_is_refused(
    api: ApiCaller, stack: DeployedStack, route: Route
) -> None:
    response = api.send(route.method, route.path, "Bearer something-else", origin=stack.allowed_origin)
    assert response.status_code == 401
    assert cors_headers(response) == {"Access-Control-Allow-Origin": stack.allowed_origin}


def test_a_page_may_read_that_there_is_no_such_route(api: ApiCaller, stack: DeployedStack) -> None:
    response = api.send("GET", "/nothing", origin=stack.allowed_origin)
    assert response.status_code == 403
    assert cors_headers(response) == {"Access-Control-Allow-Origin": stack.allowed_origin}


def test_no_page_may_send_cookies(api: ApiCaller, callers: Callers, stack: DeployedStack) -> None:
    answers = [
        api.send("OPTIONS", "/hello", origin=stack.allowed_origin),
        api.send("GET", "/hello", origin=stack.allowed_origin),
        api.send("GET", "/hello", callers.person.session.id_token, origin=stack.allowed_origin),
    ]
    assert all("Access-Control-Allow-Credentials" not in answer.headers for answer in answers)
