"""What one template becomes on this machine: a REST API, its functions, and a stack in the local AWS."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from local_stage.api_gateway.rest.definition.rest_api_reader import read_rest_api
from local_stage.api_gateway.rest.rest_api import RestApi
from local_stage.cloudformation.intrinsics import (
    Intrinsics,
    PhysicalResource,
    UnresolvedError,
    referenced_attributes,
)
from local_stage.cloudformation.placement import PlaceholderResources, place_resources
from local_stage.cloudformation.stack import LocalStack, LocalTemplate
from local_stage.cloudformation.template import LAYER, Template
from local_stage.deployment.function_definition import FunctionSource, find_layers, read_function_settings
from local_stage.deployment.invoked_functions import (
    find_invoked_functions,
    find_unshared_concurrency,
    find_versions,
)
from local_stage.deployment.required_groups import RequiredGroups, read_required_groups
from local_stage.deployment.target import ACCOUNT_ID, Target
from local_stage.errors import IgnoredProperty, TemplateError, reading
from local_stage.lambda_runtime.function_settings import FunctionSettings

REST_API: Final = "AWS::ApiGateway::RestApi"
STAGE: Final = "AWS::ApiGateway::Stage"
FUNCTION: Final = "AWS::Lambda::Function"
USER_POOL: Final = "AWS::Cognito::UserPool"

_MADE_UP_STACK_ID: Final = "arn:aws:cloudformation:::stack/made-up/0-0-0-0-0"
_MADE_UP_POOL: Final = "MadeUp"


def is_made_up(user_pool_arn: str) -> bool:
    """Say whether the pool is one of the template's own whose name is not known: `Deployer.read_rest_api`."""
    return user_pool_arn.endswith(f"_{_MADE_UP_POOL}")


@dataclass(frozen=True, slots=True)
class Deployment:
    """Everything of a template that runs on this machine, and what does not.

    `apis` are as a stage serves them, in the order of their logical ids.
    `functions` are by the ARN with which the API invokes them, their own where it does not. `outputs` are the
    stack's, with the API's origin on AWS replaced by the local one. `required_groups` are those that the
    template says the functions ask for.
    """

    apis: tuple[RestApi, ...]
    functions: Mapping[str, FunctionSettings]
    outputs: Mapping[str, str]
    local_user_pool_arns: frozenset[str]
    not_run: tuple[IgnoredProperty, ...]
    required_groups: RequiredGroups = field(default_factory=dict)

    @property
    def sole_api(self) -> RestApi:
        """The API of a template that has one, as every template that is served has."""
        (api,) = self.apis
        return api


