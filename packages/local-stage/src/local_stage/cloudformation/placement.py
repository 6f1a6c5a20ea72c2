"""Where each resource of a template lives: in the local AWS, in the stage itself, or nowhere here.

The resources that the stage runs itself get placeholder names of AWS's form, the same at every start.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from local_stage.cloudformation.attached_policies import is_attached
from local_stage.cloudformation.intrinsics import Intrinsics, PhysicalResource
from local_stage.cloudformation.pool_settings import USER_POOL
from local_stage.cloudformation.references import depends_on, referenced_names
from local_stage.errors import TemplateError, reading

LOCAL_AWS_TYPES: Final = frozenset(
    {
        "AWS::Cognito::IdentityPool",
        "AWS::Cognito::IdentityPoolRoleAttachment",
        "AWS::Cognito::UserPool",
        "AWS::Cognito::UserPoolClient",
        "AWS::Cognito::UserPoolDomain",
        "AWS::Cognito::UserPoolGroup",
        "AWS::Cognito::UserPoolResourceServer",
        "AWS::DynamoDB::GlobalTable",
        "AWS::DynamoDB::Table",
        "AWS::Events::EventBus",
        "AWS::IAM::User",
        "AWS::KMS::Alias",
        "AWS::KMS::Key",
        "AWS::Kinesis::Stream",
        "AWS::S3::Bucket",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
        "AWS::SSM::Parameter",
        "AWS::SecretsManager::Secret",
    }
)
"""Types of users' pools, and of what a function could read or write: the local AWS has these resources."""

EVENT_SOURCE_TYPES: Final = frozenset(
    {
        "AWS::Events::Rule",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::EventSourceMapping",
        "AWS::SNS::Subscription",
        "AWS::SNS::TopicPolicy",
        "AWS::SQS::QueuePolicy",
        "AWS::Scheduler::Schedule",
        "AWS::StepFunctions::StateMachine",
    }
)
"""Types that invoke functions, or say how: the local AWS has these resources too, and hands events over."""

REGISTERED_TYPES: Final = frozenset({"AWS::Lambda::Alias", "AWS::Lambda::Function"})
"""The local AWS knows these by name, so that it can invoke them; the stage runs them."""

SUPPORTING_TYPES: Final = frozenset({"AWS::IAM::ManagedPolicy", "AWS::IAM::Role"})
"""Created in the local AWS only where something there refers to them, as a pool that sends messages does."""

STAGE_TYPES: Final = frozenset(
    f"AWS::{kind}"
    for kind in (
        "ApiGateway::ApiKey", "ApiGateway::Authorizer", "ApiGateway::Deployment",
        "ApiGateway::GatewayResponse", "ApiGateway::Method", "ApiGateway::Model",
        "ApiGateway::RequestValidator", "ApiGateway::Resource", "ApiGateway::RestApi", "ApiGateway::Stage",
        "ApiGateway::UsagePlan", "ApiGateway::UsagePlanKey",
        "ApiGatewayV2::Api", "ApiGatewayV2::ApiGatewayManagedOverrides", "ApiGatewayV2::Authorizer",
        "ApiGatewayV2::Deployment", "ApiGatewayV2::Integration", "ApiGatewayV2::Route", "ApiGatewayV2::Stage",
        "IAM::ManagedPolicy", "IAM::Policy", "IAM::Role",
        "Lambda::Alias", "Lambda::Function", "Lambda::LayerVersion", "Lambda::Permission", "Lambda::Version",
        "Logs::LogGroup",
    )
)  # fmt: skip
"""What the stage runs itself, or has a placeholder for: API, functions, and what they need on AWS alone."""

REFUSED_TYPES: Final = dict.fromkeys(
    ("AWS::WAFRegional::WebACLAssociation", "AWS::WAFv2::WebACLAssociation"),
    "a web ACL decides who may call, and is not enforced locally",
)
"""Types that decide who may call and cannot be enforced: a template with one of them is refused at start."""

type FindWritten = Callable[[str], tuple[str, str]]

_MUTUAL_TLS: Final = "MutualTlsAuthentication"

_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
_NAME_PROPERTIES: Final[Mapping[str, str]] = {
    "AWS::ApiGateway::Model": "Name",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::IAM::Role": "RoleName",
    "AWS::ApiGateway::Stage": "StageName",
    "AWS::ApiGatewayV2::Stage": "StageName",
    "AWS::Lambda::Version": "FunctionName",
    "AWS::Lambda::Alias": "Name",
    "AWS::Lambda::LayerVersion": "LayerName",
    "AWS::Logs::LogGroup": "LogGroupName",
}
"""Which property names a resource of that type; in this order, since later ones may refer to earlier ones."""

