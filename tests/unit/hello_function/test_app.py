"""What the function answers on each route."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import lambda_handler
from tests.unit.hello_function.json_values import json_values, no_objects
from tests.unit.hello_function.lambda_context import FakeLambdaContext
from tests.unit.hello_function.proxy_events import (
    ABSENT,
    build_event,
    build_event_with,
    read_claims,
    read_event,
)

PERSONS_ROUTES = [("/hello", "GET"), ("/hello", "POST"), ("/me", "GET"), ("/admin/hello", "GET")]
ROUTES = [*PERSONS_ROUTES, ("/machine/hello", "GET")]
GREETING = "Hello AWS API Gateway!"
UNAUTHORIZED = {"statusCode": 401, "message": "Unauthorized"}

every_route = pytest.mark.parametrize(("path", "method"), ROUTES)


def invoke(event: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = lambda_handler(event, FakeLambdaContext())
    return answer


def read_answer(event: dict[str, Any]) -> tuple[int, Any]:
    answer = invoke(event)
    return answer["statusCode"], json.loads(answer["body"])


@pytest.mark.parametrize(
    ("case", "status", "body"),
    [
        ("signed_in", 200, {"message": GREETING, "username": "alice"}),
        ("signed_in_post", 200, {"message": GREETING, "username": "alice"}),
        (
            "me",
            200,
            {
                "sub": "af7a1baa-0397-4882-9881-af8771583617",
                "username": "alice",
                "email": "alice@example.com",
                "email_verified": True,
                "groups": [],
                "signed_in_at": "2024-06-17T14:58:04+00:00",
                "expires_at": "2024-06-17T15:58:04+00:00",
            },
        ),
        ("admin", 200, {"message": GREETING, "username": "bob"}),
        ("not_admin", 403, {"statusCode": 403, "message": "Only members of the group admins may call this"}),
        ("machine", 200, {"message": GREETING, "client_id": "7examplemachine0example123"}),
        ("no_claims", 401, UNAUTHORIZED),
    ],
)
def test_each_case_of_events_has_its_answer(case: str, status: int, body: object) -> None:
    assert read_answer(read_event(case)) == (status, body)


@pytest.mark.parametrize("body", [None, "", "{}", "not JSON", '{"name": "x"}'])
def test_post_hello_takes_any_body_or_none(body: str | None) -> None:
    assert read_answer(read_event("signed_in_post") | {"body": body})[0] == 200


def test_me_lists_the_groups() -> None:
    assert read_answer(build_event("admin", "/me"))[1]["groups"] == ["admins", "editors"]


def test_me_says_null_where_there_is_no_email() -> None:
    status, body = read_answer(build_event("me", "/me", email=ABSENT, email_verified=ABSENT))
    assert (status, body["email"], body["email_verified"]) == (200, None, False)


@every_route
def test_no_route_answers_without_claims(path: str, method: str) -> None:
    event = build_event("signed_in", path, method)
    del event["requestContext"]["authorizer"]
    assert read_answer(event) == (401, UNAUTHORIZED)


@pytest.mark.parametrize("context", [None, [], "text", 1, {}], ids=repr)
@every_route
def test_no_route_answers_without_a_request_context(path: str, method: str, context: object) -> None:
    event = build_event("signed_in", path, method) | {"requestContext": context}
    assert read_answer(event) == (401, UNAUTHORIZED)


@pytest.mark.parametrize(("path", "method"), PERSONS_ROUTES)
def test_an_access_token_does_not_stand_for_a_person(path: str, method: str) -> None:
    event = build_event("machine", path, method, username="alice", **{"cognito:groups": "admins"})
    assert read_answer(event) == (401, UNAUTHORIZED)


def test_an_id_token_does_not_stand_for_a_machine() -> None:
    assert read_answer(build_event("admin", "/machine/hello", scope="hello/read")) == (401, UNAUTHORIZED)


def test_an_access_token_without_the_scope_is_refused() -> None:
    event = build_event("machine", "/machine/hello", scope="hello/readx")
    assert read_answer(event) == (401, UNAUTHORIZED)


@pytest.mark.parametrize("groups", ["admins", "editors,admins", "[editors admins]", ["admins"]], ids=repr)
def test_an_admin_is_known_in_each_form_of_the_groups(groups: object) -> None:
    event = build_event("signed_in", "/admin/hello", **{"cognito:groups": groups})
    assert read_answer(event) == (200, {"message": GREETING, "username": "alice"})


@pytest.mark.parametrize(("path", "method"), [("/unknown", "GET"), ("/hello", "DELETE"), ("/me", "POST")])
def test_what_is_no_route_is_not_found(path: str, method: str) -> None:
    assert read_answer(build_event("admin", path, method))[0] == 404


def test_the_slash_at_the_end_of_a_path_is_ignored() -> None:
    assert read_answer(read_event("signed_in") | {"path": "/hello/"})[0] == 200


@pytest.mark.parametrize("case", ["signed_in", "not_admin", "no_claims"])
def test_the_allowed_origin_may_read_greetings_and_refusals(case: str) -> None:
    event = read_event(case)
    event["multiValueHeaders"]["Origin"] = ["https://app.example.com"]
    headers = invoke(event)["multiValueHeaders"]
    assert headers["Access-Control-Allow-Origin"] == ["https://app.example.com"]
    assert "Access-Control-Allow-Credentials" not in headers


@pytest.mark.parametrize("origin", ["https://app.example.com.example", "http://app.example.com", "null", "*"])
def test_another_origin_may_read_nothing(origin: str) -> None:
    event = read_event("signed_in")
    event["multiValueHeaders"]["Origin"] = [origin]
    assert "Access-Control-Allow-Origin" not in invoke(event)["multiValueHeaders"]


@given(route=st.sampled_from(ROUTES), authorizer=no_objects | st.fixed_dictionaries({"claims": no_objects}))
def test_whatever_stands_instead_of_claims_is_refused(route: tuple[str, str], authorizer: object) -> None:
    event = build_event("admin", *route)
    event["requestContext"]["authorizer"] = authorizer
    assert read_answer(event) == (401, UNAUTHORIZED)


@given(
    route=st.sampled_from(PERSONS_ROUTES),
    claim=st.sampled_from(["token_use", "sub", "cognito:username", "auth_time", "exp"]),
    value=st.none()
    | st.booleans()
    | st.floats()
    | st.lists(json_values)
    | st.dictionaries(st.text(), json_values),
)
def test_whatever_stands_instead_of_a_needed_claim_is_refused(
    route: tuple[str, str], claim: str, value: object
) -> None:
    assert read_answer(build_event("admin", *route, **{claim: value})) == (401, UNAUTHORIZED)


@given(claims=st.dictionaries(st.sampled_from(sorted(read_claims("admin"))) | st.text(), json_values))
def test_no_claims_at_all_make_the_function_fail(claims: dict[str, Any]) -> None:
    event = build_event("admin", "/me", **claims)
    assert read_answer(event)[0] in {200, 401}


@given(claims=st.dictionaries(st.text(), json_values))
def test_made_up_claims_are_refused(claims: dict[str, Any]) -> None:
    assert read_answer(build_event_with({"claims": claims})) == (401, UNAUTHORIZED)
