"""A SAM template, read from its file and translated by AWS's own translator.

What the stage serves is what `sam deploy` would create: the translator that CloudFormation runs as
`AWS::Serverless-2016-10-31` is the one that runs here.
"""

from __future__ import annotations

import copy
import logging
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from local_stage.cloudformation.local_aws import new_session
from local_stage.cloudformation.template_source import read_parameters, read_source
from local_stage.cloudformation.unknown import find_unknown
from local_stage.errors import TemplateError

SERVERLESS_API: Final = "AWS::Serverless::Api"
_INVALID_RESOURCE: Final = re.compile(
    r"Resource with id \[(?P<logical_id>\w+)\] is invalid\. (?P<why>.*)", re.DOTALL
)
_WRITTEN_AS: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::ApiGateway::ApiKey": ("Auth", "UsagePlan"),
    "AWS::ApiGateway::DomainName": ("Domain",),
    "AWS::ApiGateway::UsagePlan": ("Auth", "UsagePlan"),
    "AWS::ApiGateway::UsagePlanKey": ("Auth", "UsagePlan"),
}
"""Properties of an `AWS::Serverless::Api` from which the translator makes resources of their own."""

LAYER: Final = "AWS::Lambda::LayerVersion"
SERVERLESS_LAYER: Final = "AWS::Serverless::LayerVersion"
PLACEHOLDER_BUCKET: Final = "local-stage"
_CONTENT_PROPERTIES: Final[Mapping[str, str]] = {SERVERLESS_LAYER: "ContentUri", LAYER: "Content"}
_BUILD_METHOD: Final = "python" + ".".join(platform.python_version_tuple()[:2])


@dataclass(frozen=True, slots=True)
class Template:
    """A template with its parameters' values.

    `source` is the template as written, `translated` is plain CloudFormation with its intrinsic functions
    still in place. `code_folders` has the local folder of each function whose `CodeUri` names one,
    `layer_contents` the content of each layer, by its logical id in `source`.
    `parameters` holds the values of the parameters, without the pseudo parameters. `imports` are the values
    that the developer gave for what other stacks export and for what SSM and Secrets Manager hold, by name.
    """

    file: Path
    source: Mapping[str, Any]
    translated: Mapping[str, Any]
    parameters: Mapping[str, Any]
    code_folders: Mapping[str, Path] = field(default_factory=dict)
    layer_contents: Mapping[str, LayerContent] = field(default_factory=dict)
    imports: Mapping[str, str] = field(default_factory=dict)

    @property
    def resources(self) -> Mapping[str, Any]:
        """The translated template's resources by logical id."""
        resources: Mapping[str, Any] = self.translated["Resources"]
        return resources

    def find_written(self, logical_id: str) -> tuple[str, str]:
        """Return the resource and property, as written, from which a translated resource comes."""
        written = _WRITTEN_AS.get(self.resources[logical_id]["Type"], ())
        if logical_id not in self.source["Resources"] and written:
            shared = self.source.get("Globals", {}).get("Api", {})
            for name, resource in self.source["Resources"].items():
                if resource["Type"] == SERVERLESS_API and (
                    _has(resource.get("Properties"), written) or _has(shared, written)
                ):
                    return name, ".".join(written)
        return logical_id, "Type"


def read_template(
    file: Path, overrides: Mapping[str, str], region: str, imports: Mapping[str, str] | None = None
) -> Template:
    """Read and translate a template.

    Raises StartError where the file cannot be read, is no template, or is refused by AWS's translator; it
    names the file, and the resource and property wherever there is one.
    """
    source = read_source(file)
    parameters = read_parameters(str(file), source.get("Parameters", {}), overrides, imports)
    code_folders = _find_code_folders(file, source)
    layer_contents = find_layer_contents(file, source)
    packaged = _with_placeholder_code(source, code_folders)
    put_placeholders(packaged, layer_contents)
    translated = _translate(file, packaged, parameters, region)
    return Template(file, source, translated, parameters, code_folders, layer_contents, imports or {})


def _has(properties: Any, path: tuple[str, ...]) -> bool:
    for name in path:
        properties = properties.get(name) if isinstance(properties, dict) else None
    return properties is not None


def _find_code_folders(file: Path, source: Mapping[str, Any]) -> dict[str, Path]:
    shared = source.get("Globals", {}).get("Function", {}).get("CodeUri")
    folders = {}
    for logical_id, resource in source["Resources"].items():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        properties = resource.get("Properties", {})
        code_uri = properties.get("CodeUri", shared)
        # For AWS's translator InlineCode wins over a CodeUri, which Globals may have.
        if code_uri is None or "InlineCode" in properties:
            continue
        folders[logical_id] = _read_code_uri(file, logical_id, code_uri)
    return folders


