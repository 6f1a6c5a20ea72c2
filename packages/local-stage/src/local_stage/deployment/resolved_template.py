"""A template whose resources have names: what the stage reads of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from local_stage.api_gateway.rest.definition.rest_api_reader import read_rest_api
from local_stage.api_gateway.rest.rest_api import RestApi
from local_stage.cloudformation.intrinsics import Intrinsics
from local_stage.cloudformation.local_code import LAYER
from local_stage.cloudformation.placement import Placement
from local_stage.cloudformation.references import referenced_attributes
from local_stage.cloudformation.template import Template
from local_stage.cloudformation.unknown import find_unknown, iterate_unknown
from local_stage.deployment.function_definition import FunctionSource, find_layers, read_function_settings
from local_stage.deployment.invoked_functions import find_versions
from local_stage.deployment.target import Target
from local_stage.errors import NotRun, NotRunLocally, TemplateError, reading
from local_stage.lambda_runtime.function_settings import FunctionSettings

REST_API: Final = "AWS::ApiGateway::RestApi"
STAGE: Final = "AWS::ApiGateway::Stage"
FUNCTION: Final = "AWS::Lambda::Function"
USER_POOL: Final = "AWS::Cognito::UserPool"
EVENT_SOURCES: Final = frozenset(
    {
        "AWS::Events::Rule",
        "AWS::IoT::TopicRule",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Logs::SubscriptionFilter",
        "AWS::SNS::Subscription",
        "AWS::Scheduler::Schedule",
    }
)
"""Types that invoke a function when something other than a request happens."""


@dataclass(frozen=True, slots=True)
class PlacedTemplate:
    """A template, and which of its resources run where."""

    template: Template
    placement: Placement

    @property
    def file(self) -> str:
        """The template's path, as messages name it."""
        return str(self.template.file)

    def find(self, kind: str) -> list[str]:
        """Return the logical ids of the resources of a type, in order, without those that do not exist."""
        placement = self.placement
        everywhere = placement.in_local_aws | placement.in_stage | placement.not_run
        return sorted(name for name in everywhere if self.template.resources[name]["Type"] == kind)

    def properties(self, logical_id: str) -> Mapping[str, Any]:
        """Return a resource's properties, their intrinsic functions unresolved."""
        properties: Mapping[str, Any] = self.template.resources[logical_id].get("Properties", {})
        return properties

    def find_api(self) -> str:
        """Return the logical id of the REST API. Raises TemplateError unless there is one."""
        found = self.find(REST_API)
        if len(found) != 1:
            why = "has no AWS::Serverless::Api to serve"
            if found:
                why = f"has {len(found)} REST APIs ({', '.join(found)}); the stage serves one"
            raise TemplateError(why, file=self.file, resource="Resources")
        return found[0]

    def find_stage(self, api: str) -> str:
        """Return the logical id of an API's stage. Raises TemplateError unless there is one."""
        stages = [name for name in self.find(STAGE) if self.properties(name)["RestApiId"] == {"Ref": api}]
        if len(stages) != 1:
            raise TemplateError(
                f"has {len(stages)} stages; the stage serves one", file=self.file, resource=api
            )
        return stages[0]

    def wanted_attributes(self) -> frozenset[tuple[str, str]]:
        """Return which attributes of the local AWS's resources the stage reads, by logical id and name."""
        mine = [self.template.resources[name] for name in self.placement.in_stage]
        wanted = referenced_attributes([*mine, self.template.translated.get("Outputs", {})])
        pools = {(name, "Arn") for name in self.find(USER_POOL)}
        in_local_aws = self.placement.in_local_aws
        return frozenset(pair for pair in wanted | pools if pair[0] in in_local_aws)

    @property
    def types(self) -> dict[str, str]:
        """Each resource's type by its logical id: as it is written, or else as SAM makes it."""
        resources = {**self.template.resources, **self.template.source["Resources"]}
        return {logical_id: str(resource["Type"]) for logical_id, resource in resources.items()}

    def find_not_run(self) -> Iterator[NotRun]:
        """Yield the resources that are not run, and the layers whose content is not here."""
        yield from self.template.code.not_run
        for name in sorted(self.placement.not_run):
            is_source = self.template.resources[name]["Type"] in EVENT_SOURCES
            yield NotRun(name, "it does not fire locally" if is_source else "it is not run locally")


