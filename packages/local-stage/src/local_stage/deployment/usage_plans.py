"""Reads API keys and usage plans, as SAM makes them or as the template has them itself.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-usageplan.html
"""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from local_stage.api_gateway.rest.definition.properties import ACCOUNT_BURST, ACCOUNT_RATE
from local_stage.api_gateway.template_part import TemplateApi, TemplatePart
from local_stage.api_gateway.throttle import Throttle
from local_stage.api_gateway.usage_plan import ApiKey, Period, Quota, Route, UsagePlan
from local_stage.cloudformation.unknown import Unknown
from local_stage.errors import TemplateError

API_KEY: Final = "AWS::ApiGateway::ApiKey"
USAGE_PLAN: Final = "AWS::ApiGateway::UsagePlan"
USAGE_PLAN_KEY: Final = "AWS::ApiGateway::UsagePlanKey"

_LETTERS: Final = string.ascii_letters + string.digits
_GENERATED: Final = 40
"""Letters of a generated value, as recorded from AWS."""
_VALUE: Final = re.compile(r"\S{20,128}", re.ASCII)
_PERIODS: Final[Mapping[str, Period]] = {"DAY": "DAY", "WEEK": "WEEK", "MONTH": "MONTH"}
_KEY_PROPERTIES: Final = frozenset(
    {
        "CustomerId", "Description", "Enabled", "GenerateDistinctId", "Name", "StageKeys", "Tags", "Value",
    }
)  # fmt: skip
_PLAN_PROPERTIES: Final = frozenset(
    {"ApiStages", "Description", "Quota", "Tags", "Throttle", "UsagePlanName"}
)


@dataclass(frozen=True, slots=True)
class UsagePlanReader:
    """Reads the resources of one template; `resolve` gives one's resolved properties and its id."""

    file: str
    stack_name: str
    resolve: Callable[[str], tuple[Mapping[str, Any], str]]

    def read_keys(self, logical_ids: list[str]) -> tuple[ApiKey, ...]:
        """Return the API keys. Raises StartError for a value that API Gateway does not take."""
        keys = tuple(self._read_key(logical_id) for logical_id in logical_ids)
        values: dict[str, str] = {}
        for key in keys:
            if values.setdefault(key.value, key.logical_id) != key.logical_id:
                why = f"is that of {values[key.value]} as well; each API key has a value of its own"
                raise TemplateError(why, file=self.file, resource=key.logical_id, property_path="Value")
        return keys

    def read_plans(
        self, logical_ids: list[str], key_ids: list[str], keys: tuple[ApiKey, ...]
    ) -> tuple[UsagePlan, ...]:
        """Return the usage plans with the keys that `AWS::ApiGateway::UsagePlanKey` puts into them."""
        members = [*self._read_members(key_ids, {key.id: key for key in keys})]
        return tuple(self._read_plan(logical_id, members) for logical_id in logical_ids)

    def _part(self, logical_id: str) -> tuple[TemplatePart, str]:
        properties, physical_id = self.resolve(logical_id)
        return TemplatePart(TemplateApi(self.file, logical_id, {}), (), properties), physical_id

    def _read_key(self, logical_id: str) -> ApiKey:
        part, key_id = self._part(logical_id)
        part.refuse_unknown(_KEY_PROPERTIES, "an API key")
        name = part["Name"].text() if part["Name"] else logical_id
        value = self._read_value(logical_id, part["Value"])
        return ApiKey(key_id, logical_id, name, value, part["Enabled"].boolean())

    def _read_value(self, logical_id: str, part: TemplatePart) -> str:
        """Return the value; one that is not known here is replaced by a generated one."""
        if not part or not part.value or isinstance(part.value, Unknown):
            return self._generate_value(logical_id)
        if not _VALUE.fullmatch(part.text()):
            raise part.refusal("has to have 20 to 128 characters, and no blanks")
        return part.text()

    def _generate_value(self, logical_id: str) -> str:
        """Return a value in the form of AWS's, the same at every start."""
        digest = int.from_bytes(hashlib.sha512(f"{self.stack_name}/{logical_id}".encode()).digest())
        return "".join(
            _LETTERS[digest // len(_LETTERS) ** place % len(_LETTERS)] for place in range(_GENERATED)
        )

    def _read_members(
        self, logical_ids: list[str], keys: Mapping[str, ApiKey]
    ) -> Iterator[tuple[str, ApiKey]]:
        """Yield the id of a plan and a key that is in it; a key of another template is not known here."""
        for logical_id in logical_ids:
            part, _ = self._part(logical_id)
            part.refuse_unknown({"KeyId", "KeyType", "UsagePlanId"}, "a usage plan's key")
            key = keys.get(part["KeyId"].text())
            if key is not None:
                yield part["UsagePlanId"].text(), key

    def _read_plan(self, logical_id: str, members: list[tuple[str, ApiKey]]) -> UsagePlan:
        part, plan_id = self._part(logical_id)
        part.refuse_unknown(_PLAN_PROPERTIES, "a usage plan")
        stages: dict[tuple[str, str], dict[Route, Throttle]] = {}
        for stage in part["ApiStages"].elements():
            stage.refuse_unknown({"ApiId", "Stage", "Throttle"}, "a usage plan's stage")
            named = (stage["ApiId"].text(), stage["Stage"].text())
            stages.setdefault(named, {}).update(_read_method_throttles(stage["Throttle"]))
        return UsagePlan(
            logical_id,
            tuple(key for plan, key in members if plan == plan_id),
            stages,
            _read_throttle(part["Throttle"]),
            _read_quota(part["Quota"]),
        )


def _read_method_throttles(part: TemplatePart) -> Iterator[tuple[Route, Throttle]]:
    """Yield the throttles by `/path/VERB`, which is how a plan names a method."""
    for name, limits in part.items():
        path, _, verb = name.rpartition("/")
        throttle = _read_throttle(limits)
        if throttle is not None:
            yield (verb.upper(), path or "/"), throttle


def _read_throttle(part: TemplatePart) -> Throttle | None:
    if not part:
        return None
    part.refuse_unknown({"BurstLimit", "RateLimit"}, "a throttle")
    rate = part["RateLimit"].number() if part["RateLimit"] else ACCOUNT_RATE
    burst = int(part["BurstLimit"].number()) if part["BurstLimit"] else ACCOUNT_BURST
    return Throttle(rate, burst)


def _read_quota(part: TemplatePart) -> Quota | None:
    if not part:
        return None
    part.refuse_unknown({"Limit", "Offset", "Period"}, "a quota")
    if not part["Limit"]:
        return None
    period = part["Period"].text().upper() if part["Period"] else ""
    if period not in _PERIODS:
        raise part["Period"].refusal("has to be DAY, WEEK or MONTH")
    offset = int(part["Offset"].number()) if part["Offset"] else 0
    return Quota(int(part["Limit"].number()), _PERIODS[period], offset)
