"""Everybody who brings the right token is answered, on every route."""

from __future__ import annotations

import json
import re
import uuid
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from tests.api.answers import EVERY_ANSWER, header_names
from tests.api.api_caller import ApiCaller
from tests.api.callers import Callers
from tests.api.deployed_stack import DeployedStack
from tests.api.routes import ADMIN_HELLO, GET_HELLO, MACHINE_HELLO, POST_HELLO, ROUTES, Route

GREETING = "Hello AWS API Gateway!"


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


@pytest.mark.parametrize("prefix", ["", "Bearer "], ids=["raw", "Bearer"])
@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_the_right_token_opens_the_route_raw_and_as_bearer(
    api: ApiCaller, callers: Callers, route: Route, prefix: str
) -> None:
    response = api.send(route.method, route.path, prefix + callers.token_for(route))
    assert (response.status_code, response.reason) == (200, "OK")


@pytest.mark.parametrize("route", [GET_HELLO, POST_HELLO], ids=str)
def test_a_person_is_greeted_by_name(api: ApiCaller, callers: Callers, route: Route) -> None:
    response = api.send(route.method, route.path, callers.person.session.id_token)
    assert response.text == compact({"message": GREETING, "username": callers.person.username})


def test_a_body_does_not_change_the_greeting(api: ApiCaller, callers: Callers) -> None:
    token = callers.person.session.id_token
    response = api.send("POST", "/hello", token, body='{"username": "somebody else"}')
    assert response.json() == {"message": GREETING, "username": callers.person.username}


def test_a_query_does_not_change_the_greeting(api: ApiCaller, callers: Callers) -> None:
    response = api.send("GET", "/hello?username=somebody+else", callers.person.session.id_token)
    assert response.json() == {"message": GREETING, "username": callers.person.username}


def test_an_administrator_is_greeted_as_one(api: ApiCaller, callers: Callers) -> None:
    response = api.send(ADMIN_HELLO.method, ADMIN_HELLO.path, callers.admin.session.id_token)
    assert response.text == compact({"message": GREETING, "username": callers.admin.username})


def test_a_machine_is_greeted_by_its_client_id(
    api: ApiCaller, callers: Callers, stack: DeployedStack
) -> None:
    response = api.send(MACHINE_HELLO.method, MACHINE_HELLO.path, callers.machine.access_token)
    assert response.text == compact({"message": GREETING, "client_id": stack.outputs["MachineClientId"]})


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_functions_answer_has_these_headers_and_no_others(
    api: ApiCaller, callers: Callers, route: Route
) -> None:
    response = api.send(route.method, route.path, callers.token_for(route))
    assert header_names(response) == sorted(EVERY_ANSWER | {"X-Amzn-Trace-Id"})
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Content-Length"] == str(len(response.content))
    assert response.headers["Connection"] == "keep-alive"
    assert response.headers["X-Amzn-Trace-Id"].startswith("Root=1-")


def test_each_answer_has_a_request_id_of_its_own(api: ApiCaller, callers: Callers) -> None:
    token = callers.person.session.id_token
    ids = [api.send("GET", "/hello", token).headers["x-amzn-RequestId"] for _ in range(3)]
    assert len({uuid.UUID(request_id) for request_id in ids}) == 3


def test_each_answer_has_an_extended_request_id_of_its_own(api: ApiCaller, callers: Callers) -> None:
    token = callers.person.session.id_token
    ids = {api.send("GET", "/hello", token).headers["x-amz-apigw-id"] for _ in range(3)}
    assert len(ids) == 3
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{15}=", extended_id) for extended_id in ids)


def test_an_answer_is_dated_today(api: ApiCaller, callers: Callers) -> None:
    response = api.send("GET", "/hello", callers.person.session.id_token)
    age = datetime.now(UTC) - parsedate_to_datetime(response.headers["Date"])
    assert abs(age) < timedelta(minutes=5)
