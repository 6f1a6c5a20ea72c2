"""A template and which of its resources run where: its APIs with their stages, in the template's order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from local_stage.cloudformation.attached_policies import ATTACHED_TYPES
from local_stage.cloudformation.placement import Placement
from local_stage.cloudformation.pool_settings import USER_POOL
from local_stage.cloudformation.references import referenced_attributes, referenced_names
from local_stage.cloudformation.template import Template
from local_stage.errors import NotRun, TemplateError

REST_API: Final = "AWS::ApiGateway::RestApi"
HTTP_API: Final = "AWS::ApiGatewayV2::Api"
HTTP_ROUTE: Final = "AWS::ApiGatewayV2::Route"
MANAGED_OVERRIDES: Final = "AWS::ApiGatewayV2::ApiGatewayManagedOverrides"
REST_DEPLOYMENT: Final = "AWS::ApiGateway::Deployment"
FUNCTION: Final = "AWS::Lambda::Function"

STAGES: Final[Mapping[str, tuple[str, str]]] = {
    REST_API: ("AWS::ApiGateway::Stage", "RestApiId"),
    HTTP_API: ("AWS::ApiGatewayV2::Stage", "ApiId"),
}
"""By each type of API the type of its stages, and their property that names the API."""

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

_STAGE_PROPERTIES: Final = frozenset(
    {
        "AccessLogSetting", "CacheClusterEnabled", "CacheClusterSize", "CanarySetting", "ClientCertificateId",
        "Description", "DocumentationVersion", "MethodSettings", "Tags", "TracingEnabled", "Variables",
    }
)  # fmt: skip
"""What a Deployment's StageDescription has in common with a Stage; the rest is of all its methods."""


