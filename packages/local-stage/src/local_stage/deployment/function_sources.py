"""The event sources of a function, as the local AWS has them from the template, and an event of each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from local_stage.cloudformation.aws_refusal import explaining_refusals
from local_stage.cloudformation.deployed_stack import DeployedStack
from local_stage.deployment.source_events import (
    Origin,
    build_dynamodb_event,
    build_eventbridge_event,
    build_kinesis_event,
    build_s3_event,
    build_schedule_event,
    build_sns_event,
    build_sqs_event,
)
from local_stage.deployment.trigger_event import COGNITO_TRIGGERS, build_cognito_event, find_trigger
from local_stage.errors import UsageError

_FUNCTION: Final = "AWS::Lambda::Function"
_CONTENT: Final = {"message": "hello"}

type _Build = Callable[["_Sources", Origin], Iterator[Any]]


def build_source_event(stack: DeployedStack, function: str, event_type: str, content: Any = None) -> Any:
    """Return an event of a source of this type; of several sources it is the first.

    `function` is a logical id, a name or an ARN; `event_type` is one of EVENT_TYPES, or `cognito:` and the
    name of a trigger or of its source. `content` is what the event carries. Raises UsageError where the
    function has no such source, and StartError where the local AWS does not say.
    """
    kind, _, named = event_type.partition(":")
    if kind not in EVENT_TYPES or (named and (kind != "cognito" or find_trigger(named) is None)):
        triggers = ", ".join(f"cognito:{name}" for name in COGNITO_TRIGGERS)
        why = f"--event-type {event_type}: is none of {', '.join(EVENT_TYPES)}, {triggers}"
        raise UsageError(why)
    sources = _Sources(stack, _find_arn(stack, function), named)
    origin = Origin(stack.region, stack.stack_id.split(":")[4], _CONTENT if content is None else content)
    with explaining_refusals():
        found = next(EVENT_TYPES[kind](sources, origin), None)
        if found is not None:
            return found
        has = [name for name, build in EVENT_TYPES.items() if next(build(sources, origin), None) is not None]
    why = f"--event-type {event_type}: {function} has no such source; it has {', '.join(has) or 'none'}"
    raise UsageError(why)


def _find_arn(stack: DeployedStack, function: str) -> str:
    account_id = stack.stack_id.split(":")[4]
    functions = {
        one.logical_id: f"arn:aws:lambda:{stack.region}:{account_id}:function:{one.physical_id}"
        for one in stack.find_resources()
        if one.kind == _FUNCTION
    }
    for logical_id, arn in functions.items():
        if function in {logical_id, arn, arn.rpartition(":")[2]} or function.startswith(f"{arn}:"):
            return arn
    known = ", ".join(sorted(functions)) or "none"
    raise UsageError(f"{function} is no function of the template; its functions: {known}")


class _Sources:
    """What the local AWS knows of one function's sources."""

    def __init__(self, stack: DeployedStack, arn: str, named: str) -> None:
        self.client = stack.client
        self._stack = stack
        self._arn = arn
        self.named = named
        self._trigger = find_trigger(named) if named else ""

    def is_it(self, arn: Any) -> bool:
        """Say whether an ARN is the function's, with or without alias or version."""
        return arn == self._arn or str(arn).startswith(f"{self._arn}:")

    def find_ids(self, kind: str) -> list[str]:
        """Return the ids of the stack's resources of a type."""
        return [one.physical_id for one in self._stack.find_resources() if one.kind == kind]

    def find_mapped(self, service: str) -> Iterator[str]:
        """Yield the ARNs of what of a service is mapped to the function."""
        mappings = self.client("lambda").list_event_source_mappings()["EventSourceMappings"]
        for mapping in mappings:
            arn = mapping.get("EventSourceArn", "")
            if self.is_it(mapping["FunctionArn"]) and arn.startswith(f"arn:aws:{service}:"):
                yield arn

    def find_targets(self) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """Yield the rules of every bus that have the function as a target, with the target."""
        events = self.client("events")
        for bus in events.list_event_buses()["EventBuses"]:
            for rule in events.list_rules(EventBusName=bus["Name"])["Rules"]:
                listed = events.list_targets_by_rule(Rule=rule["Name"], EventBusName=bus["Name"])
                for target in listed["Targets"]:
                    if self.is_it(target["Arn"]):
                        yield rule, target

    def find_triggers(self) -> Iterator[tuple[str, str, str]]:
        """Yield the user pools that name the function: pool, trigger and the event's version."""
        for pool_id in self.find_ids("AWS::Cognito::UserPool"):
            pool = self.client("cognito-idp").describe_user_pool(UserPoolId=pool_id)["UserPool"]
            config = pool.get("LambdaConfig") or {}
            tokens = config.get("PreTokenGenerationConfig") or {}
            if self._trigger in {"", "PreTokenGeneration"} and self.is_it(tokens.get("LambdaArn")):
                yield pool_id, "PreTokenGeneration", str(tokens.get("LambdaVersion", "V2_0"))[1]
            for trigger, arn in config.items():
                if trigger in COGNITO_TRIGGERS and self._trigger in {"", trigger} and self.is_it(arn):
                    yield pool_id, trigger, "1"


