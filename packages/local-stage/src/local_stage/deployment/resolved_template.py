"""A template whose resources have names: what the stage reads of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from local_stage.api_gateway.http import resources as http_resources
from local_stage.api_gateway.http.http_api import HttpApi
from local_stage.api_gateway.http.http_api_reader import read_http_api
from local_stage.api_gateway.rest.definition import resources as rest_resources
from local_stage.api_gateway.rest.definition.rest_api_reader import read_rest_api
from local_stage.api_gateway.template_part import ApiResource
from local_stage.api_gateway.unplaced_route import DECIDING_TYPES
from local_stage.api_gateway.usage_plan import ApiKey, UsagePlan
from local_stage.cloudformation.event_settings import EVENT_KINDS, find_undone_events
from local_stage.cloudformation.intrinsics import Intrinsics
from local_stage.cloudformation.local_code import LAYER
from local_stage.cloudformation.pool_settings import CLIENT, USER_POOL, find_undone
from local_stage.cloudformation.references import referenced_names
from local_stage.cloudformation.unknown import Unknown, find_unknown, iterate_unknown
from local_stage.deployment.authorizer_permission import PERMISSION, find_not_permitted
from local_stage.deployment.function_definition import FunctionSource, find_layers, read_function_settings
from local_stage.deployment.invoked_functions import find_provisioned, find_versions
from local_stage.deployment.placed_template import FUNCTION, HTTP_API, PlacedApi, PlacedTemplate
from local_stage.deployment.served_api import DefinedApi
from local_stage.deployment.target import Target
from local_stage.deployment.usage_plans import API_KEY, USAGE_PLAN, USAGE_PLAN_KEY, UsagePlanReader
from local_stage.errors import NotRun, NotRunLocally, Refusals, reading
from local_stage.lambda_runtime.function_settings import Build, FunctionSettings

_API_HOST: Final = re.compile(
    r"https://(?P<api>[a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?=(?:/(?P<stage>[\w-]+))?)"
)
_DOMAIN: Final = re.compile(r"https://[a-z0-9-]+\.auth\.[a-z0-9-]+\.amazoncognito\.com")


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

    def read_apis(self) -> tuple[DefinedApi, ...]:
        """Return the APIs with their stages, in order. Raises StartError for what cannot be enforced."""
        apis = []
        with Refusals() as refusals:
            for api in self.placed.find_apis():
                with refusals.collecting():
                    apis.append(self._read_api(api))
        return tuple(apis)

    def read_functions(self) -> list[FunctionSettings]:
        """Return the functions' settings. Raises StartError for what is not run as Lambda runs it."""
        functions = []
        with Refusals() as refusals:
            for logical_id in self.placed.find(FUNCTION):
                with refusals.collecting():
                    functions.append(self._read_function(logical_id))
        return functions

    def find_undone_settings(self) -> Iterator[NotRun]:
        """Yield what the template's user pools and event sources ask for and the local AWS does not do."""
        in_local_aws = self.placed.placement.in_local_aws
        for kind in (USER_POOL, CLIENT):
            for logical_id in self.placed.find(kind):
                if logical_id in in_local_aws:
                    properties = self._guessing.resolve(self.placed.properties(logical_id))
                    yield from find_undone(logical_id, kind, properties)
        for kind in EVENT_KINDS:
            for logical_id in self.placed.find(kind):
                if logical_id in in_local_aws:
                    written = self.placed.properties(logical_id)
                    sources = referenced_names(written.get("EventSourceArn")) & in_local_aws
                    types = {str(self.placed.template.resources[name]["Type"]) for name in sources}
                    yield from find_undone_events(logical_id, kind, self._guessing.resolve(written), types)

    def _read_function(self, logical_id: str) -> FunctionSettings:
        return read_function_settings(
            self.placed.file,
            logical_id,
            self.placed.properties(logical_id),
            self.intrinsics.resources[logical_id],
            source=self._function_source(logical_id),
            resolve=partial(self._resolve_property, logical_id),
        )

    def find_versions(self) -> dict[str, str]:
        """Return the version behind the ARN of each alias and version."""
        return find_versions(self.placed.template, self.placed.placement.in_stage, self.intrinsics)

    def find_provisioned(self) -> frozenset[str]:
        """Return the ARNs of the aliases and versions with provisioned concurrency."""
        return find_provisioned(self.placed.template, self.placed.placement.in_stage, self.intrinsics)

    def resolve_outputs(self, origins: Sequence[str]) -> dict[str, str]:
        """Return the outputs that are known, with where they lead on this machine.

        `origins` are those of the APIs here, in order; without one an API's URL stays as it is on AWS.
        """
        outputs = {}
        hosts = dict(self._find_hosts(origins))
        for name, output in self.placed.template.translated.get("Outputs", {}).items():
            if not self.intrinsics.holds(output):
                continue
            value = self._guessing.resolve(output["Value"])
            if unknown := find_unknown(value):
                self.not_run.add(NotRun("Outputs", f"its value depends on {unknown.reason}", name))
            else:
                outputs[name] = self._localize(str(value), hosts)
        return outputs

    def read_usage_plans(self) -> tuple[tuple[UsagePlan, ...], tuple[ApiKey, ...]]:
        """Return the usage plans, and all API keys. Raises StartError for what API Gateway does not take."""
        reader = UsagePlanReader(self.placed.file, self.target.stack_name, self._resolve_resource)
        keys = reader.read_keys(self.placed.find(API_KEY))
        members = self.placed.find(USAGE_PLAN_KEY)
        return reader.read_plans(self.placed.find(USAGE_PLAN), members, keys), keys

    def _resolve_resource(self, logical_id: str) -> tuple[Mapping[str, Any], str]:
        properties = self._resolve(logical_id, self.placed.properties(logical_id))
        return properties, self.intrinsics.resources[logical_id].ref

    def find_local_user_pool_arns(self) -> frozenset[str]:
        """Return the ARNs of the user pools that the local AWS has."""
        resources = self.intrinsics.resources
        return frozenset(resources[pool].attributes["Arn"] for pool in self.find_physical_ids(USER_POOL))

    def find_physical_ids(self, kind: str) -> dict[str, str]:
        """Return what `Ref` gives for the resources of a type that the local AWS has, by logical id."""
        named = [name for name in self.placed.find(kind) if name in self.placed.placement.in_local_aws]
        return {name: self.intrinsics.resources[name].ref for name in named}

    def _read_api(self, api: PlacedApi) -> DefinedApi:
        written = self.placed.template.source["Resources"].get(api.logical_id, {})
        stage = self.placed.stage_properties(api.stage_id)
        properties = self._resolve(api.logical_id, self.placed.properties(api.logical_id))
        stage_properties = self._resolve(api.stage_id, _without_log_group(stage))
        api_id = self.intrinsics.resources[api.logical_id].ref
        read: DefinedApi
        if api.type == HTTP_API:
            read, not_run = read_http_api(
                file=self.placed.file,
                logical_id=api.logical_id,
                api_properties=properties,
                stage_properties=stage_properties,
                api_id=api_id,
                written_properties=written.get("Properties"),
                resources=list(self._find_resources(api)),
            )
        else:
            read, not_run = read_rest_api(
                file=self.placed.file,
                logical_id=api.logical_id,
                rest_api_properties=properties,
                stage_properties=stage_properties,
                api_id=api_id,
                deployment_id=str(self.intrinsics.resolve(stage.get("DeploymentId", ""))),
                written_properties=written.get("Properties"),
                resources=list(self._find_resources(api)),
            )
        self.not_run.add(*not_run)
        if isinstance(read, HttpApi) and read.lambda_authorizers:
            self.not_run.add(*find_not_permitted(read, list(self._find_permissions()), self.target))
        return read

    def _find_permissions(self) -> Iterator[Mapping[str, Any]]:
        for logical_id in self.placed.find(PERMISSION):
            yield self._guessing.resolve(self.placed.properties(logical_id))

    def _find_resources(self, api: PlacedApi) -> Iterator[ApiResource]:
        """Yield the template's resources that add to an API."""
        owner, types = ("ApiId", http_resources.TYPES)
        if api.type != HTTP_API:
            owner, types = ("RestApiId", rest_resources.TYPES)
        service = api.type.rpartition("::")[0]
        api_id = self.intrinsics.resources[api.logical_id].ref
        for logical_id in self.placed.find(*(f"{service}::{kind}" for kind in types)):
            properties = self.placed.properties(logical_id)
            resource = self.placed.template.resources[logical_id]
            kind, found = resource["Type"].rpartition("::")[2], self.intrinsics.resolve(properties.get(owner))
            # What may belong to this API is read as well, where it decides who may call.
            if (kind in DECIDING_TYPES) if find_unknown(found) else found == api_id:
                name = resource.get("Condition")
                holds = name is None or self.intrinsics.condition(name)
                yield ApiResource(
                    logical_id,
                    kind,
                    self.intrinsics.resources[logical_id].ref,
                    self._resolve(logical_id, properties),
                    holds if isinstance(holds, Unknown) else None,
                )

    def _find_hosts(self, origins: Sequence[str]) -> Iterator[tuple[tuple[str, str], str]]:
        """Yield each API's id and stage with its origin here; a stage that is not named is the first one."""
        for api, origin in zip(self.placed.find_apis(), origins, strict=False):
            api_id = self.intrinsics.resources[api.logical_id].ref
            stage = self.intrinsics.resolve(self.placed.stage_properties(api.stage_id).get("StageName"))
            yield (api_id, str(stage)), origin
            if api.number == 0:
                yield (api_id, ""), origin

    def _localize(self, text: str, hosts: Mapping[tuple[str, str], str]) -> str:
        """Replace what names an API or the pool's domain on AWS by where they are on this machine."""

        def replace_host(found: re.Match[str]) -> str:
            first_stage = hosts.get((found["api"], ""), found[0])
            return hosts.get((found["api"], found["stage"] or ""), first_stage)

        text = _API_HOST.sub(replace_host, text)
        return _DOMAIN.sub(self.target.aws_endpoint_url, text)

    def _function_source(self, logical_id: str) -> FunctionSource:
        code = self.placed.template.code
        return FunctionSource(
            code.folders.get(logical_id),
            self.inline_folder,
            self.environment_overrides,
            find_layers(self.placed.template, self.placed.find(LAYER), self.intrinsics, self.inline_folder),
            code.missing.get(logical_id, ""),
            self.not_run.add,
            self._find_build(logical_id),
        )

    def _find_build(self, logical_id: str) -> Build | None:
        found = self.placed.template.code.builds.get(logical_id)
        if found is None:
            return None
        return Build(found.sam_folder, found.method, self.intrinsics.resolve(found.properties))

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
