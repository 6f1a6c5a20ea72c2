"""Lambda authorizers of an HTTP API: what the function is sent, and what its answer decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.http_api import ServedHttpApi, events
from tests.tokens import REGION
from tests.unit.api_gateway.http.asked_api import (
    ALICE,
    ARN,
    FAILURE,
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


class TestEvent:
    @pytest.mark.rule("http-lambda-authorizer.event-2")
    def test_format_2(self) -> None:
        api = simple(Identity={**IDENTITY, "QueryStrings": ["q"]})
        headers = (("authorization", "alice"), ("Cookie", "a=1; b=2"), ("X-Tenant", "t"))
        assert answer(api, "PUT /items/a%20b?q=1&q=2", headers=headers)[0] == 200
        (asked,), (given,) = api.asked.events, api.function.events
        assert list(asked) == [
            "version", "type", "routeArn", "identitySource", "routeKey", "rawPath", "rawQueryString",
            "cookies", "headers", "queryStringParameters", "requestContext", "pathParameters",
        ]  # fmt: skip
        assert asked["version"] == "2.0"
        assert asked["type"] == "REQUEST"
        assert asked["routeArn"] == f"{ARN}/PUT/items/a b"
        assert asked["identitySource"] == ["alice", "1,2"]
        assert asked["routeKey"] == "ANY /items/{id}"
        assert asked["pathParameters"] == {"id": "a b"}
        assert asked["headers"]["x-tenant"] == "t"
        assert asked["cookies"] == ["a=1", "b=2"]
        assert "authorizer" not in asked["requestContext"]
        for same in ("requestId", "time", "http", "stage"):
            assert asked["requestContext"][same] == given["requestContext"][same]

    @pytest.mark.rule("http-lambda-authorizer.event-1")
    def test_format_1(self) -> None:
        api = policies(
            AuthorizerPayloadFormatVersion=1.0, Identity={**IDENTITY, "Headers": ["Authorization", "X-User"]}
        )
        assert answer(api, "GET /hello", headers=(*ALICE, ("X-User", "u")))[0] == 200
        (asked,) = api.asked.events
        assert list(asked) == [
            "version", "type", "methodArn", "identitySource", "authorizationToken", "resource", "path",
            "httpMethod", "headers", "multiValueHeaders", "queryStringParameters",
            "multiValueQueryStringParameters", "requestContext", "pathParameters", "stageVariables",
        ]  # fmt: skip
        assert (asked["version"], asked["methodArn"]) == ("1.0", f"{ARN}/GET/hello")
        assert asked["identitySource"] == asked["authorizationToken"] == "alice,u"
        assert asked["headers"]["X-User"] == "u"

    @pytest.mark.rule("http-lambda-authorizer.no-identity-source")
    def test_without_identity_sources_the_function_is_always_asked(self) -> None:
        api = simple(Identity=None)
        assert answer(api, headers=())[0] == 200
        assert "identitySource" not in api.asked.events[0]
        older = policies(Identity=None, AuthorizerPayloadFormatVersion="1.0")
        assert answer(older, headers=())[0] == 200
        assert older.asked.events[0]["identitySource"] is None

    def test_a_named_stage_stands_in_the_arn(self) -> None:
        api = ServedHttpApi(
            {**auth(EnableSimpleResponses=True), "StageName": "prod"}, ROUTES, asked={"isAuthorized": True}
        )
        assert answer(api, "GET /prod//hello")[0] == 200
        assert api.asked.events[0]["routeArn"] == f"{ARN.replace('$default', 'prod')}/GET/hello"


class TestIdentity:
    @pytest.mark.rule("http-lambda-authorizer.missing-identity")
    @pytest.mark.parametrize("headers", [(), (("Authorization", ""),), (("Authorization", "  "),)])
    def test_without_the_header_nobody_is_asked(self, headers: tuple[tuple[str, str], ...]) -> None:
        api = simple()
        assert answer(api, headers=headers) == UNAUTHORIZED
        assert api.asked.events == api.function.events == []
        assert reason(api) == (
            "the header Authorization is missing, which is an identity source of Mine;"
            " its function was not called"
        )

    def test_all_sources_have_to_be_there(self) -> None:
        identity = {
            "Headers": ["X-A"],
            "QueryStrings": ["Q"],
            "StageVariables": ["who"],
            "Context": ["routeKey", "identity.sourceIp"],
        }
        api = ServedHttpApi(
            {**auth(EnableSimpleResponses=True, Identity=identity), "StageVariables": {"who": "w"}},
            ROUTES,
            asked={"isAuthorized": True},
        )
        assert answer(api, "GET /hello?Q=1", headers=(("x-a", "1"),))[0] == 200
        assert api.asked.events[0]["identitySource"] == ["1", "1", "w", "GET /hello", "203.0.113.7"]
        for line, headers in (
            ("GET /hello?q=1", (("X-A", "1"),)),
            ("GET /hello?Q=", (("X-A", "1"),)),
            ("GET /hello?Q=1", ()),
        ):
            assert answer(api, line, headers=headers) == UNAUTHORIZED
        assert len(api.asked.events) == 1

    @pytest.mark.rule("http-lambda-authorizer.context-without-value")
    def test_what_no_request_has_lets_nobody_in(self) -> None:
        api = simple(Identity={**IDENTITY, "Context": ["error.message"]})
        assert answer(api) == UNAUTHORIZED
        assert [one.why for one in api.not_run] == [
            "no request has $context.error.message before it is authorized, so that nobody is let in"
        ]

    def test_a_route_that_opts_out_is_open(self) -> None:
        api = simple()
        assert answer(api, "GET /open", headers=())[0] == 200
        assert api.asked.events == []


class TestSimpleResponses:
    @pytest.mark.rule("http-lambda-authorizer.simple")
    def test_true_lets_in_and_false_does_not(self) -> None:
        assert answer(simple())[0] == 200
        api = simple({"isAuthorized": False, "context": {"a": "b"}})
        assert answer(api) == FORBIDDEN
        assert api.function.events == []
        assert reason(api) == "the function of Mine said isAuthorized: false"

    @pytest.mark.rule("http-lambda-authorizer.simple-malformed")
    @pytest.mark.parametrize(
        "result",
        [
            {}, {"isAuthorized": "true"}, {"isAuthorized": 1}, {"isAuthorized": None}, {"isauthorized": True},
            True, "yes", None, [], b"", grant(), {"isAuthorized": True, "context": []},
        ],
    )  # fmt: skip
    def test_anything_else_is_500(self, result: Any) -> None:
        api = simple()
        api.asked.result = result
        assert answer(api) == FAILURE
        assert api.function.events == []
        assert reason(api).startswith("what the function of Mine returned: ")


class TestPolicies:
    @pytest.mark.rule("http-lambda-authorizer.policy")
    @pytest.mark.parametrize(
        ("result", "expected"),
        [
            (grant(), 200),
            (grant(f"{ARN}/GET/hello"), 200),
            (grant(f"{ARN}/*/hel??"), 200),
            (grant("*"), 200),
            (grant(f"{ARN}/POST/hello"), 403),
            (grant(effect="Deny"), 403),
            (grant(f"arn:aws:execute-api:{REGION}:123456789012:other/*"), 403),
        ],
    )
    def test_the_policy_decides(self, result: Mapping[str, Any], expected: int) -> None:
        api = policies(result)
        status, body = answer(api)
        assert status == expected
        assert body == (b"hello" if expected == 200 else FORBIDDEN[1])

    @pytest.mark.rule("http-lambda-authorizer.denies-last")
    @pytest.mark.parametrize(
        "path", ["/hello", "//hello", "/%68ello", "///hello", "/hello%3F", "//hello%3fx", "/hello#"]
    )
    def test_a_deny_wins_wherever_it_stands_and_however_the_path_is_spelled(self, path: str) -> None:
        allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        deny = {"Effect": "Deny", "Action": "execute-api:Invoke", "Resource": f"{ARN}/GET/hello"}
        result = grant()
        result["policyDocument"]["Statement"] = [allow, allow, deny]
        for routes in (ROUTES, events("$default"), events("ANY /{proxy+}")):
            api = ServedHttpApi(auth(), routes, asked=result)
            status, _ = answer(api, f"GET {path}")
            # A path that goes on after its end may be another route's, and then reaches none.
            is_ambiguous = routes is ROUTES and not path.endswith("o")
            assert status == (404 if is_ambiguous else 403)
            assert api.function.events == []
            assert answer(api, "POST /hello")[0] == 200

    @pytest.mark.rule("http-lambda-authorizer.policy-malformed")
    @pytest.mark.parametrize(
        "result",
        [
            {"isAuthorized": True},
            {"principalId": "a"},
            {"principalId": "a", "policyDocument": {}},
            {key: value for key, value in grant().items() if key != "principalId"},
            {**grant(), "principalId": ""},
            {**grant(), "context": "text"},
            None,
            b"\xff",
        ],
    )
    def test_what_is_no_policy_is_500(self, result: Any) -> None:
        api = policies()
        api.asked.result = result
        assert answer(api) == FAILURE
        assert api.function.events == []

    @pytest.mark.rule("http-lambda-authorizer.simple-of-format-1")
    def test_format_1_has_no_simple_responses(self) -> None:
        api = ServedHttpApi(
            auth(EnableSimpleResponses=True, AuthorizerPayloadFormatVersion="1.0"),
            ROUTES,
            asked={"isAuthorized": True},
        )
        assert answer(api) == FAILURE
        api.asked.result = grant()
        assert answer(api)[0] == 200
        assert [one.property_path for one in api.not_run] == ["Auth.Authorizers.Mine.EnableSimpleResponses"]
