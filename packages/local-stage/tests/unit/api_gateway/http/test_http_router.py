"""Which route of an HTTP API a request reaches: the most specific path, then the verb, then `$default`."""

from __future__ import annotations

import pytest

from local_stage.api_gateway.http.http_api import HttpRoute
from local_stage.api_gateway.http.lambda_integration import LambdaIntegration
from local_stage.api_gateway.http.router import Router

PETS = ("GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}", "$default")
"""The example of the developer guide."""


def router(*keys: str) -> Router:
    integration = LambdaIntegration("arn")
    routes = []
    for key in keys:
        verb, _, path = key.rpartition(" ")
        routes.append(HttpRoute(verb or "ANY", path, integration))
    return Router(routes)


def found(keys: tuple[str, ...], line: str) -> str | None:
    match = router(*keys).match(*line.split(" ", 1))
    return match.route.key if match else None


@pytest.mark.parametrize(
    ("keys", "line", "expected"),
    [
        (PETS, "GET /pets/dog/1", "GET /pets/dog/1"),
        (PETS, "GET /pets/dog/2", "GET /pets/dog/{id}"),
        (PETS, "GET /pets/cat/1", "GET /pets/{proxy+}"),
        (PETS, "POST /pets/dog/1", "ANY /{proxy+}"),
        (PETS, "GET /", "$default"),
        (("GET /a/b", "ANY /{proxy+}"), "POST /a/b", "ANY /{proxy+}"),
        (("ANY /a/b", "POST /{proxy+}"), "POST /a/b", "ANY /a/b"),
        (("ANY /a", "GET /a"), "GET /a", "GET /a"),
        (("ANY /a", "GET /a"), "PUT /a", "ANY /a"),
        (("GET /pets/{proxy+}",), "GET /pets", None),
        (("GET /pets/{proxy+}", "GET /{kind}/dog"), "GET /pets/dog", "GET /{kind}/dog"),
        (("GET /a/{x}", "PUT /a/{y}"), "PUT /a/1", "PUT /a/{y}"),
        (("POST /todos",), "POST /todos/", None),
        (("GET /todos/{id}",), "GET /todos/", None),
        (("GET /test",), "GET //test", "GET /test"),
        (("GET /{proxy+}",), "GET ///x", "GET /{proxy+}"),
        (("GET /Test",), "GET /test", None),
        (("GET /a@b",), "GET /a%40b", "GET /a@b"),
        (("GET /test",), "HEAD /test", None),
        (("GET /test",), "get /test", None),
        (("GET /",), "GET /", "GET /"),
        (("$default",), "OPTIONS /anything/at/all/", "$default"),
        ((), "GET /", None),
    ],
)
def test_the_most_specific_route_is_reached(keys: tuple[str, ...], line: str, expected: str | None) -> None:
    assert found(keys, line) == expected


@pytest.mark.parametrize(
    ("keys", "line", "expected"),
    [
        (("GET /a", "$default"), "GET /a%3Fx", None),
        (("GET /a", "$default"), "GET //%61%3fx/b", None),
        (("GET /a", "ANY /{proxy+}"), "GET /a#x", None),
        (("GET /a", "$default"), "GET /a%253Fx", "$default"),
        (("GET /a", "$default"), "GET /a%23x", "$default"),
        (("GET /a/{id}", "$default"), "GET /a/b%3Fx", "GET /a/{id}"),
        (("GET /a/{id}", "$default"), "GET /a/b%2Fc", None),
        (("GET /a/b", "ANY /{proxy+}"), "GET /a%2Fb", None),
        (("GET /a/b", "ANY /{proxy+}"), "GET /a%2fb%3f", None),
        (("ANY /{proxy+}",), "GET /%40id%2Fx%3Fy", "ANY /{proxy+}"),
        (("$default",), "GET /a%2Fb%3Fc#d", "$default"),
    ],
)
def test_a_path_that_may_be_read_as_another_routes_reaches_none(
    keys: tuple[str, ...], line: str, expected: str | None
) -> None:
    assert found(keys, line) == expected


def test_path_parameters_are_decoded() -> None:
    match = router("GET /{kind}/{rest+}").match("GET", "/a%20b/c/%40d")
    assert match is not None
    assert match.path_parameters == {"kind": "a b", "rest": "c/@d"}


def test_the_default_route_has_no_path_parameters() -> None:
    match = router("$default").match("GET", "/a")
    assert match is not None
    assert match.path_parameters == {}


def test_two_routes_of_one_place_are_refused() -> None:
    with pytest.raises(ValueError, match=r"GET /a/\{y\} and GET /a/\{x\} are one route"):
        router("GET /a/{x}", "GET /a/{y}")