@dataclass(frozen=True, slots=True)
class PlacedApi:
    """An API with one of its stages, which are served together on a port of their own.

    `logical_id` and `stage_id` are logical ids; `type` is the API's. `number` counts the stages of one API
    from 0, so that a stage keeps its place when it is renamed.
    """

    logical_id: str
    stage_id: str
    type: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class PlacedTemplate:
    """A template, and which of its resources run where.

    `failed` says why the local AWS could not create a resource or give an attribute of it, by logical id and
    attribute, which is empty for the resource itself.
    """

    template: Template
    placement: Placement
    failed: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def without(self, logical_id: str, attribute: str, reason: str) -> PlacedTemplate:
        """Return the template with a resource, or an attribute of one, that the local AWS cannot have."""
        placement = self.placement if attribute else self.placement.without(logical_id)
        return PlacedTemplate(
            self.template, placement, {**self.failed, (logical_id, attribute): " ".join(reason.split())}
        )

    def require_policies(self, *, asks_for_signatures: bool) -> None:
        """Raise TemplateError where the local AWS lacks a policy of who may sign a request."""
        if not asks_for_signatures:
            return
        for (logical_id, attribute), reason in self.failed.items():
            if not attribute and self.template.resources[logical_id]["Type"] in ATTACHED_TYPES:
                why = f"the policy decides who may call, and the local AWS cannot have it: {reason}"
                raise TemplateError(why, file=self.file, resource=logical_id)

    @property
    def file(self) -> str:
        """The template's path, as messages name it."""
        return str(self.template.file)

    @property
    def types(self) -> dict[str, str]:
        """Each resource's type by its logical id: as it is written, or else as SAM makes it."""
        resources = {**self.template.resources, **self.template.source["Resources"]}
        return {logical_id: str(resource["Type"]) for logical_id, resource in resources.items()}

    def find(self, *kinds: str) -> list[str]:
        """Return the logical ids of the resources of these types, without those that do not exist.

        They are in the template's order; those that SAM makes come last, in the order of their names.
        """
        placement = self.placement
        everywhere = placement.in_local_aws | placement.in_stage | placement.not_run
        found = sorted(name for name in everywhere if self.template.resources[name]["Type"] in kinds)
        written = [*self.template.source["Resources"]]
        return sorted(found, key=lambda name: written.index(name) if name in written else len(written))

    def properties(self, logical_id: str) -> Mapping[str, Any]:
        """Return a resource's properties, their intrinsic functions unresolved."""
        properties: Mapping[str, Any] = self.template.resources[logical_id].get("Properties", {})
        return properties

    def find_apis(self) -> list[PlacedApi]:
        """Return each API with each of its stages, in the template's order; SAM's implicit APIs come last."""
        return [
            PlacedApi(api, stage, self.template.resources[api]["Type"], number)
            for api in self.find(*STAGES)
            if self._find_why_not_served(api) is None
            for number, stage in enumerate(self._find_stages(api))
        ]

    def stage_properties(self, stage_id: str) -> Mapping[str, Any]:
        """Return a stage's properties; a Deployment with a StageName is a stage as well.

        So is an HTTP API with a Target, which has a stage `$default` of its own.
        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-deployment.html
        """
        properties = self.properties(stage_id)
        if self.template.resources[stage_id]["Type"] == HTTP_API:
            changed: dict[str, Any] = {}
            for name in self._find_parts(stage_id, MANAGED_OVERRIDES):
                changed |= self.properties(name).get("Stage") or {}
            return {"StageName": "$default", "AutoDeploy": True, **changed}
        if self.template.resources[stage_id]["Type"] != REST_DEPLOYMENT:
            return properties
        described = properties.get("StageDescription", {})
        of_all = {name: value for name, value in described.items() if name not in _STAGE_PROPERTIES}
        settings = [{"ResourcePath": "/*", "HttpMethod": "*", **of_all}] if of_all else []
        return {
            **{name: value for name, value in described.items() if name in _STAGE_PROPERTIES},
            "StageName": properties["StageName"],
            "DeploymentId": {"Ref": stage_id},
            "MethodSettings": [*described.get("MethodSettings", []), *settings],
        }

    def wanted_attributes(self) -> frozenset[tuple[str, str]]:
        """Return which attributes of the local AWS's resources the stage reads, by logical id and name.

        A user pool's all follow from its id.
        """
        mine = [self.template.resources[name] for name in self.placement.in_stage]
        wanted = referenced_attributes([*mine, self.template.translated.get("Outputs", {})])
        asked = self.placement.in_local_aws - {*self.find(USER_POOL)}
        return frozenset(pair for pair in wanted if pair[0] in asked) - self.failed.keys()

    def find_not_run(self) -> Iterator[NotRun]:
        """Yield the resources that are not run, and the layers whose content is not here."""
        yield from self.template.not_run
        for (name, attribute), reason in self.failed.items():
            yield NotRun(name, f"the local AWS cannot have it: {reason}", attribute)
        for name in sorted(self.placement.not_run - {name for name, _ in self.failed}):
            is_source = self.template.resources[name]["Type"] in EVENT_SOURCES
            yield NotRun(name, "it does not fire locally" if is_source else "it is not run locally")
        served = {api.logical_id for api in self.find_apis()}
        if not served:
            yield NotRun("Resources", "there is no API to serve, so that no request reaches a function")
        for name in self.find(*STAGES):
            if name not in served:
                why = self._find_why_not_served(name) or "it has no stage, so that nobody can call it"
                yield NotRun(name, why)

    def _find_why_not_served(self, api: str) -> str | None:
        """Return why nobody can call an API here, or None for one that can be served."""
        properties = self.properties(api)
        if self.template.resources[api]["Type"] != HTTP_API:
            return None
        if str(properties.get("ProtocolType")).upper() == "WEBSOCKET":
            return "WebSocket APIs are not served locally"
        if "Body" in properties or "Target" in properties or any(self._find_parts(api, HTTP_ROUTE)):
            return None
        return "it has no route in this template, so that nobody can call it"

    def _find_parts(self, api: str, kind: str) -> Iterator[str]:
        """Yield the resources of a type that belong to an HTTP API."""
        for name in self.find(kind):
            if api in referenced_names(self.properties(name).get("ApiId")):
                yield name

    def _find_stages(self, api: str) -> Iterable[str]:
        stage_type, property_name = STAGES[self.template.resources[api]["Type"]]
        if stage_type == STAGES[HTTP_API][0] and "Target" in self.properties(api):
            yield api
        references: tuple[Any, ...] = ({"Ref": api}, {"Fn::GetAtt": [api, property_name]})
        for name in self.find(stage_type, REST_DEPLOYMENT):
            if self.properties(name).get(property_name) in references and self._is_stage(name):
                yield name

    def _is_stage(self, name: str) -> bool:
        """Say whether a resource makes a stage. SAM's own Deployment makes one that nobody has asked for."""
        if self.template.resources[name]["Type"] != REST_DEPLOYMENT:
            return True
        return name in self.template.source["Resources"] and "StageName" in self.properties(name)
