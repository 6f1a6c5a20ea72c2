"""template.yaml as it is written, and as AWS's own translator deploys it in an environment."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from local_stage.cloudformation.intrinsics import Intrinsics, PhysicalResource, referenced_attributes
from local_stage.cloudformation.template import Template, read_template

FILE: Final = Path(__file__).parents[3] / "template.yaml"
ENVIRONMENTS: Final = ("dev", "staging", "prod")
AUTHORIZER: Final = "UserPoolAuthorizer"

_PSEUDO_PARAMETERS: Final = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "ap-northeast-1",
    "AWS::StackId": "arn:aws:cloudformation:ap-northeast-1:123456789012:stack/hello/0-1-2",
    "AWS::StackName": "hello",
    "AWS::URLSuffix": "amazonaws.com",
}


@functools.cache
def template(environment: str = "dev", **parameters: str) -> Template:
    """Return the template with an environment's parameters, and others by name."""
    return read_template(FILE, {"Environment": environment, **parameters}, "ap-northeast-1")


@functools.cache
def intrinsics(environment: str = "dev", **parameters: str) -> Intrinsics:
    """Return what resolves an environment's values; each resource is called by its logical id."""
    read = template(environment, **parameters)
    attributes: dict[str, dict[str, str]] = {name: {} for name in read.resources}
    for logical_id, attribute in referenced_attributes(list(read.resources.values())):
        attributes[logical_id][attribute] = f"{logical_id}.{attribute}"
    return Intrinsics(
        parameters={**read.parameters, **_PSEUDO_PARAMETERS},
        conditions=read.translated["Conditions"],
        mappings=read.translated["Mappings"],
        resources={name: PhysicalResource(name, found) for name, found in attributes.items()},
    )


def written() -> Mapping[str, Any]:
    """Return the resources as they are written."""
    resources: Mapping[str, Any] = template().source["Resources"]
    return resources


def properties(logical_id: str) -> Mapping[str, Any]:
    """Return a resource's properties as they are written."""
    found: Mapping[str, Any] = written()[logical_id]["Properties"]
    return found


def deployed(environment: str = "dev", **parameters: str) -> dict[str, Mapping[str, Any]]:
    """Return the resources that exist in an environment, with every value resolved."""
    values = intrinsics(environment, **parameters)
    return {
        name: values.resolve(resource)
        for name, resource in template(environment, **parameters).resources.items()
        if values.holds(resource)
    }


def of_type(resources: Mapping[str, Mapping[str, Any]], kind: str) -> dict[str, Mapping[str, Any]]:
    """Return the properties of the resources of a type, by logical id."""
    return {
        name: resource.get("Properties", {})
        for name, resource in resources.items()
        if resource["Type"] == kind
    }


def methods() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield (verb, path, operation) of the OpenAPI document that is deployed."""
    for path, item in template().resources["HelloApi"]["Properties"]["Body"]["paths"].items():
        for verb, operation in item.items():
            yield verb, path, operation


def texts(value: Any) -> Iterator[str]:
    """Yield every key and value, as text."""
    match value:
        case dict():
            for key, member in value.items():
                yield from (str(key), *texts(member))
        case list():
            for member in value:
                yield from texts(member)
        case _:
            yield str(value)
