"""What ten event sources cost a stage: at rest, at its start, and each call of its API."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from benchmarks.callers import sign_in
from benchmarks.effort import Effort
from benchmarks.figure import Goal, Measurement, Samples
from benchmarks.load import Job, run_load
from benchmarks.peers import LOCAL_STACK
from benchmarks.processes import read_tree_cpu
from benchmarks.start import COMMAND, start_in_turns
from benchmarks.templates import Resource, build_function, build_route, serve_template

TITLE: Final = "Event sources"
WITHOUT: Final = "no source"
WITH: Final = "ten sources"
CONNECTIONS: Final = 8
CALL: Final = f"p50 of a call at {CONNECTIONS}"
AT_REST: Final = "CPU at rest, of one core"
SETTLING: Final = 2.0
"""Seconds that a stage has after its start until it is at rest."""

_METHOD: Final = f"""\
One API with the bare handler, alone and with ten sources for the function: three queues, a topic, two
streams, a bucket, two schedules and a rule. Both stages run side by side; CPU at rest is that of all
processes of a stage. Calls go over {CONNECTIONS} connections, in turns, and so do starts."""


def measure(folder: Path, effort: Effort) -> Measurement:
    """Look at both stages at rest, call them, and start them, in turns."""
    samples = Samples()
    serves = {
        name: serve_template(folder / f"sources-{number}", build_resources(has_sources=name == WITH))
        for number, name in enumerate((WITHOUT, WITH))
    }
    with ExitStack() as running:
        stages = {name: running.enter_context(serve()) for name, serve in serves.items()}
        time.sleep(SETTLING)
        before = {name: read_tree_cpu(stage.pid) for name, stage in stages.items()}
        time.sleep(effort.rest)
        for name, stage in stages.items():
            samples.add(name, AT_REST, "%", 100 * (read_tree_cpu(stage.pid) - before[name]) / effort.rest)
        jobs = {
            name: Job(
                f"{stage.find_running().api_url}/hello",
                CONNECTIONS,
                effort.seconds,
                200,
                "Hello",
                (sign_in(LOCAL_STACK, stage.aws_endpoint_url),),
            )
            for name, stage in stages.items()
        }
        for _ in range(effort.repeats):
            for name, job in jobs.items():
                samples.add(name, CALL, "ms", run_load(job).p50)
    start_in_turns(samples, serves, effort)
    measured = Measurement(TITLE, _METHOD, samples.figures())
    return Measurement(TITLE, _METHOD, measured.figures, judge(measured))


def judge(measured: Measurement) -> list[Goal]:
    """Compare with what was to be reached."""
    at_rest = measured.find(WITH, AT_REST)
    return [
        Goal(f"{WITH}: {AT_REST}", at_rest.median if at_rest else None, at_most=1, unit="%"),
        *(
            Goal(
                f"{WITH}: {quantity}, as a multiple of that with {WITHOUT}",
                measured.ratio(WITH, WITHOUT, quantity),
                at_most=1.1,
            )
            for quantity in (CALL, COMMAND)
        ),
    ]


def build_resources(*, has_sources: bool) -> dict[str, Resource]:
    """Return the function with its route, and with its ten sources."""
    route = {"Route": build_route("/hello")}
    if not has_sources:
        return {"HelloFunction": build_function(route)}
    schedule = {"Schedule": "rate(1 day)"}
    events = {
        **{f"FromQueue{one}": _build_event("SQS", Queue=_find_arn(f"Queue{one}")) for one in range(3)},
        "FromTopic": _build_event("SNS", Topic={"Ref": "Topic"}),
        "FromStream": _build_event("Kinesis", Stream=_find_arn("Stream"), StartingPosition="LATEST"),
        "FromTable": _build_event(
            "DynamoDB", Stream={"Fn::GetAtt": ["Table", "StreamArn"]}, StartingPosition="LATEST"
        ),
        "FromBucket": _build_event("S3", Bucket={"Ref": "Bucket"}, Events="s3:ObjectCreated:*"),
        "FromSchedule": _build_event("Schedule", **schedule),
        "FromScheduler": _build_event("ScheduleV2", ScheduleExpression="rate(1 day)"),
        "FromRule": _build_event("EventBridgeRule", Pattern={"source": ["bench"]}),
    }
    key = {"AttributeName": "id"}
    return {
        **{f"Queue{one}": {"Type": "AWS::SQS::Queue"} for one in range(3)},
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Stream": {"Type": "AWS::Kinesis::Stream", "Properties": {"ShardCount": 1}},
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{**key, "AttributeType": "S"}],
                "KeySchema": [{**key, "KeyType": "HASH"}],
                "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
            },
        },
        "Bucket": {"Type": "AWS::S3::Bucket"},
        "HelloFunction": build_function({**route, **events}),
    }


def _build_event(kind: str, **properties: Any) -> Resource:
    return {"Type": kind, "Properties": properties}


def _find_arn(resource: str) -> Resource:
    return {"Fn::GetAtt": [resource, "Arn"]}
