"""A part of the template with its place in it, so that whatever is wrong with it can be named."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self
from urllib.parse import unquote

from local_stage.api_gateway.unplaced_route import UnplacedRoute
from local_stage.cloudformation.unknown import Unknown
from local_stage.errors import NotRun, TemplateError

_BOOLEANS: Final = {True: True, False: False, "true": True, "false": False}

_PROPERTY_NAMES: Final = {
    "security": "AuthorizationType",
    "x-amazon-apigateway-integration": "Integration",
    "x-amazon-apigateway-request-validator": "RequestValidatorId",
}
"""How a resource of the template calls what has another name in a document."""


@dataclass(frozen=True, slots=True)
class ApiResource:
    """A resource of the template that adds to an API: `type` is what its type ends in, as `Authorizer`.

    `ref` is what `Ref` gives for it. Every intrinsic function of its properties is resolved. `condition` is
    its condition where nobody knows whether that holds.
    """

    logical_id: str
    type: str
    ref: str
    properties: Mapping[str, Any]
    condition: Unknown | None = None


@dataclass(frozen=True, slots=True)
class Assembled:
    """An API's document, which resource each part of it comes from, and what could not be added.

    `unplaced` has what of the latter is protected.
    """

    document: Mapping[str, Any]
    origins: Mapping[tuple[str, ...], str]
    not_run: Sequence[NotRun]
    unplaced: Sequence[UnplacedRoute]


@dataclass(frozen=True, slots=True)
class TemplateApi:
    """The API's resource in the template.

    `written` holds its properties as the developer wrote them, before SAM's translation, and is empty where
    they are not known. What SAM made of `Auth.Authorizers.X` is then named so, and not by its place in the
    definition that SAM generated. `origins` has the resource from which a part of the definition comes, by
    the keys that lead to it within the definition. `unplaced` has the protected routes that are nobody knows
    where in the API.
    """

    file: str
    logical_id: str
    written: Mapping[str, Any]
    origins: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    unplaced: Sequence[UnplacedRoute] = ()

    @property
    def definition_property(self) -> str:
        """The property that holds the OpenAPI document: SAM's or a plain `AWS::ApiGateway::RestApi`'s."""
        return "Body" if "Body" in self.written else "DefinitionBody"

    def find_origin(self, path: tuple[str, ...]) -> tuple[str, tuple[str, ...]] | None:
        """Return the resource from which a part comes, and the keys from there; None is the API itself."""
        for length in range(len(path), 1, -1):
            if logical_id := self.origins.get(path[1:length]):
                return logical_id, tuple(_PROPERTY_NAMES.get(key, key) for key in path[length:])
        return None

    def writes(self, path: tuple[str, ...]) -> bool:
        """Say whether the developer may have written this property, and not a definition of the API."""
        if not self.written.keys() & {"Body", "DefinitionBody"}:
            return True
        value: Any = self.written
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value is not None


@dataclass(frozen=True, slots=True)
class TemplatePart:
    """A value of the API's resource and the keys that lead to it; None is a value that is not there."""

    api: TemplateApi
    path: tuple[str, ...]
    value: Any

    def __bool__(self) -> bool:
        return self.value is not None

    def __getitem__(self, key: str) -> Self:
        """Return the part under a key of this mapping, or a part that is not there."""
        return type(self)(self.api, (*self.path, key), self.mapping().get(key))

    def items(self) -> Iterator[tuple[str, Self]]:
        """Yield the keys of this mapping and their parts, without those that are null."""
        for key in self.mapping():
            if (part := self[key]) and isinstance(key, str):
                yield key, part

    def elements(self) -> Iterator[Self]:
        """Yield the elements of this list; nothing if it is not there."""
        if self.value is not None and not isinstance(self.value, list | tuple):
            raise self.refusal(f"has to be a list, not {_kind(self.value)}")
        for position, value in enumerate(self.value or ()):
            yield type(self)(self.api, (*self.path[:-1], f"{self.path[-1]}[{position}]"), value)

    def mapping(self) -> Mapping[str, Any]:
        """Return the value as a mapping, empty if it is not there."""
        if self.value is None:
            return {}
        if not isinstance(self.value, Mapping):
            raise self.refusal(f"has to be a mapping, not {_kind(self.value)}")
        return self.value

    def text(self) -> str:
        """Return the value as text; a number is written out, as CloudFormation does."""
        if isinstance(self.value, str):
            return self.value
        if isinstance(self.value, int | float) and not isinstance(self.value, bool):
            return str(self.value)
        raise self.refusal(f"has to be a text that is known at start, not {_kind(self.value)}")

    def boolean(self) -> bool:
        """Return the value as a truth value, False if it is not there."""
        if self.value is None:
            return False
        if isinstance(self.value, Unknown):
            raise self.refusal(f"is not known: {self.value.reason}")
        value = self.value.lower() if isinstance(self.value, str) else self.value
        if not isinstance(value, str | bool) or value not in _BOOLEANS:
            raise self.refusal(f"has to be true or false, not {_kind(self.value)}")
        return _BOOLEANS[value]

    def number(self) -> float:
        """Return the value as a finite number."""
        try:
            value = float(self.text())
        except ValueError:
            value = float("nan")
        if not -1e12 < value < 1e12:  # noqa: PLR2004 - a NaN fails this too
            raise self.refusal(f"has to be a number, not {self.value!r}")
        return value

    def refuse_unknown(self, known: Collection[str], of: str) -> None:
        """Refuse every key but the known ones and other vendors' extensions, which API Gateway ignores."""
        for key in self.mapping():
            if not isinstance(key, str):
                raise self.refusal(f"the key {key!r} of {of} has to be a text; quote it")
            if key not in known and self[key] and not is_foreign_extension(key):
                raise self[key].refusal(f"{key} of {of} is not known to the local stage; remove it")

    def refusal(self, why: str, sam_property: tuple[str, ...] | None = None) -> TemplateError:
        """Return the error that names this part, by SAM's property if the developer may have written that."""
        resource, property_path = self._locate(sam_property)
        return TemplateError(why, file=self.api.file, resource=resource, property_path=property_path)

    def not_run(self, why: str, sam_property: tuple[str, ...] | None = None) -> NotRun:
        """Return the note that this part has no effect here."""
        resource, property_path = self._locate(sam_property)
        return NotRun(resource, why, property_path)

    def _locate(self, sam_property: tuple[str, ...] | None) -> tuple[str, str]:
        if (origin := self.api.find_origin(self.path)) is not None:
            return origin[0], ".".join(origin[1])
        return self.api.logical_id, ".".join(self._named(sam_property))

    def _named(self, sam_property: tuple[str, ...] | None) -> tuple[str, ...]:
        return sam_property if sam_property and self.api.writes(sam_property) else self.path


def is_foreign_extension(key: str) -> bool:
    """Say whether a key is an extension of the document that means something to others than AWS."""
    return key.lower().startswith("x-") and not key.lower().startswith("x-amazon-")


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, Unknown):
        return f"what is not known: {value.reason}"
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, list | tuple) else repr(value)


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
