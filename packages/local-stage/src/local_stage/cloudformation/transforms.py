"""The transforms that CloudFormation runs before SAM's own: AWS::Include and AWS::LanguageExtensions.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-include.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from local_stage.cloudformation.intrinsics import Intrinsics, UnresolvedError
from local_stage.cloudformation.language_extensions import extend
from local_stage.cloudformation.template_source import read_source, require_resources
from local_stage.cloudformation.unknown import Unknown, find_unknown
from local_stage.errors import NotRun, TemplateError, reading

SAM: Final = "AWS::Serverless-2016-10-31"
LANGUAGE_EXTENSIONS: Final = "AWS::LanguageExtensions"
INCLUDE: Final = "AWS::Include"
_TRANSFORM: Final = "Fn::Transform"

_DEFINITIONS: Final[Mapping[str, tuple[str, str]]] = {
    "AWS::ApiGateway::RestApi": ("Body", "BodyS3Location"),
    "AWS::ApiGatewayV2::Api": ("Body", "BodyS3Location"),
    "AWS::Serverless::Api": ("DefinitionBody", "DefinitionUri"),
    "AWS::Serverless::HttpApi": ("DefinitionBody", "DefinitionUri"),
}
"""By each type of API the property that holds its OpenAPI document, and the one that names a file of it."""

_EMPTY: Final = {"openapi": "3.0.1", "info": {"title": "elsewhere", "version": "1"}, "paths": {}}
"""The document of an API whose own is not on this machine: it has no route that anybody could call."""

ELSEWHERE: Final = "x-document-elsewhere"
"""Where the document is for which such a one stands; its routes take requests before less specific ones."""


@dataclass(frozen=True, slots=True)
class Transforms:
    """Runs the transforms of one template; `not_run` collects what they would need and is not here.

    `included` collects the files that they read.

    `parameters` has the values of its parameters, the pseudo parameter AWS::Region among them.
    """

    file: Path
    parameters: Mapping[str, Any]
    not_run: list[NotRun] = field(default_factory=list)
    included: list[Path] = field(default_factory=list)

    def apply(self, source: Mapping[str, Any]) -> dict[str, Any]:
        """Return the template as SAM's transform gets it.

        Raises StartError for a transform that is not known here, and for one whose outcome decides who may
        call and depends on what is not here.
        """
        transforms = source.get("Transform", [])
        transforms = transforms if isinstance(transforms, list) else [transforms]
        applied = {name: self._include(name, value) for name, value in source.items() if name != "Resources"}
        applied["Resources"] = self._include_in_resources(source["Resources"])
        for transform in transforms:
            if isinstance(transform, Mapping) and transform.get("Name") == INCLUDE:
                applied |= self._read_top_level(transform)
            elif transform not in (SAM, LANGUAGE_EXTENSIONS):
                why = f"{transform!r} is not run locally"
                raise TemplateError(why, file=str(self.file), resource="Transform")
        if LANGUAGE_EXTENSIONS in transforms:
            applied = self._extend(applied)
        if transforms:
            applied["Transform"] = SAM
        require_resources(str(self.file), applied)
        return applied

    def _include_in_resources(self, resources: Mapping[str, Any]) -> dict[str, Any]:
        included: dict[str, Any] = self._include(
            "Resources", {name: resource for name, resource in resources.items() if name == _TRANSFORM}
        )
        for name, resource in resources.items():
            if name != _TRANSFORM:
                prepared = self._read_definition(str(name), resource)
                included[name] = self._include(str(name), prepared)
        return included

    def _read_definition(self, name: str, resource: Any) -> Any:
        """Return a resource with the OpenAPI document that it names or includes in place of its name."""
        kind = str(resource.get("Type")) if isinstance(resource, Mapping) else ""
        if kind not in _DEFINITIONS or not isinstance(resource.get("Properties"), Mapping):
            return resource
        properties = dict(resource["Properties"])
        body, uri = _DEFINITIONS[kind]
        location = properties.pop(uri, None)
        if location is not None:
            properties[body] = self._read_document(name, uri, location)
        elif isinstance(properties.get(body), Mapping) and properties[body].keys() == {_TRANSFORM}:
            location = self._find_location(name, properties[body][_TRANSFORM])
            properties[body] = self._read_document(name, body, location)
        return {**resource, "Properties": properties}

    def _read_document(self, name: str, property_path: str, location: Any) -> Any:
        content = self._read(location)
        if isinstance(content, Mapping):
            return content
        why = f"{_spell(location)} is not on this machine, so that the API has no route here"
        self.not_run.append(NotRun(name, why, property_path))
        return {**_EMPTY, ELSEWHERE: _spell(location)}

    def _include(self, name: str, value: Any) -> Any:
        """Return a value with what it includes; `name` is the resource's or section's."""
        if isinstance(value, list):
            return [self._include(name, item) for item in value]
        if not isinstance(value, Mapping):
            return value
        included = {key: self._include(name, member) for key, member in value.items() if key != _TRANSFORM}
        if _TRANSFORM not in value:
            return included
        location = self._find_location(name, value[_TRANSFORM])
        content = self._read(location)
        if content is None:
            why = f"includes {_spell(location)}, which is not on this machine; name a local file there"
            raise TemplateError(why, file=str(self.file), resource=name)
        return {**included, **content} if isinstance(content, Mapping) else content

    def _read_top_level(self, transform: Mapping[str, Any]) -> dict[str, Any]:
        location = self._find_location("Transform", transform)
        content = self._read(location)
        if not isinstance(content, Mapping):
            why = f"includes {_spell(location)}, which is not on this machine; name a local file there"
            raise TemplateError(why, file=str(self.file), resource="Transform")
        return dict(content)

    def _find_location(self, name: str, transform: Any) -> Any:
        match transform:
            case {"Name": "AWS::Include", "Parameters": {"Location": location}}:
                return location
        macro = transform.get("Name") if isinstance(transform, Mapping) else transform
        raise TemplateError(f"the transform {macro} is not run locally", file=str(self.file), resource=name)

    def _read(self, location: Any) -> Any:
        """Return the content of a local file, None for what is no such file."""
        try:
            text = Intrinsics(self.parameters).resolve(location)
        except UnresolvedError:
            return None
        if not isinstance(text, str) or isinstance(text, Unknown) or "://" in text:
            return None
        included = self.file.parent / text
        if not included.is_file():
            return None
        self.included.append(included)
        content, repeated = read_source(included)
        self.not_run.extend(repeated)
        return content

    def _extend(self, source: dict[str, Any]) -> dict[str, Any]:
        # A loop over what is not known is refused, as where a parameter has no value on AWS.
        known = {
            name: ",".join(value) if isinstance(value, list) else value
            for name, value in self.parameters.items()
            if find_unknown(value) is None
        }
        with reading(str(self.file)):
            return extend(source, known)


def _spell(location: Any) -> str:
    return location if isinstance(location, str) else f"the file at {location!r}"
