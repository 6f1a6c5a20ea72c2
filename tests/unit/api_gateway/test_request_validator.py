"""Request validation: required parameters and the body's model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from local_stage.api_gateway.gateway_error import GatewayError, GatewayResponseType
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.api_gateway.match import Match
from local_stage.api_gateway.request_validator import validate_request
from local_stage.api_gateway.rest_api import Method, MockIntegration, RequestValidator, Resource

BOTH = RequestValidator(body=True, parameters=True)
SUM = {
    "type": "object",
    "properties": {"a": {"type": "number"}, "b": {"type": "number"}},
    "required": ["a", "b"],
}


def match(
    *required: tuple[str, str],
    models: Mapping[str, Mapping[str, Any]] | None = None,
    validator: RequestValidator = BOTH,
    path_parameters: Mapping[str, str] | None = None,
) -> Match:
    """Return the match of a method with these required parameters and models."""
    method = Method(
        "POST",
        MockIntegration(200),
        validator=validator,
        required_parameters=required,
        request_models=models or {},
    )
    return Match(Resource("r", "/a", {"POST": method}), method, path_parameters or {})


def request(
    body: str | bytes = b"", *headers: tuple[str, str], query: str = "", method: str = "POST"
) -> HttpRequest:
    return HttpRequest(method, "/dev/a", query, headers, body.encode() if isinstance(body, str) else body)


def refusal(matched: Match, asked: HttpRequest) -> GatewayError:
    """Return the error that a request is refused with."""
    with pytest.raises(GatewayError) as caught:
        validate_request(matched, asked)
    return caught.value


def passes(matched: Match, asked: HttpRequest) -> bool:
    """Return True for a request that is let through; GatewayError for one that is not."""
    validate_request(matched, asked)
    return True


JSON = ("Content-Type", "application/json")


def test_nothing_is_validated_without_a_validator() -> None:
    matched = match(("header", "x"), models={"application/json": SUM}, validator=RequestValidator())
    assert passes(matched, request("{}"))


def test_missing_parameters_are_named_headers_first_then_path_then_query() -> None:
    """Recorded: localstack's AWS-validated test_api_gateway_request_validator, 2024-01-10."""
    matched = match(("querystring", "qs1"), ("path", "issuer"), ("header", "x-header-param"))
    error = refusal(matched, request())
    assert error.message == "Missing required request parameters: [x-header-param, issuer, qs1]"
    assert (error.status, error.error_type) == (400, "BadRequestException")
    assert error.response_type is GatewayResponseType.BAD_REQUEST_PARAMETERS
    assert error.reason == "the request has no header x-header-param, path issuer, querystring qs1"


def test_parameters_that_are_there_pass() -> None:
    matched = match(
        ("header", "x-tenant"), ("path", "id"), ("querystring", "page"), path_parameters={"id": "1"}
    )
    asked = request(b"", ("x-tenant", "blue"), query="page=1")
    assert passes(matched, asked)


@pytest.mark.parametrize(
    "asked",
    [
        request(b"", ("x-tenant", "")),
        request(b"", ("x-tenant", " \t")),
        request(b"", ("x-tenants", "blue")),
        request(query="x-tenant=blue"),
    ],
)
def test_a_blank_header_is_missing(asked: HttpRequest) -> None:
    assert refusal(match(("header", "x-tenant")), asked).message.endswith("[x-tenant]")


@pytest.mark.parametrize("query", ["", "page", "page=", "page=%20", "Page=1", "pag%65s=1", "x=page=1"])
def test_a_blank_query_parameter_is_missing(query: str) -> None:
    assert refusal(match(("querystring", "page")), request(query=query)).message.endswith("[page]")


@pytest.mark.parametrize("query", ["page=1", "p%61ge=1", "page=&page=1", "a=b&page=0"])
def test_a_query_parameter_is_found_under_its_decoded_name(query: str) -> None:
    matched = match(("querystring", "page"))
    assert passes(matched, request(query=query))


