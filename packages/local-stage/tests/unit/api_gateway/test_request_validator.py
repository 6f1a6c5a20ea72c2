"""Request validation: the body and its model."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from local_stage.api_gateway.gateway_error import GatewayError, GatewayResponseType
from local_stage.api_gateway.rest.request_validator import validate_request
from local_stage.api_gateway.rest.rest_api import RequestValidator
from tests.unit.api_gateway.validated_method import JSON, SUM, match, passes, refusal, request


@pytest.fixture
def recursion_limit() -> Iterator[None]:
    """Python's own, as in the stage: MiniStack, which another test may have imported, raises it to 10,000."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000)
    yield
    sys.setrecursionlimit(before)


def test_nothing_is_validated_without_a_validator() -> None:
    matched = match(("header", "x"), models={"application/json": SUM}, validator=RequestValidator())
    assert passes(matched, request("{}"))


def test_a_body_that_breaks_its_model_is_refused() -> None:
    error = refusal(match(models={"application/json": SUM}), request('{"test": "test"}', JSON))
    assert error.message == "Invalid request body"
    assert (error.status, error.error_type) == (400, "BadRequestException")
    assert error.response_type is GatewayResponseType.BAD_REQUEST_BODY
    assert error.default_body == '{"message": "Invalid request body"}'


def test_the_log_names_place_and_rule_and_never_the_body() -> None:
    error = refusal(match(models={"application/json": SUM}), request('{"a": "secret", "b": 1}', JSON))
    assert error.reason == "the body does not match the model of 'application/json' at '$.a (type)'"


def test_a_body_that_matches_its_model_passes() -> None:
    matched = match(models={"application/json": SUM})
    asked = request('{"a": 1, "b": 2.5}', JSON)
    assert passes(matched, asked)


def test_an_empty_body_without_content_type_is_validated_as_json() -> None:
    """Recorded: a GET without body gets 400 where the model requires properties."""
    assert refusal(match(models={"application/json": SUM}), request(method="GET")).status == 400


def test_an_empty_body_is_an_empty_object() -> None:
    matched = match(models={"application/json": {"type": "object"}})
    assert passes(matched, request(b"", JSON))
    assert refusal(match(models={"application/json": {"type": "array"}}), request(b"", JSON)).status == 400


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;x",
        "",
        " ",
    ],
)
def test_the_model_is_found_by_the_bare_content_type(content_type: str) -> None:
    matched = match(models={"application/json": SUM})
    assert refusal(matched, request("{}", ("content-type", content_type))).status == 400


def test_a_content_type_without_model_is_not_validated() -> None:
    """Documented: if no matching content type is found, request validation is not performed."""
    matched = match(models={"application/json": SUM})
    asked = request("anything", ("Content-Type", "text/plain"))
    assert passes(matched, asked)


def test_the_default_model_stands_for_every_other_content_type() -> None:
    matched = match(models={"$default": SUM, "text/plain": {}})
    assert refusal(matched, request("{}", ("Content-Type", "application/x-y"))).status == 400
    asked = request("{}", ("Content-Type", "text/plain"))
    assert passes(matched, asked)


def test_without_models_no_body_is_validated() -> None:
    assert passes(match(), request("no json", JSON))


@pytest.mark.parametrize(
    "body",
    [
        "no json",
        "{",
        "{} {}",
        '{"a": 1, "b": NaN}',
        '{"a": 1, "b": Infinity}',
        '{"a": 1, "b": -Infinity}',
        " ",
        "\ufeff{}",
        b"\xff",
        '{"a": 1, "b": 2}'.encode("utf-16"),
        "[" * 100_000,
        "9" * 10_000,
        '{"a": 1, "b": ' + "[" * 900 + "]" * 900 + "}",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_no_json_is_an_invalid_body(body: str | bytes) -> None:
    assert refusal(match(models={"application/json": SUM}), request(body, JSON)).status == 400


def test_a_model_that_refers_to_itself_is_followed() -> None:
    tree = {
        "allOf": [{"$ref": "#/definitions/tree"}],
        "definitions": {
            "tree": {
                "type": "object",
                "required": ["name"],
                "properties": {"child": {"$ref": "#/definitions/tree"}},
            }
        },
    }
    matched = match(models={"application/json": tree})
    good = request('{"name": 1, "child": {"name": 2}}', JSON)
    assert passes(matched, good)
    error = refusal(matched, request('{"name": 1, "child": {"name": 2, "child": {}}}', JSON))
    assert "$.child.child (required)" in error.reason


@pytest.mark.usefixtures("recursion_limit")
def test_a_body_deeper_than_the_machine_can_follow_is_invalid() -> None:
    tree = {
        "allOf": [{"$ref": "#/definitions/t"}],
        "definitions": {"t": {"items": {"$ref": "#/definitions/t"}}},
    }
    body = "[" * 900 + "]" * 900
    assert refusal(match(models={"application/json": tree}), request(body, JSON)).status == 400


@pytest.mark.usefixtures("recursion_limit")
def test_a_deep_body_that_can_only_just_be_followed_is_told_of_without_a_crash() -> None:
    matched = match(models={"application/json": {"enum": [1]}})
    for depth in range(100, 1_000, 50):
        assert refusal(matched, request("[" * depth + "]" * depth, JSON)).status == 400


def test_numbers_beyond_a_float_do_not_crash_the_validation() -> None:
    matched = match(models={"application/json": {"multipleOf": 0.5}})
    for body in ("1e400", "1" + "0" * 400):
        assert refusal(matched, request(body, JSON)).status == 400


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=3), values, max_size=3),
    max_leaves=10,
)
MODELS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["object", "array", "string", "number", "integer", "boolean", "null"]),
        "required": st.lists(st.text(max_size=2), min_size=1, max_size=2, unique=True),
        "enum": st.lists(JSON_VALUES, min_size=1, max_size=3),
        "minLength": st.integers(0, 3),
        "maximum": st.integers(-3, 3),
        "multipleOf": st.integers(1, 3),
        "additionalProperties": st.booleans(),
    },
)


@given(MODELS, JSON_VALUES)
def test_a_body_is_refused_just_where_draft_4_refuses_it(model: dict[str, Any], body: Any) -> None:
    matched = match(models={"application/json": model})
    asked = request(json.dumps(body), JSON)
    if Draft4Validator(model).is_valid(body):
        assert passes(matched, asked)
    else:
        assert refusal(matched, asked).message == "Invalid request body"


@given(MODELS, st.binary(), st.lists(st.tuples(st.text(), st.text())), st.text())
def test_no_request_gets_anything_but_through_or_400(
    model: dict[str, Any], body: bytes, headers: list[tuple[str, str]], query: str
) -> None:
    matched = match(("header", "a"), ("querystring", "b"), models={"application/json": model})
    try:
        validate_request(matched, request(body, *headers, query=query))
    except GatewayError as error:
        assert error.status == 400  # noqa: PT017 - both ways are right


def test_a_template_can_show_what_is_wrong() -> None:
    error = refusal(match(models={"application/json": SUM}), request("{}", JSON))
    assert error.validation_error == '[object has missing required properties (["a","b"])]'


def test_several_faults_are_told_and_a_million_are_not() -> None:
    model = {"items": {"properties": {"a": {"maximum": 0}, "b": {"maximum": 0}}}}
    two = refusal(match(models={"application/json": model}), request('[{"a": 1, "b": 2}]', JSON))
    assert str(two.validation_error).count("numeric instance") == 2
    many = refusal(match(models={"application/json": model}), request(json.dumps([{"a": 1}] * 9_000), JSON))
    assert len(many.reason) < 1_000
