"""The CORS configuration of an HTTP API."""

from __future__ import annotations

import pytest

from tests.http_api import JWT, ServedHttpApi, event, events

ORIGIN = "https://app.example"
PREFLIGHT = (("Origin", ORIGIN), ("Access-Control-Request-Method", "GET"))
CORS = {
    "AllowOrigins": [ORIGIN],
    "AllowMethods": ["GET", "POST"],
    "AllowHeaders": ["authorization", "x-own"],
    "ExposeHeaders": ["x-seen"],
    "MaxAge": 600,
    "AllowCredentials": True,
}
RESULT = {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "*", "x-seen": "1"}, "body": "x"}


@pytest.fixture(scope="module")
def api() -> ServedHttpApi:
    return ServedHttpApi({**JWT, "CorsConfiguration": CORS}, events("GET /hello"), RESULT)


def test_a_preflight_gets_the_configuration(api: ServedHttpApi) -> None:
    response = api.call("OPTIONS /hello", headers=PREFLIGHT)
    assert response.status == 204
    assert [header for header in response.headers if header[0].startswith("access-control")] == [
        ("access-control-allow-origin", ORIGIN),
        ("access-control-allow-methods", "GET,POST"),
        ("access-control-allow-headers", "authorization,x-own"),
        ("access-control-max-age", "600"),
        ("access-control-allow-credentials", "true"),
    ]
    assert api.function.events == []


def test_a_preflight_needs_no_route(api: ServedHttpApi) -> None:
    assert api.call("OPTIONS /nowhere", headers=PREFLIGHT).status == 204


def test_a_preflight_of_another_origin_is_allowed_nothing(api: ServedHttpApi) -> None:
    response = api.call("OPTIONS /hello", headers=[("Origin", "https://evil.example"), PREFLIGHT[1]])
    assert response.status == 204
    assert not [name for name, _ in response.headers if name.startswith("access-control")]


def test_a_refusal_has_the_headers_in_the_order_recorded(api: ServedHttpApi) -> None:
    response = api.call(headers=[("Origin", ORIGIN)])
    assert response.status == 401
    assert [name for name, _ in response.headers] == [
        "Date",
        "Content-Type",
        "Content-Length",
        "Connection",
        "access-control-allow-origin",
        "vary",
        "access-control-expose-headers",
        "access-control-allow-credentials",
        "www-authenticate",
        "apigw-requestid",
    ]


def test_the_functions_own_headers_about_cors_are_dropped(api: ServedHttpApi) -> None:
    response = api.call(token=api.signer.id_token(), headers=[("Origin", ORIGIN)])
    origins = [value for name, value in response.headers if name == "access-control-allow-origin"]
    assert (response.status, origins) == (200, [ORIGIN])
    assert response.header("x-seen") == "1"


def test_a_request_without_origin_gets_none(api: ServedHttpApi) -> None:
    response = api.call(token=api.signer.id_token())
    assert response.header("access-control-allow-origin") is None


def test_without_a_configuration_the_functions_headers_pass() -> None:
    response = ServedHttpApi({}, events("GET /hello"), RESULT).call()
    assert response.header("access-control-allow-origin") == "*"


def test_without_a_configuration_a_preflight_is_a_request_like_any_other() -> None:
    assert ServedHttpApi({}, events("GET /hello")).call("OPTIONS /hello", headers=PREFLIGHT).status == 404


def test_true_allows_every_origin_and_nothing_else() -> None:
    api = ServedHttpApi({"CorsConfiguration": True}, events("GET /hello"))
    response = api.call("OPTIONS /hello", headers=PREFLIGHT)
    named = [header for header in response.headers if header[0].startswith(("access-control", "vary"))]
    assert named == [("access-control-allow-origin", "*")]


def test_a_scheme_stands_for_all_its_origins() -> None:
    api = ServedHttpApi({"CorsConfiguration": {"AllowOrigins": ["https://*"]}}, events("GET /hello"))
    allowed = [
        api.call(headers=[("Origin", origin)]).header("access-control-allow-origin")
        for origin in (ORIGIN, "http://app.example")
    ]
    assert allowed == [ORIGIN, None]


@pytest.mark.parametrize("key", ["ANY /hello", "$default"])
def test_a_route_that_takes_every_verb_asks_preflights_for_a_token(key: str) -> None:
    api = ServedHttpApi({**JWT, "CorsConfiguration": CORS}, events(key))
    assert api.call("OPTIONS /hello", headers=PREFLIGHT).status == 401


def test_an_open_options_route_lets_preflights_through() -> None:
    routes = {"All": event("$default"), "Open": event("OPTIONS /{proxy+}", Auth={"Authorizer": "NONE"})}
    api = ServedHttpApi({**JWT, "CorsConfiguration": CORS}, routes)
    assert api.call("OPTIONS /hello", headers=PREFLIGHT).status == 204