@dataclass(frozen=True, slots=True)
class ResolvedTemplate:
    """A placed template with the names of its resources, in `intrinsics`.

    `inline_folder` is where inline code may be written; `environment_overrides` holds variables by function.
    `not_run` is the list to which every reader adds what it finds.
    """

    placed: PlacedTemplate
    target: Target
    intrinsics: Intrinsics
    inline_folder: Path
    environment_overrides: Mapping[str, Mapping[str, str]]
    not_run: NotRunLocally

    def read_api(self) -> RestApi:
        """Return the API. Raises StartError for what cannot be enforced."""
        api = self.placed.find_api()
        stage = self.placed.find_stage(api)
        rest_api, not_run = read_rest_api(
            file=self.placed.file,
            logical_id=api,
            rest_api_properties=self._resolve(api, self.placed.properties(api)),
            stage_properties=self._resolve(stage, _without_log_group(self.placed.properties(stage))),
            api_id=self.intrinsics.resources[api].ref,
            deployment_id=str(self.intrinsics.resolve(self.placed.properties(stage)["DeploymentId"])),
            written_properties=self.placed.template.source["Resources"].get(api, {}).get("Properties"),
        )
        self.not_run.add(*not_run)
        return rest_api

    def read_functions(self) -> list[FunctionSettings]:
        """Return the functions' settings. Raises StartError for what is not run as Lambda runs it."""
        return [
            read_function_settings(
                self.placed.file,
                logical_id,
                self.placed.properties(logical_id),
                self.intrinsics.resources[logical_id],
                source=self._function_source(logical_id),
                resolve=partial(self._resolve_property, logical_id),
            )
            for logical_id in self.placed.find(FUNCTION)
        ]

    def find_versions(self) -> dict[str, str]:
        """Return the version behind the ARN of each alias and version."""
        return find_versions(self.placed.template, self.placed.placement.in_stage, self.intrinsics)

    def resolve_outputs(self) -> dict[str, str]:
        """Return the outputs that are known, with where they lead on this machine."""
        outputs = {}
        for name, output in self.placed.template.translated.get("Outputs", {}).items():
            if not self.intrinsics.holds(output):
                continue
            value = self._guessing.resolve(output["Value"])
            if unknown := find_unknown(value):
                self.not_run.add(NotRun("Outputs", f"its value depends on {unknown.reason}", name))
            else:
                outputs[name] = self._localize(str(value))
        return outputs

    def find_local_user_pool_arns(self) -> frozenset[str]:
        """Return the ARNs of the user pools that the local AWS has."""
        pools = self.placed.placement.in_local_aws.intersection(self.placed.find(USER_POOL))
        return frozenset(self.intrinsics.resources[pool].attributes["Arn"] for pool in pools)

    def _localize(self, text: str) -> str:
        """Replace what names the API or the pool's domain on AWS by where they are on this machine."""
        api = self.placed.find_api()
        api_id = re.escape(self.intrinsics.resources[api].ref)
        text = re.sub(
            rf"https://{api_id}\.execute-api\.[a-z0-9-]+\.amazonaws\.com", self.target.api_origin, text
        )
        return re.sub(
            r"https://[a-z0-9-]+\.auth\.[a-z0-9-]+\.amazoncognito\.com", self.target.aws_endpoint_url, text
        )

    def _function_source(self, logical_id: str) -> FunctionSource:
        code = self.placed.template.code
        return FunctionSource(
            code.folders.get(logical_id),
            self.inline_folder,
            self.environment_overrides,
            find_layers(self.placed.template, self.placed.find(LAYER), self.intrinsics),
            code.missing.get(logical_id, ""),
            self.not_run.add,
        )

    def _resolve(self, logical_id: str, value: Any) -> Any:
        with reading(self.placed.file, logical_id):
            return self._note(self.intrinsics.resolve(value))

    def _resolve_property(self, logical_id: str, value: Any, property_path: str) -> Any:
        """Return a value that does not decide who may call, and may therefore be a guess."""
        with reading(self.placed.file, logical_id, property_path):
            return self._note(self._guessing.resolve(value))

    def _note(self, value: Any) -> Any:
        self.not_run.add(*(unknown.source for unknown in iterate_unknown(value)))
        return value

    @property
    def _guessing(self) -> Intrinsics:
        return replace(self.intrinsics, guesses_branches=True)


def _without_log_group(value: Any) -> Any:
    """Return the stage's properties without the access log's destination: locally the log is a file."""
    if isinstance(value, list):
        return [_without_log_group(item) for item in value]
    if isinstance(value, Mapping):
        return {name: _without_log_group(item) for name, item in value.items() if name != "DestinationArn"}
    return value
