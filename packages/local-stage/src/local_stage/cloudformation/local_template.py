"""The CloudFormation template that the local AWS gets: the part of a template that lives there."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from local_stage.cloudformation.event_settings import INVOKE_CONFIG
from local_stage.cloudformation.intrinsics import Intrinsics
from local_stage.cloudformation.references import depends_on, referenced_names, replace_references

ATTRIBUTE_PREFIX: Final = "LocalStageAttribute"
_ALIAS: Final = "AWS::Lambda::Alias"
_FUNCTION: Final = "AWS::Lambda::Function"
_DEAD_LETTERS: Final = "DeadLetterConfig"
_DEAD_LETTERS_PREFIX: Final = "LocalStageDeadLetters"
_DESTINATIONS: Final = "DestinationConfig"
_REGISTERED_PROPERTIES: Final = frozenset(
    {"Description", "FunctionName", "Handler", "MemorySize", "Name", "Runtime", "Timeout"}
)


@dataclass(frozen=True, slots=True)
class LocalTemplate:
    """The CloudFormation template of what lives in the local AWS.

    `attributes` are the (logical id, attribute) pairs that the stage has to know. CloudFormation gives an
    attribute only to other resources, so each is written to an SSM parameter of the stack and read there.
    `registered` are functions and aliases that the stage runs: the local AWS knows their names alone.
    `elsewhere` gives the names of the template's other resources, which the stack does not have.
    """

    translated: Mapping[str, Any]
    logical_ids: frozenset[str]
    attributes: frozenset[tuple[str, str]]
    stack_name: str
    registered: frozenset[str] = frozenset()
    elsewhere: Intrinsics = field(default_factory=lambda: Intrinsics({}))

    def body(self, outputs: Mapping[str, Any]) -> str:
        """Return the template as JSON with the given outputs, values already resolved."""
        template = {
            section: self.translated[section]
            for section in ("AWSTemplateFormatVersion", "Description", "Mappings", "Conditions")
            if section in self.translated
        }
        template["Parameters"] = {
            # The values have been checked, and a placeholder keeps no rule.
            name: {"Type": "CommaDelimitedList" if "List" in str(rules.get("Type")) else "String"}
            for name, rules in self.translated.get("Parameters", {}).items()
        }
        template["Resources"] = self._resources()
        template["Outputs"] = dict(outputs)
        return json.dumps(template, sort_keys=True)

    def attribute_parameter_name(self, logical_id: str, attribute: str) -> str:
        """Return the name of the SSM parameter that holds an attribute."""
        return f"/local-stage/{self.stack_name}/{logical_id}.{attribute}"

    def find_owner(self, logical_id: str) -> tuple[str, str]:
        """Return the resource and attribute that a parameter of the stack holds, else the resource and ""."""
        owners = {_attribute_logical_id(*pair): pair for pair in self.attributes}
        return owners.get(logical_id, (logical_id, ""))

    def _resources(self) -> dict[str, Any]:
        resources: dict[str, Any] = {
            logical_id: self._localize(self.translated["Resources"][logical_id])
            for logical_id in self.logical_ids
        }
        resources |= {logical_id: self._register(logical_id) for logical_id in self.registered}
        self._send_failures(resources)
        for logical_id, attribute in self.attributes:
            resources[_attribute_logical_id(logical_id, attribute)] = {
                "Type": "AWS::SSM::Parameter",
                "Properties": {
                    "Name": self.attribute_parameter_name(logical_id, attribute),
                    "Type": "String",
                    "Value": {"Fn::GetAtt": [logical_id, attribute]},
                },
            }
        if not resources:
            # CloudFormation takes no template without a resource.
            resources["LocalStage"] = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
        return resources

    def _send_failures(self, resources: dict[str, Any]) -> None:
        """Let the local AWS send failed events where the template says.

        It heeds what is configured of `$LATEST` alone, which every alias is here, and its CloudFormation
        knows no dead-letter queue of a function; a destination, which comes before it on AWS too, is known.
        """
        configured = [one for one in resources.values() if one["Type"] == INVOKE_CONFIG]
        for one in configured:
            one["Properties"]["Qualifier"] = "$LATEST"
        for logical_id in sorted(self.registered):
            made = self._make_dead_letters(logical_id)
            if made is None:
                continue
            known = [one["Properties"] for one in configured if logical_id in one.get("DependsOn", ())]
            if not known:
                resources[f"{_DEAD_LETTERS_PREFIX}{logical_id}"] = made
            for properties in known:
                own = properties.get(_DESTINATIONS) or {}
                properties[_DESTINATIONS] = {**made["Properties"][_DESTINATIONS], **own}

    def _make_dead_letters(self, logical_id: str) -> dict[str, Any] | None:
        """Return a function's dead-letter queue as its destination of failures, None where it has none."""
        resource = self.translated["Resources"][logical_id]
        target = (resource["Properties"].get(_DEAD_LETTERS) or {}).get("TargetArn")
        if resource["Type"] != _FUNCTION or target is None:
            return None
        function = {"FunctionName": {"Ref": logical_id}, "Qualifier": "$LATEST"}
        failed = {"OnFailure": {"Destination": target}}
        made = self._localize({"Type": INVOKE_CONFIG, "Properties": {**function, _DESTINATIONS: failed}})
        destination = str(made["Properties"][_DESTINATIONS]["OnFailure"]["Destination"])
        return made if destination.startswith(("arn:", "{")) else None

    def _localize(self, resource: Mapping[str, Any]) -> dict[str, Any]:
        """Return a resource without references to what is not in the stack: it exists whatever they say."""
        localized = {key: value for key, value in resource.items() if key not in {"Condition", "DependsOn"}}
        invoked = referenced_names(resource.get("Properties")) & self.registered
        if needed := sorted((depends_on(resource) & self.logical_ids) | invoked):
            localized["DependsOn"] = needed
        if "Properties" in resource:
            there = self.logical_ids | self.translated.get("Parameters", {}).keys()
            localized["Properties"] = replace_references(
                resource["Properties"], there, lambda value: as_text(self.elsewhere.resolve(value))
            )
        return localized

    def _register(self, logical_id: str) -> dict[str, Any]:
        """Return a function or alias as the local AWS knows it: without code, which it never runs."""
        resource = self.translated["Resources"][logical_id]
        properties = resource["Properties"]
        kept = {name: value for name, value in properties.items() if name in _REGISTERED_PROPERTIES}
        registered = self._localize({"Type": resource["Type"], "Properties": kept})
        if resource["Type"] == _ALIAS:
            # By versions, which the stage has not, an alias could name none.
            registered["Properties"]["FunctionVersion"] = "$LATEST"
        else:
            registered["Properties"]["FunctionName"] = self.elsewhere.resources[logical_id].ref
        return registered


def _attribute_logical_id(logical_id: str, attribute: str) -> str:
    """Return the logical id of an attribute's SSM parameter, which depends on no other attribute.

    CloudFormation creates a new resource before it deletes the old one, so a parameter must not move to
    another logical id. The digest keeps `TableStream.Arn` and `Table.StreamArn` apart: ids have no separator.
    """
    digest = hashlib.sha256(f"{logical_id}.{attribute}".encode()).hexdigest()
    return f"{ATTRIBUTE_PREFIX}{logical_id}{re.sub('[^A-Za-z0-9]', '', attribute)}{digest[:8]}"


def as_text(value: str | Iterable[str]) -> str:
    """Return a parameter's value as CloudFormation takes it: the items of a list with commas between."""
    return value if isinstance(value, str) else ",".join(value)
