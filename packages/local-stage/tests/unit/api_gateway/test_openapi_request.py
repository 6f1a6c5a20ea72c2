"""What of a request a definition validates: its parameters, and what its validator asks for."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft4Validator

from local_stage.api_gateway.rest.rest_api import RequestValidator
from tests.unit.api_gateway.sam_api import (
    BOTH_FORMS,
    HELLO,
    definition,
    method,
    read,
    read_body,
    refusal_of_body,
)

GREETING = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
POST = {"Path": "/hello", "Method": "post"}
JSON = "application/json"


@BOTH_FORMS
def test_an_events_model_and_validator_are_read(form: dict[str, Any]) -> None:
    model = {"Model": "Greeting", "Required": True, "ValidateBody": True, "ValidateParameters": True}
    rest_api, _ = read(
        {**form, "Models": {"Greeting": GREETING}}, events={"Post": {**POST, "RequestModel": model}}
    )
    found = method(rest_api, "POST")
    assert found.validator == RequestValidator(body=True, parameters=True)
    validator = Draft4Validator(found.request_models[JSON])
    assert validator.is_valid({"name": "x"})
    assert not validator.is_valid({"name": 1})
    assert not validator.is_valid({})


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({"ValidateBody": True}, RequestValidator(body=True)),
        ({"ValidateParameters": True}, RequestValidator(parameters=True)),
        ({"ValidateBody": False}, RequestValidator()),
        ({}, RequestValidator()),
    ],
    ids=str,
)
@BOTH_FORMS
def test_only_what_the_event_says_is_validated(
    form: dict[str, Any], flags: dict[str, bool], expected: RequestValidator
) -> None:
    events = {"Post": {**POST, "RequestModel": {"Model": "Greeting", **flags}}}
    rest_api, _ = read({**form, "Models": {"Greeting": GREETING}}, events=events)
    assert method(rest_api, "POST").validator == expected


@BOTH_FORMS
def test_an_events_required_parameters_are_read_and_sorted(form: dict[str, Any]) -> None:
    parameters = [
        {"method.request.querystring.page": {"Required": True}},
        {"method.request.path.id": {"Required": True}},
        {"method.request.header.X-Tenant": {"Required": True}},
        {"method.request.header.X-Optional": {"Required": False}},
        "method.request.querystring.size",
    ]
    rest_api, _ = read(form, events={"Get": {**HELLO, "RequestParameters": parameters}})
    assert method(rest_api).required_parameters == (
        ("header", "X-Tenant"),
        ("path", "id"),
        ("querystring", "page"),
    )


def test_parameters_of_a_path_are_those_of_its_operations() -> None:
    body = definition({"parameters": [{"in": "query", "name": "a", "required": True}]})
    body["paths"]["/hello"]["parameters"] = [
        {"in": "query", "name": "a", "required": False},
        {"in": "header", "name": "b", "required": True, "schema": {"type": "string"}},
    ]
    found = method(read_body(body)[0]).required_parameters
    assert found == (("header", "b"), ("querystring", "a"))


def test_a_parameter_of_an_operation_takes_the_place_of_its_paths() -> None:
    body = definition({"parameters": [{"in": "query", "name": "a", "required": False}]})
    body["paths"]["/hello"]["parameters"] = [{"in": "query", "name": "a", "required": True}]
    assert method(read_body(body)[0]).required_parameters == ()


def test_a_shared_parameter_is_followed() -> None:
    page = {"in": "query", "name": "page", "required": True}
    body = definition(
        {"parameters": [{"$ref": "#/components/parameters/Page"}]},
        components={"parameters": {"Page": page}},
    )
    assert method(read_body(body)[0]).required_parameters == (("querystring", "page"),)


def test_a_cookie_is_no_parameter_and_that_is_told() -> None:
    cookie = {"in": "cookie", "name": "session", "required": True}
    rest_api, not_run = read_body(definition({"parameters": [cookie]}))
    assert method(rest_api).required_parameters == ()
    assert [note.why for note in not_run if "cookie" in note.why] == ["API Gateway has no cookie parameters"]


@pytest.mark.parametrize("location", ["formData", "Query"])
def test_a_parameter_that_api_gateway_does_not_have_is_refused(location: str) -> None:
    line = refusal_of_body(definition({"parameters": [{"in": location, "name": "a"}]}))
    assert line.endswith(f"parameters[0].in: API Gateway has no {location} parameters")


def test_the_documents_validator_is_every_operations() -> None:
    document: dict[str, Any] = {
        "x-amazon-apigateway-request-validators": {"all": {"validateRequestBody": True}},
        "x-amazon-apigateway-request-validator": "all",
    }
    rest_api, _ = read_body(definition(**document))
    assert method(rest_api).validator == RequestValidator(body=True)


def test_an_operations_validator_comes_before_the_documents() -> None:
    validators = {
        "all": {"validateRequestBody": True, "validateRequestParameters": True},
        "params": {"validateRequestParameters": True},
    }
    body = definition(
        {"x-amazon-apigateway-request-validator": "params"},
        **{
            "x-amazon-apigateway-request-validator": "all",
            "x-amazon-apigateway-request-validators": validators,
        },
    )
    assert method(read_body(body)[0]).validator == RequestValidator(parameters=True)


@pytest.mark.parametrize(
    ("document", "line"),
    [
        ({"x-amazon-apigateway-request-validator": "all"}, "has no validator all"),
        (
            {"x-amazon-apigateway-request-validators": {"a": {"validateRequestBody": "perhaps"}}},
            "validateRequestBody: has to be true or false, not 'perhaps'",
        ),
        (
            {"x-amazon-apigateway-request-validators": {"a": {"validateEverything": True}}},
            "validateEverything of a request validator is not known",
        ),
    ],
    ids=str,
)
def test_a_validator_that_cannot_be_right_is_refused(document: dict[str, Any], line: str) -> None:
    assert line in refusal_of_body(definition(**document))
