"""The models of a request's body that a definition has, each with all that it refers to."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft4Validator

from tests.unit.api_gateway.sam_api import (
    definition,
    method,
    read_body,
    refusal,
    refusal_of_body,
)

GREETING = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
POST = {"Path": "/hello", "Method": "post"}
JSON = "application/json"


def models_of(operation: dict[str, Any], **document: Any) -> dict[str, Any]:
    """Return the models of an operation written by hand."""
    return dict(method(read_body(definition(operation, **document))[0]).request_models)


def body_of(schema: Any, content_type: str = JSON) -> dict[str, Any]:
    return {"requestBody": {"content": {content_type: {"schema": schema}}}}


def schemas(**named: Any) -> dict[str, Any]:
    return {"components": {"schemas": named}}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def test_each_content_type_has_its_own_model() -> None:
    content = {
        "application/json": {"schema": {"type": "object"}},
        "Application/XML ": {"schema": {"type": "string"}},
        "text/plain": {"example": "hello"},
    }
    found = models_of({"requestBody": {"content": content}})
    assert found == {"application/json": {"type": "object"}, "application/xml": {"type": "string"}}


def test_in_swagger_the_model_is_that_of_each_type_that_is_consumed() -> None:
    parameter = {"in": "body", "name": "greeting", "schema": {"$ref": "#/definitions/greeting"}}
    body = definition(
        {"parameters": [parameter]}, definitions={"greeting": GREETING}, consumes=["a/b", "c/d"]
    )
    del body["openapi"]
    rest_api, _ = read_body({**body, "swagger": "2.0"})
    assert [*method(rest_api).request_models] == ["a/b", "c/d"]


def test_models_may_refer_to_each_other_and_to_themselves() -> None:
    tree = {
        "type": "object",
        "required": ["greeting"],
        "properties": {
            "greeting": ref("greeting"),
            "children": {"type": "array", "items": ref("tree")},
        },
    }
    found = models_of(body_of(ref("tree")), **schemas(tree=tree, greeting=GREETING))
    validator = Draft4Validator(found[JSON])
    leaf = {"greeting": {"name": "x"}}
    assert validator.is_valid({**leaf, "children": [leaf, {**leaf, "children": [leaf]}]})
    assert not validator.is_valid({**leaf, "children": [{**leaf, "children": [{}]}]})


def test_a_reference_may_lead_into_a_model() -> None:
    found = models_of(body_of(ref("greeting/properties/name")), **schemas(greeting=GREETING))
    assert Draft4Validator(found[JSON]).is_valid("x")
    assert not Draft4Validator(found[JSON]).is_valid(1)


def test_a_shared_body_is_followed() -> None:
    body = definition(
        {"requestBody": {"$ref": "#/components/requestBodies/Greeting"}},
        components={"requestBodies": {"Greeting": {"content": {JSON: {"schema": {"type": "array"}}}}}},
    )
    assert method(read_body(body)[0]).request_models == {JSON: {"type": "array"}}


def test_odd_names_of_models_are_found() -> None:
    found = models_of(
        body_of({"$ref": "#/components/schemas/a~1b~0c%20d"}), **schemas(**{"a/b~c d": {"type": "string"}})
    )
    assert Draft4Validator(found[JSON]).is_valid("x")
    assert not Draft4Validator(found[JSON]).is_valid(1)


@pytest.mark.parametrize(
    ("schema", "line"),
    [
        (ref("missing"), "#/components/schemas/missing refers to nothing"),
        (ref("Greeting"), "refers to nothing; SAM writes model names in lower case: greeting"),
        (
            {"$ref": "https://example.com/x.json"},
            "refers to another document; copy what it names into this one",
        ),
        ({"$ref": "other.yaml#/x"}, "other.yaml#/x refers to another document"),
        ({"$ref": "#"}, "# refers to another document"),
        ({"properties": {"a": {"items": ref("missing")}}}, "#/components/schemas/missing refers to nothing"),
        ({"type": "file"}, "is no JSON schema of draft 4, at $.type"),
        ({"required": True}, "is no JSON schema of draft 4, at $.required"),
        ({"patternProperties": {"[": {}}}, "'[' is no regular expression here"),
    ],
    ids=str,
)
def test_a_model_that_cannot_be_checked_is_refused(schema: dict[str, Any], line: str) -> None:
    assert line in refusal_of_body(definition(body_of(schema), **schemas(greeting=GREETING)))


def test_references_in_a_circle_are_refused() -> None:
    parameters = {"A": {"$ref": "#/components/parameters/B"}, "B": {"$ref": "#/components/parameters/A"}}
    body = definition({"parameters": [parameters["A"]]}, components={"parameters": parameters})
    assert refusal_of_body(body).endswith("these references lead in a circle")


def test_a_fault_of_a_model_is_named_by_sams_property() -> None:
    events = {"Post": {**POST, "RequestModel": {"Model": "Greeting"}}}
    line = refusal({"Models": {"Greeting": {"type": "objekt"}}}, events=events)
    assert line.startswith("template.yaml: HelloApi.Models: is no JSON schema of draft 4")


def test_words_that_look_like_keywords_are_left_alone() -> None:
    """Properties may be called $ref, id, minItems or pattern, and data may hold anything."""
    schema = {
        "id": "not-a-base-address",
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": {
            "$ref": {"type": "string"},
            "id": {"type": "integer"},
            "minItems": {"type": "integer"},
            "pattern": {"type": "string"},
        },
        "default": {"$ref": "nowhere", "id": "x", "minItems": 3},
        "example": {"$ref": "nowhere"},
    }
    validator = Draft4Validator(models_of(body_of(schema))[JSON])
    assert validator.is_valid({"$ref": "x", "id": 1, "minItems": 2, "pattern": "("})
    assert not validator.is_valid({"id": "x"})
    assert not validator.is_valid({"minItems": "x"})


def test_lengths_of_lists_are_not_checked_as_api_gateway_does_not_and_that_is_told() -> None:
    schema = {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "string"}}
    rest_api, not_run = read_body(definition(body_of(schema)))
    assert method(rest_api).request_models == {JSON: {"type": "array", "items": {"type": "string"}}}
    place = "HelloApi.DefinitionBody.paths./hello.get.requestBody.content.application/json.schema"
    told = [str(note) for note in not_run if "imported model" in str(note)]
    why = "API Gateway does not check the length of an imported model's lists, nor does the stage"
    assert told == [f"{place}.minItems: {why}", f"{place}.maxItems: {why}"]


def test_a_pattern_of_another_dialect_checks_nothing_and_is_told() -> None:
    schema = {"type": "string", "pattern": "\\p{L}+", "maxLength": 9}
    rest_api, not_run = read_body(definition(body_of(schema)))
    assert method(rest_api).request_models == {JSON: {"type": "string", "maxLength": 9}}
    (told,) = [note.why for note in not_run if note.property_path.endswith("schema.pattern")]
    assert told.startswith(r"no body is checked by it: '\\p{L}+' is no regular expression here: ")


def test_openapis_own_keywords_are_ignored() -> None:
    schema = {"type": "string", "nullable": True, "format": "email", "discriminator": {"propertyName": "a"}}
    validator = Draft4Validator(models_of(body_of(schema))[JSON])
    assert validator.is_valid("no address")
    assert not validator.is_valid(None)