def test_header_names_are_case_sensitive() -> None:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html."""
    assert refusal(match(("header", "X-Tenant")), request(b"", ("x-tenant", "blue"))).status == 400


@pytest.mark.parametrize("sent", ["authorization", "AUTHORIZATION", "Authorization"])
def test_authorization_is_found_in_every_case_as_api_gateway_rewrites_it(sent: str) -> None:
    matched = match(("header", "Authorization"))
    assert passes(matched, request(b"", (sent, "x")))


def test_parameters_are_validated_before_the_body() -> None:
    matched = match(("querystring", "q"), models={"application/json": SUM})
    assert refusal(matched, request("no json")).response_type is GatewayResponseType.BAD_REQUEST_PARAMETERS


def test_a_validator_of_the_body_leaves_the_parameters_alone() -> None:
    matched = match(("header", "x"), models={"application/json": SUM}, validator=RequestValidator(body=True))
    asked = request('{"a": 1, "b": 2}', JSON)
    assert passes(matched, asked)


def test_a_validator_of_the_parameters_leaves_the_body_alone() -> None:
    validator = RequestValidator(parameters=True)
    matched = match(models={"application/json": SUM}, validator=validator)
    assert passes(matched, request("no json", JSON))


def test_a_body_that_breaks_its_model_is_refused() -> None:
    error = refusal(match(models={"application/json": SUM}), request('{"test": "test"}', JSON))
    assert error.message == "Invalid request body"
    assert (error.status, error.error_type, error.traced) == (400, "BadRequestException", True)
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


def test_a_body_deeper_than_the_machine_can_follow_is_invalid() -> None:
    tree = {
        "allOf": [{"$ref": "#/definitions/t"}],
        "definitions": {"t": {"items": {"$ref": "#/definitions/t"}}},
    }
    body = "[" * 900 + "]" * 900
    assert refusal(match(models={"application/json": tree}), request(body, JSON)).status == 400


def test_a_deep_body_that_can_only_just_be_followed_is_told_of_without_a_crash() -> None:
    matched = match(models={"application/json": {"enum": [1]}})
    for depth in range(100, 1_000, 50):
        assert refusal(matched, request("[" * depth + "]" * depth, JSON)).status == 400


def test_numbers_beyond_a_float_do_not_crash_the_validation() -> None:
    matched = match(models={"application/json": {"multipleOf": 0.5}})
    for body in ("1e400", "1" + "0" * 400):
        assert refusal(matched, request(body, JSON)).status == 400


@pytest.mark.parametrize(
    ("model", "body", "words"),
    [
        (SUM, {}, 'object has missing required properties (["a","b"])'),
        (
            {"type": "object"},
            [],
            'instance type (array) does not match any allowed primitive type (allowed: ["object"])',
        ),
        (
            {"type": "number"},
            None,
            'instance type (null) does not match any allowed primitive type (allowed: ["integer","number"])',
        ),
        (
            {"enum": ["dog", "cat"]},
            "cow",
            'instance value ("cow") not found in enum (possible values: ["dog","cat"])',
        ),
        ({"minimum": 25}, 3, "numeric instance is lower than the required minimum (minimum: 25, found: 3)"),
        (
            {"maximum": 25},
            30,
            "numeric instance is greater than the required maximum (maximum: 25, found: 30)",
        ),
        ({"minLength": 2}, "x", 'string "x" is too short (length: 1, required minimum: 2)'),
        ({"maxLength": 2}, "xyz", 'string "xyz" is too long (length: 3, maximum allowed: 2)'),
        (
            {"properties": {"a": {}}, "additionalProperties": False},
            {"c": 1, "b": 1, "a": 1},
            'object instance has properties which are not allowed by the schema: ["b","c"]',
        ),
        ({"pattern": "^a"}, "b", "instance does not match pattern"),
    ],
)
def test_a_template_can_show_what_is_wrong(model: Mapping[str, Any], body: Any, words: str) -> None:
    error = refusal(match(models={"application/json": model}), request(json.dumps(body), JSON))
    assert error.validation_error == f"[{words}]"


def test_several_faults_are_told_and_a_million_are_not() -> None:
    model = {"items": {"properties": {"a": {"maximum": 0}, "b": {"maximum": 0}}}}
    two = refusal(match(models={"application/json": model}), request('[{"a": 1, "b": 2}]', JSON))
    assert str(two.validation_error).count("numeric instance") == 2
    many = refusal(match(models={"application/json": model}), request(json.dumps([{"a": 1}] * 9_000), JSON))
    assert len(many.reason) < 1_000


def test_half_a_character_of_the_body_can_still_be_sent_back() -> None:
    error = refusal(match(models={"application/json": {"enum": []}}), request('"\\ud800"', JSON))
    assert str(error.validation_error).encode()


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