def _read_code_uri(file: Path, logical_id: str, code_uri: Any) -> Path:
    where = {"file": str(file), "resource": logical_id, "property_path": "CodeUri"}
    if not isinstance(code_uri, str) or code_uri.startswith("s3://"):
        raise TemplateError(
            "names no local folder; set it to the folder of the function's source, relative to the template",
            **where,
        )
    folder = (file.parent / code_uri).resolve()
    if not folder.is_dir():
        raise TemplateError(f"{code_uri} is not a folder", **where)
    return folder


def _with_placeholder_code(source: Mapping[str, Any], code_folders: Mapping[str, Path]) -> dict[str, Any]:
    # The translator takes only code in S3, where `sam package` would have put it.
    packaged = copy.deepcopy(dict(source))
    for logical_id in code_folders:
        resource = packaged["Resources"][logical_id]
        properties = resource.setdefault("Properties", {})
        properties["CodeUri"] = f"s3://local-stage/{logical_id}"
    packaged.get("Globals", {}).get("Function", {}).pop("CodeUri", None)
    return packaged


def _translate(
    file: Path, source: dict[str, Any], parameters: Mapping[str, Any], region: str
) -> Mapping[str, Any]:
    # boto3 and the translator take half a second to import: a command that only reads state need not pay it.
    from samtranslator.model.exceptions import InvalidDocumentException  # noqa: PLC0415
    from samtranslator.parser.parser import Parser  # noqa: PLC0415
    from samtranslator.translator.translator import Translator  # noqa: PLC0415

    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    translator = Translator({}, Parser(), boto_session=new_session(region))
    known = {name: value for name, value in parameters.items() if find_unknown(value) is None}
    for name in parameters.keys() - known.keys():
        # The translator would write it into texts, where nobody could tell any more that it is not known.
        source["Parameters"][name].pop("Default", None)
    try:
        translated: Mapping[str, Any] = translator.translate(source, known)
    except InvalidDocumentException as error:
        raise _as_start_error(file, error) from None
    return translated


def _as_start_error(file: Path, error: Any) -> TemplateError:
    """Return the translator's error; it says `Resource with id [HelloFunction] is invalid. <why>` of each."""
    causes = [str(cause.message) for cause in error.causes] or [str(error.message)]
    found = _INVALID_RESOURCE.fullmatch(causes[0])
    if len(causes) == 1 and found:
        return TemplateError(" ".join(found["why"].split()), file=str(file), resource=found["logical_id"])
    return TemplateError(" ".join("; ".join(causes).split()), file=str(file))


@dataclass(frozen=True, slots=True)
class LayerContent:
    """A layer's folder, and whether `sam build` would make the layer of it or take it as it is."""

    folder: Path
    is_built: bool


def find_layer_contents(file: Path, source: Mapping[str, Any]) -> dict[str, LayerContent]:
    """Return the content of each layer by its logical id in the template as written.

    Raises StartError, naming the property, for content that is not in a local folder, and for a layer that is
    built by another method than this Python.
    """
    return {
        logical_id: _read_content(file, logical_id, resource)
        for logical_id, resource in source["Resources"].items()
        if resource["Type"] in _CONTENT_PROPERTIES
    }


def put_placeholders(packaged: dict[str, Any], contents: Mapping[str, LayerContent]) -> None:
    """Put the layers' content where `sam package` would have put it: the translator takes nothing else."""
    for logical_id in contents:
        resource = packaged["Resources"][logical_id]
        properties = resource.setdefault("Properties", {})
        if resource["Type"] == SERVERLESS_LAYER:
            properties["ContentUri"] = f"s3://{PLACEHOLDER_BUCKET}/{logical_id}"
        else:
            properties["Content"] = {"S3Bucket": PLACEHOLDER_BUCKET, "S3Key": logical_id}


def find_placeholder(resource: Mapping[str, Any]) -> str:
    """Return the logical id, as written, of a translated layer, whose own has a digest at its end."""
    return str(resource["Properties"]["Content"]["S3Key"])


def _read_content(file: Path, logical_id: str, resource: Mapping[str, Any]) -> LayerContent:
    name = _CONTENT_PROPERTIES[resource["Type"]]
    where = {"file": str(file), "resource": logical_id, "property_path": name}
    uri = resource.get("Properties", {}).get(name)
    if not isinstance(uri, str) or uri.startswith("s3://"):
        raise TemplateError(
            "names no local folder; set it to the folder of the layer's content",
            **where,
        )
    folder = (file.parent / uri).resolve()
    if not folder.is_dir():
        raise TemplateError(f"{uri} is not a folder", **where)
    return LayerContent(folder, _is_built(file, logical_id, resource))


def _is_built(file: Path, logical_id: str, resource: Mapping[str, Any]) -> bool:
    method = (resource.get("Metadata") or {}).get("BuildMethod")
    if method not in {None, _BUILD_METHOD}:
        why = f"{method!r} cannot be built here; use {_BUILD_METHOD}, or omit it for a folder ready to use"
        raise TemplateError(why, file=str(file), resource=logical_id, property_path="Metadata.BuildMethod")
    return method is not None
