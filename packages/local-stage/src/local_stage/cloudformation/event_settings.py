"""What a template says of event sources, and of events that fail, and the local AWS does not do.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-eventsourcemapping.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-eventinvokeconfig.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final

from local_stage.errors import NotRun

INVOKE_CONFIG: Final = "AWS::Lambda::EventInvokeConfig"
MAPPING: Final = "AWS::Lambda::EventSourceMapping"
_RULE: Final = "AWS::Events::Rule"
_SCHEDULE: Final = "AWS::Scheduler::Schedule"
_SUBSCRIPTION: Final = "AWS::SNS::Subscription"
EVENT_KINDS: Final = (INVOKE_CONFIG, MAPPING, _RULE, _SCHEDULE, _SUBSCRIPTION)

_TABLES: Final = frozenset({"AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table"})
_STREAMS: Final = _TABLES | {"AWS::Kinesis::Stream"}
_OPERATORS: Final = frozenset({"anything-but", "exists", "numeric", "prefix", "suffix"})
"""What the local AWS knows of a filter's patterns beside equality."""
_OF_TARGETS: Final = ("DeadLetterConfig", "RetryPolicy")

_AGAIN: Final = "a batch that fails comes again until it succeeds"
_NOWHERE: Final = "a batch that fails is sent nowhere"
_OWN_WAY: Final = (
    "an event that fails is tried three times by the local AWS, and sent where the function says"
)

type _Asks = Callable[[Any], bool]

_OF_MAPPINGS: Final[Mapping[str, tuple[_Asks, str]]] = {
    "MaximumBatchingWindowInSeconds": (bool, "a batch waits for no more records"),
    "ParallelizationFactor": (lambda value: str(value) != "1", "one batch of a shard runs at a time"),
    "TumblingWindowInSeconds": (bool, "batches belong to no window, and have no state"),
}
_OF_STREAMS: Final[Mapping[str, tuple[_Asks, str]]] = {
    "BisectBatchOnFunctionError": (
        lambda value: str(value).lower() == "true",
        "a batch that fails comes again whole",
    ),
    "FunctionResponseTypes": (bool, "records that the function reports as failed do not come again"),
    "MaximumRetryAttempts": (lambda value: str(value) != "-1", _AGAIN),
    "StartingPosition": (lambda value: value == "AT_TIMESTAMP", "it begins with the newest record"),
}


def find_undone_events(
    logical_id: str, kind: str, properties: Mapping[str, Any], sources: AbstractSet[str] = frozenset()
) -> Iterator[NotRun]:
    """Yield what a resource's resolved properties ask for and the local AWS does not do.

    `sources` are the types of the resources from which a mapping's records come.
    """
    if kind == INVOKE_CONFIG:
        yield from _find_destinations(logical_id, properties.get("DestinationConfig"))
    elif kind == MAPPING:
        yield from _find_of_mapping(logical_id, properties, sources)
    elif kind == _SUBSCRIPTION and properties.get("RedrivePolicy"):
        yield NotRun(logical_id, _OWN_WAY, "RedrivePolicy")
    elif kind == _SCHEDULE:
        yield from _find_of_target(logical_id, properties.get("Target"), "Target")
    elif kind == _RULE:
        targets = properties.get("Targets")
        for number, target in enumerate(targets if isinstance(targets, list) else ()):
            yield from _find_of_target(logical_id, target, f"Targets.{number}")


def _find_destinations(logical_id: str, config: Any) -> Iterator[NotRun]:
    destinations = config if isinstance(config, dict) else {}
    if _read_destination(destinations, "OnSuccess"):
        yield NotRun(
            logical_id, "nothing is sent when the function has succeeded", "DestinationConfig.OnSuccess"
        )
    failed = _read_destination(destinations, "OnFailure")
    if ":events:" in failed or ":s3:" in failed:
        why = "the local AWS sends failed events to queues, topics and functions alone"
        yield NotRun(logical_id, why, "DestinationConfig.OnFailure")


def _read_destination(destinations: Mapping[str, Any], name: str) -> str:
    value = destinations.get(name)
    return str(value.get("Destination") or "") if isinstance(value, dict) else ""


def _find_of_mapping(
    logical_id: str, properties: Mapping[str, Any], sources: AbstractSet[str]
) -> Iterator[NotRun]:
    is_stream = bool(sources & _STREAMS)
    rules = {**_OF_MAPPINGS, **(_OF_STREAMS if is_stream else {})}
    for name, (asks, why) in rules.items():
        if properties.get(name) is not None and asks(properties[name]):
            yield NotRun(logical_id, why, name)
    has_age, is_table = bool(properties.get("MaximumRecordAgeInSeconds")), bool(sources & _TABLES)
    if is_stream and has_age and not is_table:
        yield NotRun(logical_id, _AGAIN, "MaximumRecordAgeInSeconds")
    if is_stream and properties.get("DestinationConfig") and not (is_table and has_age):
        yield NotRun(logical_id, _NOWHERE, "DestinationConfig")
    if unknown := sorted({*_find_unknown_operators(properties.get("FilterCriteria"))}):
        why = f"the local AWS does not know {', '.join(unknown)}, so that no record passes such a filter"
        yield NotRun(logical_id, why, "FilterCriteria")


def _find_unknown_operators(criteria: Any) -> Iterator[str]:
    filters = criteria.get("Filters") if isinstance(criteria, dict) else None
    for one in filters if isinstance(filters, list) else ():
        try:
            yield from _find_in_pattern(json.loads(one["Pattern"]))
        except (LookupError, TypeError, ValueError):
            continue


def _find_in_pattern(pattern: Any) -> Iterator[str]:
    for name, value in pattern.items() if isinstance(pattern, dict) else ():
        if name == "$or":
            yield name
        elif isinstance(value, dict):
            yield from _find_in_pattern(value)
        elif isinstance(value, list):
            yield from (name for one in value if isinstance(one, dict) for name in one.keys() - _OPERATORS)


def _find_of_target(logical_id: str, target: Any, path: str) -> Iterator[NotRun]:
    for name in _OF_TARGETS:
        if isinstance(target, dict) and target.get(name):
            yield NotRun(logical_id, _OWN_WAY, f"{path}.{name}")
