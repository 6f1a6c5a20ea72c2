"""Where the code of a template's functions and the content of its layers is on this machine."""

from __future__ import annotations

import copy
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Final

from local_stage.cloudformation.template_source import read_source
from local_stage.errors import NotRun

LAYER: Final = "AWS::Lambda::LayerVersion"
_SERVERLESS_LAYER: Final = "AWS::Serverless::LayerVersion"
_FUNCTION: Final = "AWS::Lambda::Function"
_SERVERLESS_FUNCTION: Final = "AWS::Serverless::Function"
_SAM_FOLDER: Final = ".aws-sam"
_APPLICATION: Final = "AWS::Serverless::Application"
_STATE_MACHINE: Final = "AWS::Serverless::StateMachine"
_PLAIN_STATE_MACHINE: Final = "AWS::StepFunctions::StateMachine"
_LAYER_METHODS: Final = ("makefile", "nodejs", "python")
"""Beginnings of the methods by which layers are built here."""
_BUCKET: Final = "local-stage"
"""Where `sam package` would have put code; it tells what the translator made of which layer."""

_CODE_PROPERTIES: Final[Mapping[str, str]] = {_SERVERLESS_FUNCTION: "CodeUri", _FUNCTION: "Code"}
_CONTENT_PROPERTIES: Final[Mapping[str, str]] = {_SERVERLESS_LAYER: "ContentUri", LAYER: "Content"}


@dataclass(frozen=True, slots=True)
class LayerContent:
    """A layer's folder or zip file, and the method by which `sam build` makes it, empty for as it is."""

    folder: Path
    method: str


@dataclass(frozen=True, slots=True)
class CodeBuild:
    """What `Metadata` says of a build, and the folder into which `sam build` puts what it makes."""

    sam_folder: Path
    method: str
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LocalCode:
    """What is on this machine, and what is not, by logical ids in the template as written.

    `folders` has the folder or zip file of each function whose code a property names, there or not; `builds`
    says how they are built, but for those of a template that `sam build` has written. `missing` says why one
    of them cannot be run. `layers` has the layers whose content is here, `not_run` names the others.
    """

    folders: Mapping[str, Path] = field(default_factory=dict)
    builds: Mapping[str, CodeBuild] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    layers: Mapping[str, LayerContent] = field(default_factory=dict)
    not_run: tuple[NotRun, ...] = ()

    @property
    def zip_files(self) -> tuple[Path, ...]:
        """The zip files among the folders."""
        folders = [*self.folders.values(), *(layer.folder for layer in self.layers.values())]
        return tuple(dict.fromkeys(folder for folder in folders if folder.is_file()))


def find_local_code(file: Path, source: Mapping[str, Any]) -> LocalCode:
    """Return where the code of the template's functions and layers is."""
    uris = {name: uri for name, uri in _read_code_uris(source).items() if uri is not _Elsewhere.INLINE}
    faults = {name: _find_fault(file, uri, "CodeUri") for name, uri in uris.items()}
    layers, not_run = _read_layers(file, source)
    return LocalCode(
        {name: _find_folder(file, uri) for name, uri in uris.items()},
        {
            name: build
            for name, uri in uris.items()
            if not _find_folder(file, uri).is_file()
            and (build := _read_build(file, name, source["Resources"][name]))
        },
        {name: why for name, why in faults.items() if why is not None},
        layers,
        not_run,
    )


def put_placeholders(source: Mapping[str, Any]) -> dict[str, Any]:
    """Return the template with code where `sam package` would have put it: the translator takes no other."""
    packaged = copy.deepcopy(dict(source))
    _shared(packaged).pop("CodeUri", None)
    for name, uri in _read_code_uris(source).items():
        resource = packaged["Resources"][name]
        if resource["Type"] == _SERVERLESS_FUNCTION and not isinstance(uri, _Elsewhere):
            resource.setdefault("Properties", {})["CodeUri"] = f"s3://{_BUCKET}/{name}"
        if resource["Type"] == _SERVERLESS_FUNCTION and uri is _Elsewhere.IMAGE:
            # `sam build` adds it to a function whose Metadata name a Dockerfile.
            resource.setdefault("Properties", {}).setdefault("ImageUri", f"{_BUCKET}/{name.lower()}")
    for name, resource in packaged["Resources"].items():
        if resource["Type"] == _STATE_MACHINE and _names_folder(
            (resource.get("Properties") or {}).get("DefinitionUri")
        ):
            resource["Properties"]["DefinitionUri"] = f"s3://{_BUCKET}/{name}"
        if resource["Type"] == _APPLICATION and isinstance(_read_location(resource), Mapping):
            # For what it is given here, the translator would ask AWS's repository of applications.
            resource["Properties"]["Location"] = f"s3://{_BUCKET}/{name}"
        properties = resource.setdefault("Properties", {}) if resource["Type"] in _CONTENT_PROPERTIES else {}
        if resource["Type"] == _SERVERLESS_LAYER:
            properties["ContentUri"] = f"s3://{_BUCKET}/{name}"
        elif resource["Type"] == LAYER:
            properties["Content"] = {"S3Bucket": _BUCKET, "S3Key": name}
    return packaged


