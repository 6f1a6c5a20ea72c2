"""A request model, JSON Schema of draft 4, as OpenAPI 3.0 writes schemas.

https://spec.openapis.org/oas/v3.0.3#schema-object
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

SCHEMAS: Final = "#/components/schemas/"
_DEFINITIONS: Final = "#/definitions/"
_UNFIT: Final = re.compile(r"[^A-Za-z0-9._-]")

_AS_THEY_ARE: Final = frozenset(
    {
        "default",
        "description",
        "enum",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "format",
        "maxLength",
        "maxProperties",
        "maximum",
        "minLength",
        "minProperties",
        "minimum",
        "multipleOf",
        "pattern",
        "required",
        "title",
        "uniqueItems",
    }
)
_ONE: Final = frozenset({"additionalProperties", "items", "not"})
_MANY: Final = frozenset({"allOf", "anyOf", "oneOf"})


class SchemaConverter:
    """Converts the models of one API; what they refer to by name is collected in `schemas`.

    OpenAPI 3.0 has no word for some of draft 4 (`patternProperties`, `dependencies`, a list of schemas as
    `items`): those are left out, so that the document allows more there than API Gateway does.
    """

    def __init__(self) -> None:
        self.schemas: dict[str, Any] = {}

    def convert(self, model: Mapping[str, Any]) -> dict[str, Any]:
        """Return the schema of a model, all definitions of which have gone to `schemas`."""
        for name, definition in model.get("definitions", {}).items():
            self.schemas[_component(name)] = self._schema(definition)
        match {key: value for key, value in model.items() if key != "definitions"}:
            case {"allOf": [dict(only)], **others} if not others:
                return self._schema(only)
            case schema:
                return self._schema(schema)

    def _schema(self, schema: Any) -> dict[str, Any]:
        if not isinstance(schema, Mapping):
            return {}
        if isinstance(schema.get("$ref"), str):
            return {"$ref": _refer(schema["$ref"])}
        converted: dict[str, Any] = {}
        for keyword, value in schema.items():
            converted |= self._keyword(keyword, value)
        if converted.get("type") == "array":
            converted.setdefault("items", {})
        return converted

    def _keyword(self, keyword: str, value: Any) -> dict[str, Any]:
        if keyword in _AS_THEY_ARE or (keyword == "additionalProperties" and isinstance(value, bool)):
            return {keyword: value}
        if keyword in _ONE and isinstance(value, Mapping):
            return {keyword: self._schema(value)}
        if keyword in _MANY:
            return {keyword: [self._schema(part) for part in value]}
        if keyword == "properties":
            return {keyword: {name: self._schema(part) for name, part in value.items()}}
        return _type(value) if keyword == "type" else {}


def _type(value: Any) -> dict[str, Any]:
    """Return what says the type: 3.0 has one type at a time, and null only as `nullable`."""
    types = [value] if isinstance(value, str) else list(value)
    others = [name for name in types if name != "null"]
    if not others:
        return {"enum": [None], "nullable": True}
    nullable = {"nullable": True} if "null" in types else {}
    if len(others) == 1:
        return {"type": others[0], **nullable}
    return {"anyOf": [{"type": name, **({"items": {}} if name == "array" else {})} for name in others]}


def _refer(reference: str) -> str:
    name = unquote(reference.removeprefix(_DEFINITIONS)).replace("~1", "/").replace("~0", "~")
    return SCHEMAS + _component(name)


def _component(name: str) -> str:
    """Return the last part of a pointer, with what a component's name may not hold as `_`."""
    return _UNFIT.sub("_", name.rpartition("/")[2])
