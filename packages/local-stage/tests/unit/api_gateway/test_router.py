"""Routing: which method a request reaches, as API Gateway picks it."""

from __future__ import annotations

import time

import pytest

from local_stage.api_gateway.rest.rest_api import ANY
from local_stage.api_gateway.rest.router import VERBS, Router
from tests.unit.api_gateway.routed import reach, resource

# API Gateway's own decisions, as measured on it: github.com/floci-io/floci/pull/3399 and
# github.com/ministackorg/ministack/pull/1423, and localstack's AWS-validated routing test.
MEASURED = Router(
    [
        resource("/users/{userId}", "GET"),
        resource("/users/me", "PATCH"),
        resource("/roles/{roleId}", "GET"),
        resource("/roles/provision", "POST"),
        resource("/things/real", "GET"),
        resource("/things/{proxy+}", "POST"),
    ]
)


@pytest.mark.parametrize(
    ("http_method", "path", "reached"),
    [
        ("GET", "/users/me", "GET /users/{userId}"),
        ("PATCH", "/users/me", "PATCH /users/me"),
        ("GET", "/users/abc123", "GET /users/{userId}"),
        ("POST", "/users/me", None),
        ("POST", "/roles/provision", "POST /roles/provision"),
        ("GET", "/roles/provision", "GET /roles/{roleId}"),
        ("GET", "/things/real", "GET /things/real"),
        ("POST", "/things/real", "POST /things/{proxy+}"),
    ],
)
def test_resource_and_verb_are_picked_as_a_pair(http_method: str, path: str, reached: str | None) -> None:
    assert reach(MEASURED, http_method, path) == reached


@pytest.mark.parametrize(
    ("http_method", "path", "reached"),
    [
        ("GET", "/jobs/reboot", "GET /jobs/{operation_type}"),
        ("GET", "/jobs", "ANY /{proxy+}"),
        ("POST", "/jobs", "ANY /{proxy+}"),
        ("POST", "/jobs/reboot", "ANY /{proxy+}"),
        ("GET", "/cors_only", "ANY /{proxy+}"),
        ("OPTIONS", "/cors_only", "OPTIONS /cors_only"),
    ],
)
def test_a_missing_verb_falls_through_to_the_greedy_resource_at_the_root(
    http_method: str, path: str, reached: str
) -> None:
    router = Router(
        [
            resource("/{proxy+}", ANY),
            resource("/jobs/{operation_type}", "GET"),
            resource("/jobs"),
            resource("/cors_only", "OPTIONS"),
        ]
    )
    assert reach(router, http_method, path) == reached


@pytest.mark.parametrize(
    ("path", "reached"),
    [
        ("/a/b", "GET /a/b"),
        ("/a/x", "GET /a/{id}"),
        ("/a/x/y", "GET /a/{proxy+}"),
        ("/a/b/c", "GET /a/{proxy+}"),
        ("/z", "GET /{proxy+}"),
        ("/a", "GET /{proxy+}"),
    ],
)
def test_a_literal_comes_before_a_parameter_and_a_parameter_before_a_greedy_one(
    path: str, reached: str
) -> None:
    paths = ["/{proxy+}", "/a/{proxy+}", "/a/{id}", "/a/b"]
    assert reach(Router(resource(path, "GET") for path in paths), "GET", path) == reached
    assert reach(Router(resource(path, "GET") for path in reversed(paths)), "GET", path) == reached


def test_a_literal_that_leads_nowhere_gives_way_to_a_parameter_of_an_earlier_segment() -> None:
    router = Router([resource("/a/b/c", "GET"), resource("/{x}/b/d", "GET")])
    assert reach(router, "GET", "/a/b/d") == "GET /{x}/b/d"


def test_the_first_segment_decides_before_the_second() -> None:
    router = Router([resource("/a/{proxy+}", "GET"), resource("/{x}/b", "GET")])
    assert reach(router, "GET", "/a/b") == "GET /a/{proxy+}"


def test_a_method_of_its_own_comes_before_any() -> None:
    router = Router([resource("/a", ANY, "GET")])
    assert reach(router, "GET", "/a") == "GET /a"
    assert reach(router, "PUT", "/a") == "ANY /a"


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_any_takes_every_verb_that_api_gateway_has(verb: str) -> None:
    assert reach(Router([resource("/a", ANY)]), verb, "/a") == "ANY /a"


@pytest.mark.parametrize("verb", ["TRACE", "CONNECT", "PROPFIND", "get", "GETGET", "", "ANY", "*"])
def test_any_takes_no_other_verb(verb: str) -> None:
    assert Router([resource("/a", ANY)]).match(verb, "/a") is None


def test_head_and_options_are_verbs_like_any_other() -> None:
    router = Router([resource("/a", "GET")])
    assert router.match("HEAD", "/a") is None
    assert router.match("OPTIONS", "/a") is None