class Deployer:
    """Deploys a template to the local AWS and reads from the result what the stage serves.

    Its methods block.
    """

    def __init__(
        self,
        template: Template,
        target: Target,
        stack: LocalStack,
        *,
        inline_folder: Path,
        environment_overrides: Mapping[str, Mapping[str, str]],
    ) -> None:
        self._template = template
        self._target = target
        self._stack = stack
        self._inline_folder = inline_folder
        self._environment_overrides = environment_overrides
        self._file = str(template.file)
        self._intrinsics = Intrinsics(
            parameters={**template.parameters, **target.pseudo_parameters},
            conditions=template.translated.get("Conditions", {}),
            mappings=template.translated.get("Mappings", {}),
        )
        with reading(self._file):
            self._placement = place_resources(
                self._file, template.resources, self._intrinsics, template.find_written
            )
        self._local_template = LocalTemplate(
            template.translated, self._placement.in_local_aws, self._wanted_attributes(), target.stack_name
        )

    def check(self) -> None:
        """Refuse a template before anything is deployed, so that one which is refused changes nothing.

        What the local AWS names has a made-up name meanwhile. Raises StartError for what cannot be resolved
        or enforced, naming resource and property.
        """
        with reading(self._file):
            intrinsics = self._with_resources(self._make_up_resources(), stack_id=_MADE_UP_STACK_ID)
            self._resolve_outputs(intrinsics)
            self._read_rest_api(intrinsics)
            self._read_functions(intrinsics)
            find_versions(self._template, self._placement.in_stage, intrinsics)
            read_required_groups(self._template.file)

    def read_rest_api(self, user_pool_arns: Mapping[str, str] | None = None) -> RestApi:
        """Return the API as the template alone tells it: nothing is deployed and no stack is asked.

        `user_pool_arns` are those of the template's own pools by logical id, as far as they are known. Raises
        StartError for what cannot be resolved or enforced, naming resource and property.
        """
        pools = {
            logical_id: PhysicalResource(arn.rpartition("/")[2], {"Arn": arn})
            for logical_id, arn in (user_pool_arns or {}).items()
        }
        with reading(self._file):
            resources = self._make_up_resources() | pools
            rest_api, _ = self._read_rest_api(self._with_resources(resources, stack_id=_MADE_UP_STACK_ID))
            return rest_api

    def deploy(self) -> Deployment:
        """Bring the stack up in the local AWS and return what the stage serves.

        Raises StartError for what cannot be deployed, resolved or enforced, naming resource and property.
        """
        with reading(self._file):
            intrinsics, outputs, not_known = self._deploy_stack()
            rest_api, not_run = self._read_rest_api(intrinsics)
            functions = self._read_functions(intrinsics)
            versions = find_versions(self._template, self._placement.in_stage, intrinsics)
            invoked = find_invoked_functions(functions, versions, rest_api.function_arns)
            not_run += find_unshared_concurrency(invoked.values())
            return Deployment(
                apis=(rest_api,),
                functions=invoked,
                outputs=outputs,
                local_user_pool_arns=self._local_user_pool_arns(intrinsics),
                not_run=(*not_run, *self._resources_not_run(), *not_known),
                required_groups=read_required_groups(self._template.file),
            )

    def _deploy_stack(self) -> tuple[Intrinsics, dict[str, str], list[IgnoredProperty]]:
        # Outputs may name resources that exist only once the stack does, so they are written in a second
        # step. At a restart the first guess, the stack's present outputs, is right and nothing is updated.
        outputs = self._stack.outputs()
        while True:
            self._stack.deploy(self._local_template.body(self._describe(outputs)), self._template.parameters)
            intrinsics = self._with_resources(
                self._stack.physical_resources(self._local_template), stack_id=self._stack.stack_id()
            )
            resolved, not_known = self._resolve_outputs(intrinsics)
            if resolved == outputs:
                return intrinsics, resolved, not_known
            outputs = resolved

    def _with_resources(self, resources: Mapping[str, PhysicalResource], *, stack_id: str) -> Intrinsics:
        deployed = replace(
            self._intrinsics,
            parameters={**self._intrinsics.parameters, "AWS::StackId": stack_id},
            resources=resources,
        )
        stand_ins = PlaceholderResources(self._file, self._target.stack_name, self._target.region, ACCOUNT_ID)
        return stand_ins.add(deployed, self._template.resources, self._placement.in_stage)

    def _make_up_resources(self) -> dict[str, PhysicalResource]:
        region = self._target.region
        arn = f"arn:aws:cognito-idp:{region}:{ACCOUNT_ID}:userpool/{region}_{_MADE_UP_POOL}"
        attributes: dict[str, dict[str, str]] = {}
        for logical_id, attribute in self._wanted_attributes():
            attributes.setdefault(logical_id, {})[attribute] = arn
        return {
            logical_id: PhysicalResource(logical_id, attributes.get(logical_id, {}))
            for logical_id in self._placement.in_local_aws
        }

    def _describe(self, outputs: Mapping[str, str]) -> dict[str, Any]:
        declared = self._template.translated.get("Outputs", {})
        return {
            name: {"Value": value, "Description": declared.get(name, {}).get("Description", "")}
            for name, value in outputs.items()
        }

    def _resolve_outputs(self, intrinsics: Intrinsics) -> tuple[dict[str, str], list[IgnoredProperty]]:
        outputs, not_known = {}, []
        for name, output in self._template.translated.get("Outputs", {}).items():
            if not intrinsics.holds(output):
                continue
            try:
                outputs[name] = self._localize(intrinsics, str(intrinsics.resolve(output["Value"])))
            except UnresolvedError as error:
                not_known.append(IgnoredProperty("Outputs", name, error.why))
        return outputs, not_known

    def _localize(self, intrinsics: Intrinsics, text: str) -> str:
        """Replace what names the API or the pool's domain on AWS by where they are on this machine."""
        (api,) = self._existing(REST_API)
        api_id = re.escape(intrinsics.resources[api].ref)
        text = re.sub(
            rf"https://{api_id}\.execute-api\.[a-z0-9-]+\.amazonaws\.com", self._target.api_origin, text
        )
        return re.sub(
            r"https://[a-z0-9-]+\.auth\.[a-z0-9-]+\.amazoncognito\.com", self._target.aws_endpoint_url, text
        )

    def _read_rest_api(self, intrinsics: Intrinsics) -> tuple[RestApi, list[IgnoredProperty]]:
        (api,) = self._existing(REST_API)
        stage = self._find_stage(api)
        return read_rest_api(
            file=self._file,
            logical_id=api,
            rest_api_properties=self._resolve(intrinsics, api, self._properties(api)),
            stage_properties=self._resolve(intrinsics, stage, _without_log_group(self._properties(stage))),
            api_id=intrinsics.resources[api].ref,
            deployment_id=str(intrinsics.resolve(self._properties(stage)["DeploymentId"])),
            written_properties=self._template.source["Resources"].get(api, {}).get("Properties"),
        )

    def _read_functions(self, intrinsics: Intrinsics) -> list[FunctionSettings]:
        return [
            read_function_settings(
                self._file,
                logical_id,
                self._properties(logical_id),
                intrinsics.resources[logical_id],
                source=self._function_source(intrinsics, logical_id),
                resolve=partial(self._resolve, intrinsics, logical_id),
            )
            for logical_id in self._existing(FUNCTION)
        ]

    def _function_source(self, intrinsics: Intrinsics, logical_id: str) -> FunctionSource:
        code_folder = self._template.code_folders.get(logical_id)
        layers = find_layers(self._template, self._existing(LAYER), intrinsics)
        return FunctionSource(code_folder, self._inline_folder, self._environment_overrides, layers)

    def _resolve(
        self, intrinsics: Intrinsics, logical_id: str, value: Any, property_path: str | None = None
    ) -> Any:
        with reading(self._file, logical_id, property_path):
            return intrinsics.resolve(value)

    def _wanted_attributes(self) -> frozenset[tuple[str, str]]:
        mine = [self._template.resources[name] for name in self._placement.in_stage]
        wanted = referenced_attributes([*mine, self._template.translated.get("Outputs", {})])
        pools = {(name, "Arn") for name in self._existing(USER_POOL)}
        in_local_aws = self._placement.in_local_aws
        return frozenset(pair for pair in wanted | pools if pair[0] in in_local_aws)

    def _local_user_pool_arns(self, intrinsics: Intrinsics) -> frozenset[str]:
        pools = self._placement.in_local_aws.intersection(self._existing(USER_POOL))
        return frozenset(intrinsics.resources[pool].attributes["Arn"] for pool in pools)

    def _resources_not_run(self) -> Iterable[IgnoredProperty]:
        for name in sorted(self._placement.not_run):
            yield IgnoredProperty(
                name, "Type", f"{self._template.resources[name]['Type']} is not run locally"
            )

    def _existing(self, kind: str) -> list[str]:
        everywhere = self._placement.in_local_aws | self._placement.in_stage | self._placement.not_run
        found = sorted(name for name in everywhere if self._template.resources[name]["Type"] == kind)
        if kind == REST_API and len(found) != 1:
            why = "has no AWS::Serverless::Api to serve"
            if found:
                why = f"has {len(found)} REST APIs ({', '.join(found)}); the stage serves one"
            raise TemplateError(why, file=self._file, resource="Resources")
        return found

    def _find_stage(self, api: str) -> str:
        stages = [
            name for name in self._existing(STAGE) if self._properties(name)["RestApiId"] == {"Ref": api}
        ]
        if len(stages) != 1:
            raise TemplateError(
                f"has {len(stages)} stages; the stage serves one", file=self._file, resource=api
            )
        return stages[0]

    def _properties(self, logical_id: str) -> Mapping[str, Any]:
        properties: Mapping[str, Any] = self._template.resources[logical_id].get("Properties", {})
        return properties


def _without_log_group(value: Any) -> Any:
    """Return the stage's properties without the access log's destination: locally the log is a file."""
    if isinstance(value, list):
        return [_without_log_group(item) for item in value]
    if isinstance(value, Mapping):
        return {name: _without_log_group(item) for name, item in value.items() if name != "DestinationArn"}
    return value
