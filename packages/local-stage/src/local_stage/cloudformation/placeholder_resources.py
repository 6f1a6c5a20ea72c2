"""Names for the resources that the stage runs itself: of AWS's form, and the same at every start."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from local_stage.cloudformation.intrinsics import Intrinsics, PhysicalResource
from local_stage.errors import TemplateError, reading

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
class PlaceholderResources:
    """Makes the names and attributes of one stack's resources, which `file` describes."""

    file: str
    stack_name: str
    region: str
    account_id: str

    def add(
        self, intrinsics: Intrinsics, resources: Mapping[str, Any], logical_ids: Iterable[str]
    ) -> Intrinsics:
        """Return the intrinsics with a stand-in for each of the logical ids.

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
                known[logical_id] = self._stand_in(so_far, logical_id, resource)
        return replace(intrinsics, resources=known)

    def _stand_in(
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
                raise TemplateError("names no function")
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