def test_a_trailing_slash_does_not_count() -> None:
    router = Router([resource("/hello", "GET")])
    assert reach(router, "GET", "/hello/") == "GET /hello"


def test_the_root_is_a_resource_of_its_own() -> None:
    router = Router([resource("/", "GET"), resource("/{proxy+}", "GET")])
    assert reach(router, "GET", "/") == "GET /"
    assert reach(router, "GET", "") == "GET /"


def test_a_greedy_parameter_needs_a_segment() -> None:
    router = Router([resource("/{proxy+}", ANY), resource("/a/{proxy+}", ANY)])
    assert router.match("GET", "/") is None
    assert reach(router, "GET", "/a/") == "ANY /{proxy+}"


# Recorded: localstack's AWS-validated test_lambda_aws_proxy_integration.
@pytest.mark.parametrize(
    ("path", "proxy"),
    [
        ("/proxy-value", "proxy-value"),
        ("/proxy-value/", "proxy-value"),
        ("/proxy-value//double-slash", "proxy-value//double-slash"),
        ("//proxy-value", "proxy-value"),
        (
            "/proxy-value/api/user/test%2Balias@gmail.com/plus/test+alias@gmail.com",
            "proxy-value/api/user/test%2Balias@gmail.com/plus/test+alias@gmail.com",
        ),
    ],
)
def test_a_greedy_parameter_holds_the_rest_of_the_path_as_sent(path: str, proxy: str) -> None:
    match = Router([resource("/{proxy+}", "GET")]).match("GET", path)
    assert match is not None
    assert match.path_parameters == {"proxy": proxy}


def test_path_parameters_are_named_and_in_order() -> None:
    match = Router([resource("/a/{x}/b/{rest+}", "GET")]).match("GET", "/a/1%2F2/b/3/4")
    assert match is not None
    assert [*match.path_parameters.items()] == [("x", "1%2F2"), ("rest", "3/4")]


def test_slashes_before_the_first_segment_do_not_count() -> None:
    router = Router([resource("/orders", "GET")])
    assert reach(router, "GET", "//orders") == "GET /orders"


ODD_PATHS = [
    "/open/../admin",
    "/./admin",
    "/admin/.",
    "/open/%2e%2e/admin",
    "/%61dmin",
    "/admin%2F",
    "/admin%2f..",
    "/%2Fadmin",
    "/admin;x=1",
    "/admin;/",
    "/ADMIN",
    "/admin%00",
    "/admin%20",
    "/admin ",
    "/open//admin",
    "/admin//hello",
    "/admin/\\hello",
    "\\admin",
    "admin",
    "*",
    "http://localhost/admin",
    "/admin?x",
    "/admin#x",
    "/{proxy+}",
    "/admın",  # noqa: RUF001 - an odd letter is the point
]


@pytest.mark.parametrize("path", ODD_PATHS)
def test_no_odd_spelling_reaches_a_literal(path: str) -> None:
    router = Router([resource("/admin", ANY), resource("/admin/hello", ANY), resource("/open", ANY)])
    assert router.match("GET", path) is None


@pytest.mark.parametrize("path", [path for path in ODD_PATHS if path.startswith("/")])
def test_an_odd_spelling_reaches_the_greedy_resource_alone(path: str) -> None:
    router = Router([resource("/admin", ANY), resource("/admin/hello", ANY), resource("/{proxy+}", ANY)])
    match = router.match("GET", path)
    assert match is not None
    assert match.resource.path == "/{proxy+}"
    assert match.path_parameters == {"proxy": path.lstrip("/").rstrip("/")}


def test_an_empty_segment_is_no_value_of_a_parameter() -> None:
    router = Router([resource("/users/{id}/posts", "GET"), resource("/users/{id}", "GET")])
    assert router.match("GET", "/users//posts") is None
    assert router.match("GET", "/users/") is None


def test_an_encoded_slash_stays_within_its_parameter() -> None:
    match = Router([resource("/users/{id}", "GET"), resource("/users/{id}/posts", "GET")]).match(
        "GET", "/users/1%2Fposts"
    )
    assert match is not None
    assert match.resource.path == "/users/{id}"
    assert match.path_parameters == {"id": "1%2Fposts"}


def test_two_resources_at_one_place_are_refused() -> None:
    with pytest.raises(ValueError, match="one path"):
        Router([resource("/a/{x}", "GET"), resource("/a/{y}", "POST")])


def test_a_hostile_path_costs_time_in_proportion_to_its_length() -> None:
    """Where each level has a literal, a parameter and a greedy way, a path of 100,000 segments is quick."""
    paths = ["/" + "/".join(["a"] * depth) for depth in range(1, 12)]
    paths += [path + "/{x}/b" for path in paths] + [path + "/{proxy+}" for path in paths]
    router = Router(resource(path, "POST") for path in paths)
    started = time.process_time()
    assert router.match("GET", "/" + "a/" * 100_000) is None
    assert time.process_time() - started < 1
