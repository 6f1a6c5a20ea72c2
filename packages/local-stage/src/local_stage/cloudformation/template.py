"""A SAM template, read from its file and translated: the stage serves what `sam deploy` would create."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from local_stage.cloudformation.intrinsics import Intrinsics
from local_stage.cloudformation.local_code import (
    LocalCode,
    find_local_code,
    put_definitions,
    put_placeholders,
)
from local_stage.cloudformation.local_resources import localize
from local_stage.cloudformation.references import find_dynamic_references
from local_stage.cloudformation.template_parameters import find_ssm_names, read_parameters
from local_stage.cloudformation.template_source import (
    check_anatomy,
    check_parameters,
    read_source,
    require_resources,
)
from local_stage.cloudformation.transforms import Transforms
from local_stage.cloudformation.translation import translate
from local_stage.cloudformation.unknown import find_unknown
from local_stage.errors import NotRun

SERVERLESS_API: Final = "AWS::Serverless::Api"
_WRITTEN_AS: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::ApiGateway::ApiKey": ("Auth", "UsagePlan"),
    "AWS::ApiGateway::DomainName": ("Domain",),
    "AWS::ApiGateway::UsagePlan": ("Auth", "UsagePlan"),
    "AWS::ApiGateway::UsagePlanKey": ("Auth", "UsagePlan"),
}
"""Properties of an `AWS::Serverless::Api` from which the translator makes resources of their own."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template with its parameters' values.

    `source` is the template as written, `translated` is plain CloudFormation with its intrinsic functions
    still in place; its resources are as `localize` leaves them, and `not_run` says what is
    missing. `code` says where the code of functions and the content of layers is.
    `parameters` holds the values of the parameters, without the pseudo parameters. `imports` are the values
    that the developer gave for what other stacks export and for what SSM and Secrets Manager hold, by name.
    `ssm_names` has the SSM parameter that each parameter of such a type names.
    `included` are the other files that it consists of, zip files of code among them: a change of one of them
    is a change of the template.
    """

    file: Path
    source: Mapping[str, Any]
    translated: Mapping[str, Any]
    parameters: Mapping[str, Any]
    code: LocalCode
    imports: Mapping[str, str] = field(default_factory=dict)
    not_run: tuple[NotRun, ...] = ()
    ssm_names: Mapping[str, str] = field(default_factory=dict)
    included: tuple[Path, ...] = ()

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
    file: Path,
    overrides: Mapping[str, str],
    region: str,
    imports: Mapping[str, str] | None = None,
    translations: Path | None = None,
) -> Template:
    """Read and translate a template; `translations` is the folder where translations are kept, if they are.

    Raises StartError where the file cannot be read, is no template, or is refused by AWS's translator; it
    names the file, and the resource and property wherever there is one.
    """
    written, repeated = read_source(file)
    require_resources(str(file), written)
    check_parameters(str(file), written)
    parameters = read_parameters(str(file), written.get("Parameters", {}), overrides, imports)
    transforms = Transforms(file, {**parameters, "AWS::Region": region}, repeated)
    source = transforms.apply(written)
    check_anatomy(str(file), source)
    translated = translate(file, put_placeholders(source), parameters, region, translations)
    translated["Resources"], not_run = localize(translated["Resources"])
    definitions = put_definitions(file, source, translated["Resources"])
    code = find_local_code(file, source)
    return Template(
        file,
        source,
        translated,
        parameters,
        code,
        imports or {},
        (*transforms.not_run, *code.not_run, *not_run),
        find_ssm_names(source.get("Parameters", {}), overrides),
        (*transforms.included, *definitions, *code.zip_files),
    )


def learn_values(
    template: Template,
    intrinsics: Intrinsics,
    find_values: Callable[[Collection[tuple[str, str]]], Mapping[str, str]],
) -> Intrinsics:
    """Return the intrinsics with what is found of the template's dynamic references and SSM parameters.

    `find_values` returns what is there of (service, key) pairs, by `service:key`.
    """
    references = {*find_dynamic_references(template.translated)}
    references |= {("ssm", name) for name in template.ssm_names.values()}
    found = find_values(references) if references else {}
    parameters = dict(intrinsics.parameters)
    for parameter, name in template.ssm_names.items():
        was, value = parameters[parameter], found.get(f"ssm:{name}")
        if value is not None and find_unknown(was) is not None:
            parameters[parameter] = value.split(",") if isinstance(was, list) else value
    return replace(intrinsics, imports={**found, **template.imports}, parameters=parameters)


def _has(properties: Any, path: tuple[str, ...]) -> bool:
    for name in path:
        properties = properties.get(name) if isinstance(properties, dict) else None
    return properties is not None
