"""Only a version that answers every probe rightly is reported as fit."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

import app
from operations.deployment_hook.hook import PROBES, run_hook
from tests.unit.hello_function.lambda_context import FakeLambdaContext
from tests.unit.operations.recorded_clients import Deployments, Handler, Versions

VERSION = "arn:aws:lambda:ap-northeast-1:123456789012:function:hello:7"
EVENT = {"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "h-1", "Combined": "x"}


def current_version(event: dict[str, Any]) -> Any:
    return app.lambda_handler(event, FakeLambdaContext())


def greets_everybody(_: dict[str, Any]) -> Any:
    return {"statusCode": 200, "body": json.dumps({"username": "deployment-hook"})}


def greets_somebody_else(event: dict[str, Any]) -> Any:
    answer = current_version(event)
    return answer | {"body": answer["body"].replace("deployment-hook", "alice")}


def lets_everybody_administer(event: dict[str, Any]) -> Any:
    return current_version(event | {"path": "/hello", "resource": "/hello"})


def fails_at_import(_: dict[str, Any]) -> Any:
    return ImportError("No module named 'caller'")


def answers_nothing(_: dict[str, Any]) -> Any:
    return None


def is_not_reached(_: dict[str, Any]) -> Any:
    raise TimeoutError


def find_status(handler: Handler) -> str:
    deployments = Deployments()
    run_hook(EVENT, VERSION, Versions(handler), deployments)
    (report,) = deployments.reports
    return str(report["status"])


def test_the_function_as_it_is_is_fit() -> None:
    assert find_status(current_version) == "Succeeded"


@pytest.mark.parametrize(
    "handler",
    [
        greets_everybody,
        greets_somebody_else,
        lets_everybody_administer,
        fails_at_import,
        answers_nothing,
        is_not_reached,
    ],
)
def test_any_other_answer_makes_the_version_unfit(handler: Handler) -> None:
    assert find_status(handler) == "Failed"


def test_the_report_names_deployment_and_execution() -> None:
    deployments = Deployments()
    run_hook(EVENT, VERSION, Versions(current_version), deployments)
    assert deployments.reports == [
        {"deploymentId": "d-1", "lifecycleEventHookExecutionId": "h-1", "status": "Succeeded"}
    ]


def test_the_new_version_is_called_and_not_the_alias() -> None:
    versions = Versions(current_version)
    run_hook(EVENT, VERSION, versions, Deployments())
    assert versions.invoked == [VERSION] * len(PROBES)


def test_the_log_says_why_a_version_is_unfit(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        find_status(greets_everybody)
    assert "/hello: 200, expected 401" in caplog.text