_ID_ATTRIBUTES: Final[Mapping[str, str]] = {
    "AWS::ApiGateway::ApiKey": "APIKeyId",
    **dict.fromkeys(("AWS::ApiGateway::UsagePlan", "AWS::ApiGateway::UsagePlanKey"), "Id"),
    **dict.fromkeys(("AWS::ApiGateway::Authorizer", "AWS::ApiGatewayV2::Authorizer"), "AuthorizerId"),
    **dict.fromkeys(("AWS::ApiGateway::Deployment", "AWS::ApiGatewayV2::Deployment"), "DeploymentId"),
    "AWS::ApiGateway::RequestValidator": "RequestValidatorId",
    "AWS::ApiGateway::Resource": "ResourceId",
    "AWS::ApiGatewayV2::Integration": "IntegrationId",
    "AWS::ApiGatewayV2::Route": "RouteId",
}
"""Types whose `Ref` gives an id that API Gateway makes, and the attribute that gives it as well."""

_ARNS: Final[Mapping[str, str]] = {
    "AWS::IAM::Role": "arn:aws:iam::{account}:role/{name}",
    "AWS::Lambda::Alias": "arn:aws:lambda:{region}:{account}:function:",
    "AWS::Lambda::Function": "arn:aws:lambda:{region}:{account}:function:{name}",
    "AWS::Lambda::LayerVersion": "arn:aws:lambda:{region}:{account}:layer:{name}:1",
    "AWS::Lambda::Version": "arn:aws:lambda:{region}:{account}:function:",
    "AWS::Logs::LogGroup": "arn:aws:logs:{region}:{account}:log-group:{name}:*",
}
"""The ARN of a resource of a type, or how it begins."""


@dataclass(frozen=True, slots=True)
class Placement:
    """The logical ids of the resources that exist (their condition holds), by where they live.

    `registered` are those in the stage that the local AWS knows by name. `refused` has the reasons for which
    a template with these resources must not be served.
    """

    in_local_aws: frozenset[str]
    in_stage: frozenset[str]
    not_run: frozenset[str]
    registered: frozenset[str] = frozenset()
    refused: tuple[TemplateError, ...] = ()

    def without(self, logical_id: str) -> Placement:
        """Return the placement with a resource that the local AWS cannot have."""
        taken = frozenset({logical_id})
        if logical_id in self.registered:
            return replace(self, registered=self.registered - taken)
        return replace(self, in_local_aws=self.in_local_aws - taken, not_run=self.not_run | taken)


def place_resources(
    file: str, resources: Mapping[str, Any], intrinsics: Intrinsics, find_written: FindWritten
) -> Placement:
    """Decide where each resource lives.

    `find_written` names the resource and property of the template from which a translated resource comes. A
    resource that decides who may call and cannot be enforced has its reason in `refused`.
    """
    existing = {name: resource for name, resource in resources.items() if intrinsics.holds(resource)}
    refused = [_refuse(file, name, resource, find_written) for name, resource in existing.items()]
    in_local_aws = _find_local_aws_resources(existing)
    in_stage = {name for name, resource in existing.items() if resource["Type"] in STAGE_TYPES} - in_local_aws
    not_run = existing.keys() - in_local_aws - in_stage
    registered = {name for name in in_stage if existing[name]["Type"] in REGISTERED_TYPES}
    return Placement(
        frozenset(in_local_aws),
        frozenset(in_stage),
        frozenset(not_run),
        frozenset(registered),
        tuple(filter(None, refused)),
    )


def _find_local_aws_resources(existing: Mapping[str, Any]) -> set[str]:
    main = {name for name, resource in existing.items() if resource["Type"] in LOCAL_AWS_TYPES}
    pools = {name for name in main if existing[name]["Type"] == USER_POOL}
    main = {name for name in main if _has_pool(existing[name], pools)}
    main |= {name for name, resource in existing.items() if _is_event_source(resource, main)}
    found: set[str] = set()
    while found != main:
        found = set(main)
        needed = set().union(*(_needs(existing[name]) for name in main)) & existing.keys()
        main |= {name for name in needed if existing[name]["Type"] in SUPPORTING_TYPES}
        main |= {name for name, resource in existing.items() if is_attached(resource, main, existing)}
    return main


def _has_pool(resource: Mapping[str, Any], pools: set[str]) -> bool:
    """Say whether a resource of a user pool has one that is here; every other resource has what it needs."""
    properties = resource.get("Properties") or {}
    return "UserPoolId" not in properties or bool(referenced_names(properties["UserPoolId"]) & pools)


def _is_event_source(resource: Mapping[str, Any], present: set[str]) -> bool:
    """Say whether events come from this resource, and from queues, tables and topics that are here."""
    if resource["Type"] not in EVENT_SOURCE_TYPES:
        return False
    properties = resource.get("Properties") or {}
    sources = [properties[name] for name in ("EventSourceArn", "TopicArn") if name in properties]
    return all(referenced_names(source) & present for source in sources)


