"""The values that a template's parameters are known to have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from cfn_lint_cognito.conditions import compared_texts

_PRODUCTION: Final = re.compile(r"(prod|production|prd|live)([-_.].*)?", re.IGNORECASE)


def read_defaults(parameters: Mapping[str, Any]) -> dict[str, Sequence[Any]]:
    """Return the default of each parameter that has one; lists for the types that are lists."""
    return {
        name: (_as_typed(definition["Default"], definition),)
        for name, definition in parameters.items()
        if isinstance(definition, Mapping) and "Default" in definition and not _is_stored(definition)
    }


def find_production_values(
    parameters: Mapping[str, Any], conditions: Mapping[str, Any]
) -> dict[str, list[str]]:
    """Return the values that mean production, of each parameter that has such a value.

    They are looked for among the allowed values, the default, and what conditions compare the parameter with.
    """
    found: dict[str, list[str]] = {}
    for name, text in [*_written_values(parameters), *compared_texts(conditions)]:
        if name in parameters and _PRODUCTION.fullmatch(text) and text not in found.setdefault(name, []):
            found[name].append(text)
    return {name: values for name, values in found.items() if values}


def find_hidden(parameters: Mapping[str, Any]) -> set[str]:
    """Return the parameters whose values CloudFormation shows to nobody (`NoEcho`)."""
    return {
        name
        for name, definition in parameters.items()
        if isinstance(definition, Mapping) and str(definition.get("NoEcho")).lower() == "true"
    }


def _written_values(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, definition in parameters.items():
        if isinstance(definition, Mapping):
            allowed = definition.get("AllowedValues")
            values = [*(allowed if isinstance(allowed, list) else []), definition.get("Default")]
            yield from ((name, value) for value in values if isinstance(value, str))


def _is_stored(definition: Mapping[str, Any]) -> bool:
    # The default of such a parameter is the name under which Systems Manager keeps the value.
    return str(definition.get("Type")).startswith("AWS::SSM::Parameter::")


def _as_typed(default: Any, definition: Mapping[str, Any]) -> Any:
    kind = str(definition.get("Type"))
    if isinstance(default, str) and (kind == "CommaDelimitedList" or kind.startswith("List<")):
        return [item.strip() for item in default.split(",")]
    return default
