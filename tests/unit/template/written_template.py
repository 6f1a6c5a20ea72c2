"""The templates as they are written, and as AWS's own translator deploys them in an environment."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from local_stage.cloudformation.intrinsics import Intrinsics, PhysicalResource
from local_stage.cloudformation.references import referenced_attributes
from local_stage.cloudformation.template import Template, read_template

FILE: Final = Path(__file__).parents[3] / "template.yaml"
OPERATIONS: Final = FILE.parent / "operations" / "operations.yaml"
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

_FROM_OUTPUTS: Final = (
    "ApiId",
    "UserPoolId",
    "HelloFunctionName",
    "AccessLogGroup",
    "AlarmTopicArn",
    "DeploymentAlarms",
)
"""Parameters of the second template that have the names of outputs of the first."""


@functools.cache
def template(environment: str = "dev", **parameters: str) -> Template:
    """Return the template with an environment's parameters, and others by name."""
    return read_template(FILE, {"Environment": environment, **parameters}, "ap-northeast-1")


@functools.cache
def intrinsics(environment: str = "dev", **parameters: str) -> Intrinsics:
    """Return what resolves an environment's values; each resource is called by its logical id."""
    return _resolving(template(environment, **parameters))


def _resolving(read: Template) -> Intrinsics:
    attributes: dict[str, dict[str, str]] = {name: {} for name in read.resources}
    outputs = list(read.translated.get("Outputs", {}).values())
    for logical_id, attribute in referenced_attributes([*read.resources.values(), *outputs]):
        attributes[logical_id][attribute] = f"{logical_id}.{attribute}"
    return Intrinsics(
        parameters={**read.parameters, **_PSEUDO_PARAMETERS},
        conditions=read.translated["Conditions"],
        mappings=read.translated.get("Mappings", {}),
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
    return _existing(template(environment, **parameters), "Resources")


def outputs(environment: str = "dev", **parameters: str) -> dict[str, Any]:
    """Return the values of the outputs that an environment's stack has."""
    found = _existing(template(environment, **parameters), "Outputs")
    return {name: output["Value"] for name, output in found.items()}


@functools.cache
def operations_template(environment: str = "prod", **parameters: str) -> Template:
    """Return the second template with the outputs of an environment's stack, and other parameters by name."""
    made = outputs(environment)
    given: dict[str, str] = {name: made[name] for name in _FROM_OUTPUTS if name in made}
    names = {"ApiName": _PSEUDO_PARAMETERS["AWS::StackName"], "Environment": environment}
    return read_template(OPERATIONS, {**names, **given, **parameters}, "ap-northeast-1")


def operations(environment: str = "prod", **parameters: str) -> dict[str, Mapping[str, Any]]:
    """Return the resources of the second template where it gets the outputs of an environment's stack."""
    return _existing(operations_template(environment, **parameters), "Resources")


def _existing(read: Template, section: str) -> dict[str, Mapping[str, Any]]:
    values = _resolving(read)
    members: Mapping[str, Any] = read.translated[section]
    return {name: values.resolve(member) for name, member in members.items() if values.holds(member)}


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
