"""The words for what is wrong with a body, as a template of a gateway response can show them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from jsonschema import Draft4Validator

from local_stage.api_gateway.rest.request_validator import describe_violation


def words_for(model: Mapping[str, Any], body: Any) -> list[str]:
    """Return the words for each rule of a model that a body breaks."""
    return [describe_violation(error) for error in Draft4Validator(model).iter_errors(body)]


@pytest.mark.parametrize(
    ("model", "body", "words"),
    [
        ({"required": ["b", "a"]}, {"c": 1}, 'object has missing required properties (["a","b"])'),
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
            {"type": ["string", "array"]},
            True,
            'instance type (boolean) does not match any allowed primitive type (allowed: ["array","string"])',
        ),
        (
            {"enum": ["dog", "cat"]},
            "cow",
            'instance value ("cow") not found in enum (possible values: ["dog","cat"])',
        ),
        ({"minimum": 25}, 3, "numeric instance is lower than the required minimum (minimum: 25, found: 3)"),
        ({"maximum": 9}, 30, "numeric instance is greater than the required maximum (maximum: 9, found: 30)"),
        ({"minLength": 2}, "x", 'string "x" is too short (length: 1, required minimum: 2)'),
        ({"maxLength": 2}, "xyz", 'string "xyz" is too long (length: 3, maximum allowed: 2)'),
        (
            {"properties": {"a": {}}, "additionalProperties": False},
            {"c": 1, "b": 1, "a": 1},
            'object instance has properties which are not allowed by the schema: ["b","c"]',
        ),
        ({"pattern": "^a"}, "b", "instance does not match pattern"),
        ({"anyOf": [{"type": "string"}]}, 1, "instance does not match anyOf"),
    ],
)
def test_each_rule_has_its_words(model: Mapping[str, Any], body: Any, words: str) -> None:
    assert set(words_for(model, body)) == {words}


def test_half_a_character_of_the_body_can_still_be_sent_back() -> None:
    (words,) = words_for({"enum": ["x"]}, json.loads('"\\ud800"'))
    assert words.encode() == b'instance value ("?") not found in enum (possible values: ["x"])'
