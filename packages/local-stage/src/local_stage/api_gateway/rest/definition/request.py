"""What of a request an operation validates: its required parameters and the models of its body.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

from local_stage.api_gateway.rest.rest_api import RequestValidator
from local_stage.api_gateway.template_part import TemplatePart, find_target, follow_reference, pointer_keys
from local_stage.errors import NotRun

VALIDATOR: Final = "x-amazon-apigateway-request-validator"
VALIDATORS: Final = "x-amazon-apigateway-request-validators"

_LOCATIONS: Final = {"header": "header", "path": "path", "query": "querystring"}
_DATA: Final = frozenset({"default", "enum", "example", "examples"})
_BASE_ADDRESSES: Final = frozenset({"$schema", "id"})
_UNCHECKED: Final = frozenset({"maxItems", "minItems"})
_NOT_COUNTED: Final = "API Gateway does not check the length of an imported model's lists, nor does the stage"
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html"""


class RequestReader:
    """Reads the requests of one document's operations; `not_run` is what the models ask for in vain."""

    def __init__(self, document: TemplatePart) -> None:
        self._document = document
        self._not_run: dict[tuple[str, ...], NotRun] = {}
        self._validators = {name: _read_validator(part) for name, part in document[VALIDATORS].items()}

    @property
    def not_run(self) -> Iterable[NotRun]:
        """What the models read so far ask for and API Gateway does not check."""
        return self._not_run.values()

    def read_validator(self, operation: TemplatePart) -> RequestValidator:
        """Return the operation's validator, else the document's, else one that lets everything through."""
        name = operation[VALIDATOR] or self._document[VALIDATOR]
        if not name:
            return RequestValidator()
        if name.text() not in self._validators:
            raise name.refusal(f"{VALIDATORS} has no validator {name.text()}")
        return self._validators[name.text()]

    def read_required_parameters(
        self, operation: TemplatePart, path_item: TemplatePart
    ) -> tuple[tuple[str, str], ...]:
        """Return (`header` | `path` | `querystring`, name) of each required parameter, sorted.

        API Gateway only looks whether a parameter is there: it ignores type and format.
        """
        required = {}
        for parameter in self._parameters(operation, path_item):
            location, name = parameter["in"].text(), parameter["name"].text()
            if location == "body":
                continue
            if location == "cookie":
                self._not_run[parameter.path] = parameter.not_run("API Gateway has no cookie parameters")
                continue
            if location not in _LOCATIONS:
                raise parameter["in"].refusal(f"API Gateway has no {location} parameters")
            required[_LOCATIONS[location], name] = parameter["required"].boolean()
        return tuple(sorted(place for place, needed in required.items() if needed))

    def read_models(self, operation: TemplatePart, path_item: TemplatePart) -> dict[str, Mapping[str, Any]]:
        """Return the JSON schemas of the body by content type, each with all that it refers to."""
        return {
            content_type.strip().lower(): self._read_model(schema)
            for content_type, schema in self._schemas(operation, path_item)
        }

    def _parameters(self, operation: TemplatePart, path_item: TemplatePart) -> Iterable[TemplatePart]:
        for owner in (path_item, operation):
            for parameter in owner["parameters"].elements():
                yield follow_reference(parameter, self._document)

    def _schemas(
        self, operation: TemplatePart, path_item: TemplatePart
    ) -> Iterable[tuple[str, TemplatePart]]:
        for parameter in self._parameters(operation, path_item):
            if parameter["in"].text() == "body" and parameter["schema"]:
                consumes = operation["consumes"] or self._document["consumes"]
                for content_type in [part.text() for part in consumes.elements()] or ["application/json"]:
                    yield content_type, parameter["schema"]
        body = follow_reference(operation["requestBody"], self._document)
        for content_type, media_type in body["content"].items():
            if media_type["schema"]:
                yield content_type, media_type["schema"]

    def _read_model(self, schema: TemplatePart) -> Mapping[str, Any]:
        # Only a template with models waits for the validator.
        from jsonschema import Draft4Validator  # noqa: PLC0415
        from jsonschema.exceptions import SchemaError  # noqa: PLC0415

        bundle = _SchemaBundle(self._document)
        model = bundle.copy(schema)
        if bundle.definitions:
            model = {"allOf": [model], "definitions": bundle.definitions}
        try:
            Draft4Validator.check_schema(model)
        except SchemaError as error:
            why = f"is no JSON schema of draft 4, at {error.json_path}: {error.message}"
            raise schema.refusal(why, ("Models",)) from None
        self._not_run.update({part.path: part.not_run(why) for part, why in bundle.unchecked})
        return dict(model)


class _SchemaBundle:
    """A copy of a schema and, as `definitions`, of all that it refers to, even if that is itself."""

    def __init__(self, document: TemplatePart) -> None:
        self.definitions: dict[str, Any] = {}
        self.unchecked: list[tuple[TemplatePart, str]] = []
        self._document = document

    def copy(self, part: TemplatePart) -> Any:
        if isinstance(part.value, list):
            return [self.copy(element) for element in part.elements()]
        if not isinstance(part.value, Mapping):
            return part.value
        if isinstance(part.value.get("$ref"), str):
            return {"$ref": self._refer(part["$ref"])}
        return {
            key: self._copy_keyword(key, child) for key, child in part.items() if self._is_kept(key, child)
        }

    def _copy_keyword(self, key: str, part: TemplatePart) -> Any:
        if key == "patternProperties":
            for expression in part.mapping():
                _check_expression(part, str(expression))
        return part.value if key in _DATA else self.copy(part)

    def _is_kept(self, key: str, part: TemplatePart) -> bool:
        if key in _UNCHECKED and not isinstance(part.value, Mapping):
            self.unchecked.append((part, _NOT_COUNTED))
            return False
        if key == "pattern" and isinstance(part.value, str) and (fault := _find_fault(part.value)):
            why = f"no body is checked by it: {part.value!r} is no regular expression here: {fault}"
            self.unchecked.append((part, why))
            return False
        return not (key in _BASE_ADDRESSES and isinstance(part.value, str))

    def _refer(self, reference: TemplatePart) -> str:
        name = "/".join(pointer_keys(reference))
        if name not in self.definitions:
            target = find_target(reference, self._document)
            self.definitions[name] = None
            self.definitions[name] = self.copy(target)
        return f"#/definitions/{quote(name.replace('~', '~0').replace('/', '~1'))}"


def _read_validator(part: TemplatePart) -> RequestValidator:
    part.refuse_unknown({"validateRequestBody", "validateRequestParameters"}, "a request validator")
    return RequestValidator(
        body=part["validateRequestBody"].boolean(), parameters=part["validateRequestParameters"].boolean()
    )


def _find_fault(expression: str) -> str | None:
    try:
        re.compile(expression)
    except re.error as error:
        return str(error)
    return None


def _check_expression(part: TemplatePart, expression: str) -> None:
    if fault := _find_fault(expression):
        raise part.refusal(f"{expression!r} is no regular expression here: {fault}", ("Models",))
