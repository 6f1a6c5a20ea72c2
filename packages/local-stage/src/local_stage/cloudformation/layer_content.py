"""Where the content of a template's layers is on this machine."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local_stage.errors import TemplateError

LAYER: Final = "AWS::Lambda::LayerVersion"
SERVERLESS_LAYER: Final = "AWS::Serverless::LayerVersion"

PLACEHOLDER_BUCKET: Final = "local-stage"

_CONTENT_PROPERTIES: Final[Mapping[str, str]] = {SERVERLESS_LAYER: "ContentUri", LAYER: "Content"}
_BUILD_METHOD: Final = "python" + ".".join(platform.python_version_tuple()[:2])


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
        raise TemplateError("names no local folder; a layer's content has to be on this machine", **where)
    folder = (file.parent / uri).resolve()
    if not folder.is_dir():
        raise TemplateError(f"{uri} is not a folder", **where)
    return LayerContent(folder, _is_built(file, logical_id, resource))


def _is_built(file: Path, logical_id: str, resource: Mapping[str, Any]) -> bool:
    method = (resource.get("Metadata") or {}).get("BuildMethod")
    if method not in {None, _BUILD_METHOD}:
        why = f"{method!r} cannot be built here; {_BUILD_METHOD} can, and a folder that needs no building"
        raise TemplateError(why, file=str(file), resource=logical_id, property_path="Metadata.BuildMethod")
    return method is not None