def _refuse(
    file: str, name: str, resource: Mapping[str, Any], find_written: FindWritten
) -> TemplateError | None:
    why = REFUSED_TYPES.get(resource["Type"])
    if why:
        written, property_path = find_written(name)
        return TemplateError(
            f"{resource['Type']}: {why}", file=file, resource=written, property_path=property_path
        )
    if resource["Type"].endswith("::DomainName") and _MUTUAL_TLS in (resource.get("Properties") or {}):
        why = "mutual TLS decides who may call, and is not enforced locally"
        written, property_path = find_written(name)
        return TemplateError(why, file=file, resource=written, property_path=property_path)
    return None


def _needs(resource: Mapping[str, Any]) -> set[str]:
    return referenced_names(resource.get("Properties")) | depends_on(resource)


@dataclass(frozen=True, slots=True)
class PlaceholderResources:
    """Makes the names and attributes of one stack's resources, which `file` describes."""

    file: str
    stack_name: str
    region: str
    account_id: str

    def add(
        self, intrinsics: Intrinsics, resources: Mapping[str, Any], logical_ids: Iterable[str]
    ) -> Intrinsics:
        """Return the intrinsics with a placeholder for each of the logical ids.

        Raises UnresolvedError where a name refers to what is not known locally.
        """
        order = list(_NAME_PROPERTIES)
        position = {kind: number for number, kind in enumerate(order)}
        known = dict(intrinsics.resources)
        for logical_id in sorted(
            logical_ids, key=lambda name: (position.get(_type(resources[name]), -1), name)
        ):
            so_far = replace(intrinsics, resources=known)
            resource = resources[logical_id]
            with reading(self.file, logical_id, _NAME_PROPERTIES.get(_type(resource))):
                known[logical_id] = self._placeholder(so_far, logical_id, resource)
        return replace(intrinsics, resources=known)

    def _placeholder(
        self, intrinsics: Intrinsics, logical_id: str, resource: Mapping[str, Any]
    ) -> PhysicalResource:
        properties = resource.get("Properties", {})
        given = intrinsics.resolve(properties.get(_NAME_PROPERTIES.get(_type(resource), "")))
        name = str(given or f"{self.stack_name}-{logical_id}-{self._suffix(logical_id, 12)}")
        kind = _type(resource)
        if kind in {"AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"}:
            return self._api(kind, self._suffix(logical_id, 10))
        if kind in _ID_ATTRIBUTES:
            short = self._suffix(logical_id, 6)
            return PhysicalResource(short, {_ID_ATTRIBUTES[kind]: short})
        if kind == "AWS::ApiGateway::Model":
            return PhysicalResource(str(given or logical_id))
        arn = _ARNS.get(kind, "").format(region=self.region, account=self.account_id, name=name)
        if kind in {"AWS::Lambda::Alias", "AWS::Lambda::Version"}:
            function = self._find_function(intrinsics, logical_id, properties)
            version = "1" if kind == "AWS::Lambda::Version" else name
            return PhysicalResource(f"{arn}{function}:{version}", {"Version": version})
        if kind == "AWS::Lambda::LayerVersion":
            return PhysicalResource(arn, {"LayerVersionArn": arn})
        return PhysicalResource(name, {"Arn": arn} if arn else {})

    def _api(self, kind: str, api: str) -> PhysicalResource:
        if kind == "AWS::ApiGateway::RestApi":
            return PhysicalResource(api, {"RootResourceId": f"{api}-root", "RestApiId": api})
        endpoint = f"https://{api}.execute-api.{self.region}.amazonaws.com"
        return PhysicalResource(api, {"ApiEndpoint": endpoint, "ApiId": api})

    def _find_function(self, intrinsics: Intrinsics, logical_id: str, properties: Mapping[str, Any]) -> str:
        """Return the name of an alias's or version's function, which may be named by its ARN too."""
        with reading(self.file, logical_id, "FunctionName"):
            name = intrinsics.resolve(properties.get("FunctionName"))
            if not isinstance(name, str):
                raise TemplateError("is not a name or ARN of a function")
            return name.rpartition(":")[2]

    def _suffix(self, logical_id: str, length: int) -> str:
        digest = int.from_bytes(hashlib.sha256(f"{self.stack_name}/{logical_id}".encode()).digest())
        letters = []
        for _ in range(length):
            digest, position = divmod(digest, len(_ALPHABET))
            letters.append(_ALPHABET[position])
        return "".join(letters)


def _type(resource: Mapping[str, Any]) -> str:
    return str(resource["Type"])
