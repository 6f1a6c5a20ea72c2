"""Usage plans: which API keys open which stages, how fast, and how often.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html. AWS applies
throttles and quotas on a best-effort basis; here they are exact.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from local_stage.api_gateway.api import Route as RouteOfApi
from local_stage.api_gateway.gateway_error import invalid_api_key, quota_exceeded, throttled
from local_stage.api_gateway.throttle import Throttle, TokenBucket

type Period = Literal["DAY", "WEEK", "MONTH"]
type Route = tuple[str, str]
"""A verb and a resource's path."""

_DAY: Final = 86_400
_FIRST_MONDAY: Final = 4 * _DAY
"""Unix seconds of Monday, 5 January 1970."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that clients send as `x-api-key`; one that is not enabled opens nothing."""

    id: str
    logical_id: str
    name: str
    value: str
    is_enabled: bool


@dataclass(frozen=True, slots=True)
class Quota:
    """How many requests a key may make in a period; `offset` of the first one are taken already."""

    limit: int
    period: Period
    offset: int = 0


@dataclass(frozen=True, slots=True)
class UsagePlan:
    """The stages, each an API's id and a stage's name, that a plan's keys open.

    The values of `stages` are the throttles of single methods, which go before the plan's own `throttle`.
    """

    logical_id: str
    keys: tuple[ApiKey, ...]
    stages: Mapping[tuple[str, str], Mapping[Route, Throttle]]
    throttle: Throttle | None = None
    quota: Quota | None = None


class _KeyedApi(Protocol):
    """An API, as far as usage plans know it."""

    @property
    def logical_id(self) -> str: ...
    @property
    def api_id(self) -> str: ...
    @property
    def stage_name(self) -> str: ...
    @property
    def routes(self) -> Sequence[RouteOfApi]: ...


@dataclass(slots=True)
class _Usage:
    """What one key has used of one plan: over all stages of the plan together."""

    buckets: dict[tuple[str, str, Route] | None, TokenBucket] = field(default_factory=dict)
    period: tuple[int, ...] = ()
    count: int = 0


class UsagePlans:
    """The usage plans of a template, and what has been used of them since they were deployed."""

    def __init__(
        self, plans: Iterable[UsagePlan], keys: Iterable[ApiKey], clock: Callable[[], float]
    ) -> None:
        """Take the plans and all keys; a key that is in no plan opens nothing. `clock` gives Unix seconds."""
        self._plans = tuple(plans)
        self._keys = {key.value: key for key in keys}
        self._clock = clock
        self._usages: dict[tuple[str, str], _Usage] = {}

    def find_plan(self, key: ApiKey, api_id: str, stage_name: str) -> UsagePlan | None:
        """Return the plan by which a key opens a stage, or None; AWS allows one for each key and stage."""
        stage = (api_id, stage_name)
        return next((plan for plan in self._plans if key in plan.keys and stage in plan.stages), None)

    def find_notes(self, api: _KeyedApi) -> Iterator[str]:
        """Yield a sentence on an API whose methods ask for a key, where no enabled key opens its stage."""
        stage = (api.api_id, api.stage_name)
        opened = any(self.find_plan(key, *stage) for key in self._keys.values() if key.is_enabled)
        if not opened and any(route.api_key_required for route in api.routes):
            yield (
                f"{api.logical_id}: methods ask for an API key, and no usage plan with an enabled key has the"
                f" stage {api.stage_name}, so that they respond with 403 to everybody."
            )

    def verify(self, value: str | None, api_id: str, stage_name: str) -> ApiKey:
        """Return the key that has this value. Raises GatewayError (403) where it does not open the stage."""
        if not value:
            raise invalid_api_key("the method asks for an API key, and there is none; send x-api-key")
        key = self._keys.get(value)
        if key is None:
            raise invalid_api_key(
                "no API key has this value; `local-stage api-keys` lists those that there are"
            )
        if not key.is_enabled:
            raise invalid_api_key(f"the API key {key.logical_id} is not enabled; set Enabled: true")
        if self.find_plan(key, api_id, stage_name) is None:
            raise invalid_api_key(
                f"the API key {key.logical_id} is in no usage plan with the stage {stage_name}"
            )
        return key

    def take(self, key: ApiKey, api_id: str, stage_name: str, route: Route) -> None:
        """Count a request. Raises GatewayError (429) beyond the throttle or the quota of the key's plan."""
        plan = self.find_plan(key, api_id, stage_name)
        if plan is None:
            raise invalid_api_key(f"the API key {key.logical_id} is in no usage plan")
        usage = self._usages.setdefault((plan.logical_id, key.id), _Usage())
        self._throttle(plan, key, usage, (api_id, stage_name), route)
        if plan.quota is not None:
            self._count(plan, plan.quota, key, usage)

    def _throttle(
        self, plan: UsagePlan, key: ApiKey, usage: _Usage, stage: tuple[str, str], route: Route
    ) -> None:
        own = plan.stages[stage].get(route)
        throttle = own or plan.throttle
        if throttle is None:
            return
        bucket = usage.buckets.setdefault(
            (*stage, route) if own else None, TokenBucket(throttle, self._clock)
        )
        if not bucket.take():
            limits = f"rate {throttle.rate:g}/s, burst {throttle.burst}"
            raise throttled(f"{plan.logical_id} throttles the API key {key.logical_id} ({limits})")

    def _count(self, plan: UsagePlan, quota: Quota, key: ApiKey, usage: _Usage) -> None:
        period = find_period(quota.period, self._clock())
        if usage.period != period:
            usage.count = quota.offset if not usage.period else 0
            usage.period = period
        if usage.count >= quota.limit:
            used_up = f"{quota.limit} requests a {quota.period.lower()}"
            raise quota_exceeded(f"{plan.logical_id} allows the API key {key.logical_id} {used_up}")
        usage.count += 1


def find_period(period: Period, now: float) -> tuple[int, ...]:
    """Return what is the same for all times of one day, week from Monday on, or month, in UTC.

    When AWS begins to count anew is not known (unverified).
    """
    if period == "MONTH":
        return tuple(time.gmtime(now)[:2])
    if period == "WEEK":
        return (int((now - _FIRST_MONDAY) // (7 * _DAY)),)
    return (int(now // _DAY),)
