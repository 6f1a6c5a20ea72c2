"""Where each resource of a template lives: in the local AWS, in the stage itself, or nowhere here.

The resources that the stage runs itself get placeholder names of AWS's form, the same at every start.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from local_stage.cloudformation.intrinsics import Intrinsics, PhysicalResource
from local_stage.cloudformation.references import referenced_names
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

SUPPORTING_TYPES: Final = frozenset({"AWS::IAM::Role"})
"""Created in the local AWS only where something there refers to them, as a pool that sends messages does."""

STAGE_TYPES: Final = frozenset(
    {
        "AWS::ApiGateway::Deployment",
        "AWS::ApiGateway::RestApi",
        "AWS::ApiGateway::Stage",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::Lambda::Alias",
        "AWS::Lambda::Function",
        "AWS::Lambda::LayerVersion",
        "AWS::Lambda::Permission",
        "AWS::Lambda::Version",
        "AWS::Logs::LogGroup",
    }
)
"""What the stage runs itself, or has a placeholder for: API, functions, and what they need on AWS alone."""

REFUSED_TYPES: Final[Mapping[str, str]] = {
    "AWS::ApiGateway::ApiKey": "API keys are not enforced locally",
    "AWS::ApiGateway::Authorizer": "only authorizers of an AWS::Serverless::Api are enforced locally",
    "AWS::ApiGateway::DomainName": "custom domains and mutual TLS are not enforced locally",
    "AWS::ApiGateway::GatewayResponse": "use GatewayResponses of the AWS::Serverless::Api",
    "AWS::ApiGateway::Method": "only methods of an AWS::Serverless::Api are served locally",
    "AWS::ApiGateway::Resource": "only paths of an AWS::Serverless::Api are served locally",
    "AWS::ApiGateway::UsagePlan": "usage plans and API keys are not enforced locally",
    "AWS::ApiGateway::UsagePlanKey": "usage plans and API keys are not enforced locally",
    "AWS::ApiGatewayV2::Api": "HTTP and WebSocket APIs authorize by other rules; only REST APIs are served",
    "AWS::WAFRegional::WebACLAssociation": "a web ACL decides who may call, and is not enforced locally",
    "AWS::WAFv2::WebACLAssociation": "a web ACL decides who may call, and is not enforced locally",
}
"""Types that decide who may call and cannot be enforced: a template with one of them is refused at start."""

type FindWritten = Callable[[str], tuple[str, str]]

_POOL_TRIGGERS: Final = "LambdaConfig"

_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
_NAME_PROPERTIES: Final[Mapping[str, str]] = {
    "AWS::Lambda::Function": "FunctionName",
    "AWS::IAM::Role": "RoleName",
    "AWS::ApiGateway::Stage": "StageName",
    "AWS::Lambda::Version": "FunctionName",
    "AWS::Lambda::Alias": "Name",
    "AWS::Lambda::LayerVersion": "LayerName",
    "AWS::Logs::LogGroup": "LogGroupName",
}
"""Which property names a resource of that type; in this order, since later ones may refer to earlier ones."""


@dataclass(frozen=True, slots=True)
class Placement:
    """The logical ids of the resources that exist (their condition holds), by where they live.

    `refused` has the reasons for which a template with these resources must not be served.
    """

    in_local_aws: frozenset[str]
    in_stage: frozenset[str]
    not_run: frozenset[str]
    refused: tuple[TemplateError, ...] = ()


def place_resources(
    file: str, resources: Mapping[str, Any], intrinsics: Intrinsics, find_written: FindWritten
) -> Placement:
    """Decide where each resource lives.

    A resource that depends on one that is not in the local AWS cannot be there either. `find_written` names
    the resource and property of the template from which a translated resource comes. A resource that decides
    who may call and cannot be enforced has its reason in `refused`.
    """
    existing = {name: resource for name, resource in resources.items() if intrinsics.holds(resource)}
    refused = [_refuse(file, name, resource, find_written) for name, resource in existing.items()]
    in_local_aws = _find_local_aws_resources(existing)
    in_stage = {name for name, resource in existing.items() if resource["Type"] in STAGE_TYPES} - in_local_aws
    not_run = existing.keys() - in_local_aws - in_stage
    return Placement(
        frozenset(in_local_aws), frozenset(in_stage), frozenset(not_run), tuple(filter(None, refused))
    )


def _find_local_aws_resources(existing: Mapping[str, Any]) -> set[str]:
    types = LOCAL_AWS_TYPES | SUPPORTING_TYPES
    found = {name for name, resource in existing.items() if resource["Type"] in types}
    while orphans := {name for name in found if _needs(existing[name]) & existing.keys() - found}:
        found -= orphans
    main = {name for name in found if existing[name]["Type"] in LOCAL_AWS_TYPES}
    needed = set().union(*(_needs(existing[name]) for name in main))
    return main | (found & needed)


def _refuse(
    file: str, name: str, resource: Mapping[str, Any], find_written: FindWritten
) -> TemplateError | None:
    why = REFUSED_TYPES.get(resource["Type"])
    if why:
        written, property_path = find_written(name)
        return TemplateError(
            f"{resource['Type']}: {why}", file=file, resource=written, property_path=property_path
        )
    if resource["Type"] == "AWS::Cognito::UserPool" and _POOL_TRIGGERS in (resource.get("Properties") or {}):
        why = "triggers change who may sign in and what the tokens say, and are not run locally"
        return TemplateError(why, file=file, resource=name, property_path=_POOL_TRIGGERS)
    return None


def _needs(resource: Mapping[str, Any]) -> set[str]:
    depends_on = resource.get("DependsOn") or []
    return referenced_names(resource.get("Properties")) | (
        {depends_on} if isinstance(depends_on, str) else set(depends_on)
    )


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
        functions = f"arn:aws:lambda:{self.region}:{self.account_id}:function"
        ref, attributes = name, {}
        match _type(resource):
            case "AWS::ApiGateway::RestApi":
                ref, attributes = self._suffix(logical_id, 10), {"RootResourceId": "root"}
            case "AWS::ApiGateway::Deployment":
                ref = self._suffix(logical_id, 6)
            case "AWS::Lambda::Function":
                attributes = {"Arn": f"{functions}:{name}"}
            case "AWS::Lambda::Alias":
                ref = f"{functions}:{self._find_function(intrinsics, logical_id, properties)}:{name}"
            case "AWS::Lambda::Version":
                ref = f"{functions}:{self._find_function(intrinsics, logical_id, properties)}:1"
                attributes = {"Version": "1"}
            case "AWS::Lambda::LayerVersion":
                ref = f"arn:aws:lambda:{self.region}:{self.account_id}:layer:{name}:1"
                attributes = {"LayerVersionArn": ref}
            case "AWS::IAM::Role":
                attributes = {"Arn": f"arn:aws:iam::{self.account_id}:role/{name}"}
            case "AWS::Logs::LogGroup":
                attributes = {"Arn": f"arn:aws:logs:{self.region}:{self.account_id}:log-group:{name}:*"}
        return PhysicalResource(ref, attributes)

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
