"""The stage of an API: variables, access log, throttling."""

from __future__ import annotations

from typing import Any

import pytest

from local_stage.api_gateway.throttle import Throttle
from tests.unit.api_gateway.sam_api import BOTH_FORMS, HELLO, method, read, refusal

ALL = {"HttpMethod": "*", "ResourcePath": "/*"}
EVENTS = {
    "Get": HELLO,
    "Post": {**HELLO, "Method": "post"},
    "User": {"Path": "/users/{id}", "Method": "get"},
    "Root": {"Path": "/", "Method": "any"},
}


def throttles(*method_settings: dict[str, Any]) -> dict[str, Throttle | None]:
    """Return the limits of each method of an API with these settings."""
    rest_api, _ = read({"MethodSettings": list(method_settings)}, events=EVENTS)
    return {
        f"{method.http_method} {resource.path}": method.throttle
        for resource in rest_api.resources
        for method in resource.methods.values()
    }


@BOTH_FORMS
def test_variables_are_texts(form: dict[str, Any]) -> None:
    rest_api, _ = read({**form, "Variables": {"greeting": "Hello", "retries": 3}})
    assert rest_api.stage_variables == {"greeting": "Hello", "retries": "3"}


@BOTH_FORMS
def test_the_format_of_the_access_log_is_read(form: dict[str, Any]) -> None:
    log = {"DestinationArn": "arn:aws:logs:x", "Format": '{"id":"$context.requestId"}'}
    rest_api, _ = read({**form, "AccessLogSetting": log})
    assert rest_api.access_log_format == '{"id":"$context.requestId"}'
    assert read(form)[0].access_log_format is None


def test_without_settings_no_method_is_throttled() -> None:
    assert set(throttles().values()) == {None}
    assert set(throttles({**ALL, "MetricsEnabled": True}).values()) == {None}


@pytest.mark.rule("throttling.settings")
def test_settings_of_every_method_throttle_each() -> None:
    setting = {**ALL, "ThrottlingRateLimit": 50, "ThrottlingBurstLimit": 100}
    assert set(throttles(setting).values()) == {Throttle(50, 100)}


@pytest.mark.rule("throttling.settings")
@pytest.mark.parametrize("path", ["/~1hello", "/hello", "~1hello"])
def test_settings_of_one_method_come_before_those_of_all(path: str) -> None:
    found = throttles(
        {
            "HttpMethod": "post",
            "ResourcePath": path,
            "ThrottlingRateLimit": 0.5,
            "ThrottlingBurstLimit": 1,
        },
        {**ALL, "ThrottlingRateLimit": 50, "ThrottlingBurstLimit": 100},
    )
    assert found["POST /hello"] == Throttle(0.5, 1)
    assert found["GET /hello"] == found["ANY /"] == Throttle(50, 100)


def test_slashes_and_braces_of_a_path_are_written_as_aws_writes_them() -> None:
    setting = {"HttpMethod": "GET", "ResourcePath": "/~1users~1{id}", "ThrottlingRateLimit": 1}
    found = throttles({**setting, "ThrottlingBurstLimit": 2})
    assert found["GET /users/{id}"] == Throttle(1, 2)
    assert found["GET /hello"] is None


def test_the_root_is_a_slash() -> None:
    found = throttles(
        {"HttpMethod": "ANY", "ResourcePath": "/", "ThrottlingRateLimit": 1, "ThrottlingBurstLimit": 2}
    )
    assert found["ANY /"] == Throttle(1, 2)
    assert found["GET /hello"] is None


def test_every_verb_of_a_path_can_be_named() -> None:
    found = throttles({"HttpMethod": "*", "ResourcePath": "/~1hello", "ThrottlingRateLimit": 1})
    assert found["GET /hello"] == found["POST /hello"] == Throttle(1, 5_000)
    assert found["GET /users/{id}"] is None


def test_one_verb_of_every_path_can_be_named() -> None:
    found = throttles({"HttpMethod": "POST", "ResourcePath": "/*", "ThrottlingBurstLimit": 7})
    assert found["POST /hello"] == Throttle(10_000, 7)
    assert found["GET /hello"] is None


def test_a_limit_left_out_comes_from_the_less_specific_setting() -> None:
    found = throttles(
        {**ALL, "ThrottlingRateLimit": 50, "ThrottlingBurstLimit": 100},
        {"HttpMethod": "GET", "ResourcePath": "/~1hello", "ThrottlingBurstLimit": 3},
    )
    assert found["GET /hello"] == Throttle(50, 3)


def test_minus_one_is_no_limit() -> None:
    assert set(throttles({**ALL, "ThrottlingRateLimit": -1, "ThrottlingBurstLimit": -1}).values()) == {None}


def test_zero_is_a_limit() -> None:
    """Measured on AWS: 0/0 answers 429."""
    assert set(throttles({**ALL, "ThrottlingRateLimit": 0, "ThrottlingBurstLimit": 0}).values()) == {
        Throttle(0, 0)
    }


@pytest.mark.parametrize(
    ("stage", "line"),
    [
        ({"StageName": "a b"}, "StageName: a stage's name has letters, digits, hyphens and underscores"),
        ({"StageName": "dev/../x"}, "StageName: a stage's name has"),
        ({"Variables": {"a-b": "x"}}, "Variables.a-b: a stage variable's name has letters, digits"),
        (
            {"Variables": {"a": {"Fn::ImportValue": "x"}}},
            "Variables.a: has to be a text that is known",
        ),
        (
            {"MethodSettings": [{**ALL, "ThrottlingRateLimit": "fast"}]},
            "RateLimit: has to be a number",
        ),
        (
            {"MethodSettings": [{**ALL, "ThrottlingRateLimit": "nan"}]},
            "RateLimit: has to be a number",
        ),
        ({"MethodSettings": [{**ALL, "ThrottlingRateLimit": True}]}, "RateLimit: has to be a text"),
        (
            {"MethodSettings": [{**ALL, "SomethingNew": 1}]},
            "SomethingNew: SomethingNew of a method setting",
        ),
        ({"MethodSettings": [{"HttpMethod": "*"}]}, "MethodSettings[0].ResourcePath: has to be a text"),
        ({"MethodSettings": ["*"]}, "MethodSettings[0]: has to be a mapping"),
        (
            {"AccessLogSetting": {"Fomat": "x"}},
            "Fomat: Fomat of the access log is not known",
        ),
    ],
    ids=str,
)
def test_settings_that_cannot_be_right_are_refused(stage: dict[str, Any], line: str) -> None:
    assert line in refusal(stage)


def test_the_event_that_is_read_is_there() -> None:
    assert method(read()[0]).throttle is None