def _read_location(resource: Mapping[str, Any]) -> Any:
    return (resource.get("Properties") or {}).get("Location")


def put_definitions(file: Path, source: Mapping[str, Any], resources: Mapping[str, Any]) -> tuple[Path, ...]:
    """Write into translated state machines the definitions that local files hold; return these files.

    Raises TemplateError for a file that cannot be read.
    """
    read = []
    for name, resource in resources.items():
        if resource["Type"] != _PLAIN_STATE_MACHINE:
            continue
        written = (source["Resources"].get(name) or {}).get("Properties") or {}
        uri = written.get("DefinitionUri", written.get("DefinitionS3Location"))
        path = _find_folder(file, uri)
        if _names_folder(uri) and path.is_file():
            read.append(path)
            del resource["Properties"]["DefinitionS3Location"]
            resource["Properties"]["DefinitionString"] = json.dumps(read_source(path)[0])
    return tuple(read)


def find_placeholder(resource: Mapping[str, Any]) -> str:
    """Return the logical id, as written, of a translated layer, whose own has a digest at its end."""
    return str(resource["Properties"]["Content"]["S3Key"])


def _read_build(file: Path, name: str, resource: Mapping[str, Any]) -> CodeBuild | None:
    metadata = resource.get("Metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    if _SAM_FOLDER in file.resolve().parts or metadata.get("SkipBuild") is True:
        return None
    properties = metadata.get("BuildProperties")
    return CodeBuild(
        file.parent.resolve() / _SAM_FOLDER / "build" / name,
        str(metadata.get("BuildMethod") or ""),
        properties if isinstance(properties, dict) else {},
    )


class _Elsewhere(Enum):
    INLINE = "inline"
    IMAGE = "image"


def _read_code_uris(source: Mapping[str, Any]) -> dict[str, Any]:
    """Return what each function says of its code, by logical id."""
    shared = _shared(source)
    return {
        name: _read_code_uri(resource["Type"], resource.get("Properties") or {}, shared)
        for name, resource in source["Resources"].items()
        if resource["Type"] in _CODE_PROPERTIES
    }


def _read_code_uri(kind: str, properties: Mapping[str, Any], shared: Mapping[str, Any]) -> Any:
    if kind == _FUNCTION:
        code = properties.get("Code")
        if isinstance(code, dict) and "ImageUri" in code:
            return _Elsewhere.IMAGE
        return _Elsewhere.INLINE if isinstance(code, dict) and "ZipFile" in code else code
    # For AWS's translator InlineCode wins over a CodeUri, which Globals may have.
    if "InlineCode" in properties:
        return _Elsewhere.INLINE
    if "ImageUri" in properties or properties.get("PackageType", shared.get("PackageType")) == "Image":
        return _Elsewhere.IMAGE
    # As for SAM CLI, code that no property names is the template's folder.
    return properties.get("CodeUri", shared.get("CodeUri", "."))


def _shared(source: Mapping[str, Any]) -> dict[str, Any]:
    shared: dict[str, Any] = (source.get("Globals") or {}).get("Function") or {}
    return shared


def _read_layers(file: Path, source: Mapping[str, Any]) -> tuple[dict[str, LayerContent], tuple[NotRun, ...]]:
    layers, not_run = {}, []
    for name, resource in source["Resources"].items():
        content = _CONTENT_PROPERTIES.get(resource["Type"])
        if content is None:
            continue
        uri = (resource.get("Properties") or {}).get(content)
        method = str((resource.get("Metadata") or {}).get("BuildMethod") or "")
        why = _find_fault(file, uri, content)
        if why is None and method and not method.startswith(_LAYER_METHODS):
            why = f"its build method {method} is not run locally"
        if why is None:
            layers[name] = LayerContent(_find_folder(file, uri), method)
        else:
            not_run.append(NotRun(name, f"{why}; functions run without it", content))
    return layers, tuple(not_run)


def _find_folder(file: Path, uri: Any) -> Path:
    return (file.parent / uri).resolve() if _names_folder(uri) else file.parent.resolve()


def _find_fault(file: Path, uri: Any, property_name: str) -> str | None:
    """Return why what a property names cannot be taken from this machine."""
    if uri is _Elsewhere.IMAGE:
        return "its code is a container image"
    if uri is None:
        return f"{property_name} is not there"
    if not _names_folder(uri):
        elsewhere = f"{uri}, which is" if isinstance(uri, str) else "what is"
        return f"{property_name} names {elsewhere} not on this machine"
    folder = _find_folder(file, uri)
    if folder.is_dir() or zipfile.is_zipfile(folder):
        return None
    found = "neither a folder nor a zip file" if folder.exists() else "not there"
    return f"{property_name} names {uri}, which is {found}"


def _names_folder(uri: Any) -> bool:
    return isinstance(uri, str) and not uri.startswith(("s3://", "https://"))