def _from_queues(sources: _Sources, origin: Origin) -> Iterator[Any]:
    for arn in sources.find_mapped("sqs"):
        yield build_sqs_event(origin, arn)


def _from_topics(sources: _Sources, origin: Origin) -> Iterator[Any]:
    for topic in sources.find_ids("AWS::SNS::Topic"):
        listed = sources.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        for subscription in listed:
            if sources.is_it(subscription["Endpoint"]):
                yield build_sns_event(origin, topic, subscription["SubscriptionArn"])


def _from_buckets(sources: _Sources, origin: Origin) -> Iterator[Any]:
    for bucket in sources.find_ids("AWS::S3::Bucket"):
        configured = sources.client("s3").get_bucket_notification_configuration(Bucket=bucket)
        for one in configured.get("LambdaFunctionConfigurations", []):
            if sources.is_it(one["LambdaFunctionArn"]):
                yield build_s3_event(origin, bucket, one)


def _from_streams(sources: _Sources, origin: Origin) -> Iterator[Any]:
    for arn in sources.find_mapped("kinesis"):
        yield build_kinesis_event(origin, arn)


def _from_tables(sources: _Sources, origin: Origin) -> Iterator[Any]:
    for arn in sources.find_mapped("dynamodb"):
        name = arn.partition(":table/")[2].partition("/")[0]
        table = sources.client("dynamodb").describe_table(TableName=name)["Table"]
        kinds = {one["AttributeName"]: one["AttributeType"] for one in table["AttributeDefinitions"]}
        keys = {one["AttributeName"]: kinds[one["AttributeName"]] for one in table["KeySchema"]}
        view_type = (table.get("StreamSpecification") or {}).get("StreamViewType", "NEW_AND_OLD_IMAGES")
        yield build_dynamodb_event(origin, arn, view_type, keys)


def _from_rules(sources: _Sources, origin: Origin) -> Iterator[Any]:
    for rule, target in sources.find_targets():
        if rule.get("EventPattern"):
            event = build_eventbridge_event(origin, json.loads(rule["EventPattern"]))
            yield json.loads(target["Input"]) if target.get("Input") else event


def _from_schedules(sources: _Sources, origin: Origin) -> Iterator[Any]:
    for rule, target in sources.find_targets():
        if rule.get("ScheduleExpression"):
            event = build_schedule_event(origin, rule["Arn"])
            yield json.loads(target["Input"]) if target.get("Input") else event
    scheduler = sources.client("scheduler")
    for one in scheduler.list_schedules()["Schedules"]:
        schedule = scheduler.get_schedule(Name=one["Name"], GroupName=one.get("GroupName", "default"))
        if sources.is_it(schedule["Target"]["Arn"]):
            yield json.loads(schedule["Target"].get("Input") or "{}")


def _from_pools(sources: _Sources, origin: Origin) -> Iterator[Any]:
    for pool_id, trigger, version in sources.find_triggers():
        listed = sources.client("cognito-idp").list_user_pool_clients(UserPoolId=pool_id)["UserPoolClients"]
        client_id = listed[0]["ClientId"] if listed else "CLIENT_ID_NOT_APPLICABLE"
        yield build_cognito_event(origin, sources.named or trigger, pool_id, client_id, version)


EVENT_TYPES: Final[Mapping[str, _Build]] = {
    "sqs": _from_queues,
    "sns": _from_topics,
    "s3": _from_buckets,
    "kinesis": _from_streams,
    "dynamodb": _from_tables,
    "eventbridge": _from_rules,
    "schedule": _from_schedules,
    "cognito": _from_pools,
}
"""By the type's name: yields an event for each source of this type that a function has."""
