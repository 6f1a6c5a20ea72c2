"""Staging and prod let a new version in by degrees, and take it back when an alarm goes off."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.template.written_template import (
    FILE,
    deployed,
    intrinsics,
    of_type,
    operations,
    template,
)

LIVE = pytest.mark.parametrize("environment", ["staging", "prod"])
ENDING = {"ServerErrorAlarm", "LatencyAlarm", "FunctionErrorAlarm", "FunctionThrottleAlarm"}
"""Alarms that end a deployment."""
STAGE = {"ApiName": "hello", "Stage": "prod"}
ALIAS = {"FunctionName": "HelloFunction", "Resource": "HelloFunction:live"}
ABOVE = "GreaterThanThreshold"
WATCHED: dict[str, tuple[str, str, dict[str, str], str, float, str]] = {
    "ServerErrorAlarm": ("AWS/ApiGateway", "5XXError", STAGE, "Average", 0.01, ABOVE),
    "LatencyAlarm": ("AWS/ApiGateway", "Latency", STAGE, "p99", 3000, ABOVE),
    "FunctionErrorAlarm": ("AWS/Lambda", "Errors", ALIAS, "Sum", 0, ABOVE),
    "FunctionThrottleAlarm": ("AWS/Lambda", "Throttles", {"FunctionName": "HelloFunction"}, "Sum", 0, ABOVE),
}
"""Namespace, metric, dimensions, statistic and threshold of each, and on which side of it it goes off."""


def alarms(environment: str, **parameters: str) -> dict[str, Mapping[str, Any]]:
    return of_type(deployed(environment, **parameters), "AWS::CloudWatch::Alarm")


@LIVE
def test_one_request_in_ten_gets_the_new_version_first(environment: str) -> None:
    group = deployed(environment)["HelloFunctionDeploymentGroup"]["Properties"]
    assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
    assert group["AutoRollbackConfiguration"]["Enabled"] is True
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]


@LIVE
def test_the_hook_is_asked_before_anybody_gets_the_new_version(environment: str) -> None:
    resources = deployed(environment)
    update = resources["HelloFunctionAliaslive"]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
    assert update["BeforeAllowTrafficHook"] == "DeploymentHook"
    (version,) = of_type(resources, "AWS::Lambda::Version")
    assert resources["DeploymentHook"]["Properties"]["Environment"]["Variables"] == {"NEW_VERSION": version}


@LIVE
def test_codedeploys_role_may_invoke_a_function_of_the_hooks_name(environment: str) -> None:
    assert deployed(environment)["DeploymentHook"]["Properties"]["FunctionName"].startswith("CodeDeployHook_")


@LIVE
def test_four_alarms_end_a_deployment(environment: str) -> None:
    group = deployed(environment)["HelloFunctionDeploymentGroup"]["Properties"]
    assert {alarm["Name"] for alarm in group["AlarmConfiguration"]["Alarms"]} == ENDING
    assert group["AlarmConfiguration"]["Enabled"] is True


@LIVE
def test_every_alarm_tells_the_topic_and_is_silent_where_nothing_happens(environment: str) -> None:
    found = {**alarms(environment), **of_type(operations(environment), "AWS::CloudWatch::Alarm")}
    assert found.keys() == {*ENDING, "RefusalAlarm"}
    assert all(alarm["AlarmActions"] == ["AlarmTopic"] for alarm in found.values())
    assert all(alarm["TreatMissingData"] == "notBreaching" for alarm in found.values())


@LIVE
def test_no_alarm_needs_the_second_template_to_end_a_deployment(environment: str) -> None:
    assert alarms(environment).keys() == ENDING


@pytest.mark.parametrize("name", sorted(ENDING))
def test_an_alarm_watches_what_its_name_says(name: str) -> None:
    alarm = alarms("prod")[name]
    assert WATCHED[name] == (
        alarm["Namespace"],
        alarm["MetricName"],
        {dimension["Name"]: dimension["Value"] for dimension in alarm["Dimensions"]},
        alarm.get("Statistic") or alarm["ExtendedStatistic"],
        alarm["Threshold"],
        alarm["ComparisonOperator"],
    )


def test_the_api_has_the_name_and_the_stage_that_are_watched() -> None:
    assert deployed("prod")["HelloApi"]["Properties"]["Name"] == STAGE["ApiName"]
    assert deployed("prod")["HelloApiStage"]["Properties"]["StageName"] == STAGE["Stage"]


def test_more_refusals_than_usual_are_too_many_and_fewer_are_not() -> None:
    alarm = operations("prod")["RefusalAlarm"]["Properties"]
    refusals, usual = alarm["Metrics"]
    assert (refusals["Id"], refusals["MetricStat"]["Stat"]) == ("refusals", "Sum")
    assert usual == {"Id": "usual", "Expression": "ANOMALY_DETECTION_BAND(refusals, 4)"}
    assert alarm["ThresholdMetricId"] == usual["Id"]
    assert alarm["ComparisonOperator"] == "GreaterThanUpperThreshold"


def test_an_alarm_can_go_off_within_the_five_minutes_of_the_canary() -> None:
    found = alarms("prod")
    seconds = {name: found[name]["Period"] * found[name]["EvaluationPeriods"] for name in ENDING}
    assert max(seconds.values()) < 5 * 60


def test_refusals_are_counted_in_the_access_log_alone() -> None:
    assert not {"RefusalAlarm", "RefusalCount"} & operations("prod", AccessLogGroup="").keys()
    line = json.loads(deployed("prod")["HelloApiStage"]["Properties"]["AccessLogSetting"]["Format"])
    count = operations("prod")["RefusalCount"]["Properties"]
    assert line["status"] == "$context.status"
    assert count["FilterPattern"] == '{ $.status = "401" }'
    assert count["LogGroupName"] == "HelloApiLog"
    (metric,) = count["MetricTransformations"]
    assert (metric["MetricValue"], metric["DefaultValue"]) == ("1", 0)
    watched = operations("prod")["RefusalAlarm"]["Properties"]["Metrics"][0]["MetricStat"]["Metric"]
    assert watched == {"Namespace": metric["MetricNamespace"], "MetricName": metric["MetricName"]}


@pytest.mark.parametrize(
    ("address", "subscriptions"),
    [
        ("", []),
        ("a@example.com", [{"TopicArn": "AlarmTopic", "Protocol": "email", "Endpoint": "a@example.com"}]),
    ],
)
def test_mail_is_sent_to_the_address_that_is_given(address: str, subscriptions: list[dict[str, str]]) -> None:
    subscribed = of_type(operations("prod", AlarmEmail=address), "AWS::SNS::Subscription")
    assert list(subscribed.values()) == subscriptions


@LIVE
def test_the_dashboard_is_json_and_shows_every_alarm_that_ends_a_deployment(environment: str) -> None:
    dashboard = json.loads(operations(environment)["Dashboard"]["Properties"]["DashboardBody"])
    shown = [widget["properties"].get("alarms", []) for widget in dashboard["widgets"]]
    assert set().union(*shown) == {f"{alarm}.Arn" for alarm in ENDING}
    assert not any("${" in json.dumps(widget) for widget in dashboard["widgets"])


def test_the_dashboard_shows_every_metric_that_the_function_writes() -> None:
    source = (FILE.parent / "hello_function" / "app.py").read_text(encoding="utf-8")
    written = set(re.findall(r'add_metric\(name="(\w+)"', source)) | {"ColdStart"}
    dashboard = json.loads(operations("prod")["Dashboard"]["Properties"]["DashboardBody"])
    (metrics,) = (
        widget["properties"]["metrics"]
        for widget in dashboard["widgets"]
        if widget["properties"]["title"] == "What the function says"
    )
    assert 'Metrics(namespace="HelloApi")' in source
    assert [namespace for namespace, *_ in metrics] == ["HelloApi", ".", "."]
    assert {name for _, name, *_ in metrics} == written


def test_dev_has_the_alias_and_nothing_that_waits_or_watches() -> None:
    types = {resource["Type"] for resource in deployed("dev").values()}
    assert "AWS::Lambda::Alias" in types
    assert not {kind for kind in types if kind.startswith(("AWS::CodeDeploy", "AWS::CloudWatch", "AWS::SNS"))}
    assert "UpdatePolicy" not in deployed("dev")["HelloFunctionAliaslive"]


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_sam_and_the_conditions_mean_the_same_environments(environment: str) -> None:
    """SAM reads the mapping, all else the condition: a template where they differ could not be deployed."""
    gradual = template().source["Mappings"]["Environments"][environment]["Gradual"] == "true"
    assert intrinsics(environment).condition("IsLive") is gradual
