"""What a template says of events and the local AWS does not do is told at start."""

from __future__ import annotations

from typing import Any

import pytest

from local_stage.cloudformation.event_settings import INVOKE_CONFIG, MAPPING, find_undone_events

TABLE, STREAM, QUEUE = "AWS::DynamoDB::Table", "AWS::Kinesis::Stream", "AWS::SQS::Queue"
ARN = "arn:aws:{service}:eu-west-1:123456789012:name"
FAILED = {"OnFailure": {"Destination": ARN.format(service="sqs")}}


def told(kind: str, source: str = QUEUE, **properties: Any) -> list[str]:
    return [one.property_path for one in find_undone_events("Source", kind, properties, {source})]


def filters(pattern: str) -> dict[str, Any]:
    return {"Filters": [{"Pattern": pattern}]}


@pytest.mark.parametrize(
    ("name", "value", "source"),
    [
        ("BisectBatchOnFunctionError", True, STREAM),
        ("DestinationConfig", FAILED, STREAM),
        ("DestinationConfig", FAILED, TABLE),
        ("FilterCriteria", filters('{"body": {"$or": [{"a": [1]}]}}'), QUEUE),
        ("FilterCriteria", filters('{"body": {"a": [{"equals-ignore-case": "x"}]}}'), QUEUE),
        ("FunctionResponseTypes", ["ReportBatchItemFailures"], TABLE),
        ("MaximumBatchingWindowInSeconds", 5, QUEUE),
        ("MaximumRecordAgeInSeconds", 60, STREAM),
        ("MaximumRetryAttempts", 2, TABLE),
        ("ParallelizationFactor", 2, STREAM),
        ("StartingPosition", "AT_TIMESTAMP", STREAM),
        ("TumblingWindowInSeconds", 30, TABLE),
    ],
)
def test_what_a_mapping_asks_for_in_vain_is_told(name: str, value: Any, source: str) -> None:
    assert told(MAPPING, source, **{name: value}) == [name]


def test_what_the_local_aws_does_of_a_mapping_is_not_told() -> None:
    of_queue = {"FunctionResponseTypes": ["ReportBatchItemFailures"], "MaximumBatchingWindowInSeconds": 0}
    pattern = '{"body": {"a": [{"prefix": "x"}, "y"], "b": [{"exists": true}]}}'
    assert told(MAPPING, QUEUE, **of_queue, BatchSize=5, FilterCriteria=filters(pattern)) == []
    of_table = {"MaximumRecordAgeInSeconds": 60, "DestinationConfig": FAILED, "MaximumRetryAttempts": -1}
    assert told(MAPPING, TABLE, **of_table, StartingPosition="LATEST") == []
    of_stream = {"BisectBatchOnFunctionError": "false", "ParallelizationFactor": 1}
    assert told(MAPPING, STREAM, **of_stream) == []


@pytest.mark.parametrize("service", ["events", "s3"])
def test_destinations_that_get_nothing_are_told(service: str) -> None:
    elsewhere = {"Destination": ARN.format(service=service)}
    destinations = {"OnSuccess": FAILED["OnFailure"], "OnFailure": elsewhere}
    assert told(INVOKE_CONFIG, DestinationConfig=destinations) == [
        "DestinationConfig.OnSuccess",
        "DestinationConfig.OnFailure",
    ]
    assert told(INVOKE_CONFIG, DestinationConfig=FAILED, MaximumRetryAttempts=1) == []


def test_queues_for_failed_events_of_rules_schedules_and_subscriptions_are_told() -> None:
    target = {"Arn": ARN.format(service="lambda"), "DeadLetterConfig": {"Arn": ARN.format(service="sqs")}}
    plain = {"Arn": ARN.format(service="lambda")}
    assert told("AWS::Events::Rule", Targets=[plain, target]) == ["Targets.1.DeadLetterConfig"]
    retried = {**plain, "RetryPolicy": {"MaximumRetryAttempts": 1}}
    assert told("AWS::Scheduler::Schedule", Target=retried) == ["Target.RetryPolicy"]
    redriven = {"deadLetterTargetArn": ARN.format(service="sqs")}
    assert told("AWS::SNS::Subscription", RedrivePolicy=redriven) == ["RedrivePolicy"]
