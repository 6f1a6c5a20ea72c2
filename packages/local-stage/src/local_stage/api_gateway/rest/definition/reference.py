"""References within an OpenAPI document: `{"$ref": "#/components/schemas/greeting"}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from local_stage.api_gateway.template_part import TemplatePart

_MOST_HOPS: Final = 20


def follow_reference(part: TemplatePart, document: TemplatePart) -> TemplatePart:
    """Return what a part refers to, or the part itself if it is no reference.

    Raises StartError for a reference to another document, to nothing, or in a circle.
    """
    for _ in range(_MOST_HOPS):
        if not isinstance(part.value, Mapping) or "$ref" not in part.value:
            return part
        part = find_target(part["$ref"], document)
    raise part.refusal("these references lead in a circle")


def find_target(reference: TemplatePart, document: TemplatePart) -> TemplatePart:
    """Return the part of the document that a JSON pointer (RFC 6901) such as `#/definitions/x` names."""
    target = document
    for key in pointer_keys(reference):
        if not isinstance(target.value, Mapping) or key not in target.value:
            raise reference.refusal(f"{reference.text()} refers to nothing{_hint(key, target)}")
        target = target[key]
    return target


def pointer_keys(reference: TemplatePart) -> list[str]:
    """Return the keys that a reference names, one after the other, from the document's root."""
    pointer = reference.text()
    if not pointer.startswith("#/"):
        raise reference.refusal(f"{pointer} refers to another document; copy what it names into this one")
    return [unquote(key).replace("~1", "/").replace("~0", "~") for key in pointer[2:].split("/")]


def _hint(key: str, parent: TemplatePart) -> str:
    # SAM writes the names of Models in lower case, and leaves the references within them as they are.
    alike = parent.mapping().keys() & {key.lower()} if isinstance(parent.value, Mapping) else set()
    return f"; SAM writes model names in lower case: {key.lower()}" if alike else ""
