"""How API Gateway words what is wrong with a body, for `$context.error.validationErrorString`.

Its words are those of the JSON schema validator for Java that API Gateway uses: seen in public for missing
properties, unverified for the other rules.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from jsonschema import ValidationError

_TYPES: Final = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


def describe_violation(violation: ValidationError) -> str:
    """Return the words for one rule of a model that a body breaks."""
    describe = _WORDS.get(str(violation.validator))
    words = describe(violation) if describe else f"instance does not match {violation.validator}"
    return words.encode("utf-8", "replace").decode()


def _missing_properties(violation: Any) -> str:
    missing = [name for name in violation.validator_value if name not in violation.instance]
    return f"object has missing required properties ({_json(sorted(missing))})"


def _wrong_type(violation: Any) -> str:
    found = _TYPES.get(type(violation.instance), "null")
    allowed = violation.validator_value
    names = {allowed} if isinstance(allowed, str) else set(allowed)
    names |= {"integer"} if "number" in names else set()
    return (
        f"instance type ({found}) does not match any allowed primitive type (allowed: {_json(sorted(names))})"
    )


def _too_low(violation: Any) -> str:
    limits = f"(minimum: {violation.validator_value}, found: {violation.instance})"
    return f"numeric instance is lower than the required minimum {limits}"


def _too_high(violation: Any) -> str:
    limits = f"(maximum: {violation.validator_value}, found: {violation.instance})"
    return f"numeric instance is greater than the required maximum {limits}"


def _not_in_enum(violation: Any) -> str:
    values = f"(possible values: {_json(violation.validator_value)})"
    return f"instance value ({_json(violation.instance)}) not found in enum {values}"


def _too_short(violation: Any) -> str:
    limits = f"(length: {len(violation.instance)}, required minimum: {violation.validator_value})"
    return f"string {_json(violation.instance)} is too short {limits}"


def _too_long(violation: Any) -> str:
    limits = f"(length: {len(violation.instance)}, maximum allowed: {violation.validator_value})"
    return f"string {_json(violation.instance)} is too long {limits}"


def _not_allowed(violation: Any) -> str:
    known = violation.schema.get("properties", {}) if isinstance(violation.schema, Mapping) else {}
    extra = sorted(name for name in violation.instance if name not in known)
    return f"object instance has properties which are not allowed by the schema: {_json(extra)}"


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


_WORDS: Final[Mapping[str, Callable[[Any], str]]] = {
    "additionalProperties": _not_allowed,
    "enum": _not_in_enum,
    "maxLength": _too_long,
    "maximum": _too_high,
    "minLength": _too_short,
    "minimum": _too_low,
    "required": _missing_properties,
    "type": _wrong_type,
}
