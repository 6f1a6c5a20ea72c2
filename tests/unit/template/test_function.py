"""What answers: the function may do nothing but answer this API, log and trace."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.template.written_template import ENVIRONMENTS, deployed, of_type, properties, template


def find_grants(role: str, environment: str) -> dict[str, Any]:
    """Return the resources of each action that a role allows."""
    (policy,) = deployed(environment)[role]["Properties"]["Policies"]
    return {
        action: statement["Resource"]
        for statement in policy["PolicyDocument"]["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_function_may_do_nothing_but_write_its_own_log_and_trace(environment: str) -> None:
    assert "ManagedPolicyArns" not in deployed(environment)["HelloFunctionRole"]["Properties"]
    assert find_grants("HelloFunctionRole", environment) == {
        "logs:CreateLogStream": "HelloFunctionLog.Arn",
        "logs:PutLogEvents": "HelloFunctionLog.Arn",
        "xray:PutTelemetryRecords": "*",
        "xray:PutTraceSegments": "*",
    }


def test_the_hook_may_invoke_the_function_and_report_on_this_stacks_deployments() -> None:
    arn = "arn:aws:codedeploy:ap-northeast-1:123456789012:deploymentgroup:hello-*/*"
    assert find_grants("DeploymentHookRole", "prod") == {
        "logs:CreateLogStream": "DeploymentHookLog.Arn",
        "logs:PutLogEvents": "DeploymentHookLog.Arn",
        "lambda:InvokeFunction": "HelloFunction.Arn:*",
        "codedeploy:PutLifecycleEventHookExecutionStatus": arn,
    }


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_nothing_but_this_api_may_invoke_the_function_and_only_for_its_routes(environment: str) -> None:
    permissions = of_type(deployed(environment), "AWS::Lambda::Permission").values()
    assert {(grant["Principal"], grant["FunctionName"]) for grant in permissions} == {
        ("apigateway.amazonaws.com", "HelloFunctionAliaslive")
    }
    api = "arn:aws:execute-api:ap-northeast-1:123456789012:HelloApi/*"
    assert {grant["SourceArn"] for grant in permissions} == {
        f"{api}/GET/hello",
        f"{api}/POST/hello",
        f"{api}/GET/me",
        f"{api}/GET/admin/hello",
        f"{api}/GET/machine/hello",
    }


@pytest.mark.parametrize(("environment", "days"), [("dev", 30), ("staging", 30), ("prod", 365)])
def test_every_function_has_a_log_of_its_own_that_forgets(environment: str, days: int) -> None:
    resources = deployed(environment)
    groups = of_type(resources, "AWS::Logs::LogGroup")
    functions = of_type(resources, "AWS::Lambda::Function")
    assert {name: function["LoggingConfig"]["LogGroup"] for name, function in functions.items()} == {
        name: f"{name}Log" for name in functions
    }
    assert groups.keys() == {"HelloApiLog", *(f"{name}Log" for name in functions)}
    assert {group["RetentionInDays"] for group in groups.values()} == {days}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_lambdas_own_lines_are_json_as_the_handlers_are(environment: str) -> None:
    functions = of_type(deployed(environment), "AWS::Lambda::Function").values()
    assert {function["LoggingConfig"]["LogFormat"] for function in functions} == {"JSON"}


def test_invocations_are_traced() -> None:
    assert properties("HelloFunction")["Tracing"] == "Active"


@pytest.mark.parametrize(("reserved", "given"), [("-1", None), ("0", "0"), ("20", "20")])
def test_concurrency_is_reserved_only_where_the_parameter_says_so(reserved: str, given: str | None) -> None:
    function = deployed(ReservedConcurrency=reserved)["HelloFunction"]["Properties"]
    assert function.get("ReservedConcurrentExecutions") == given


@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
def test_every_function_runs_on_the_processor_that_is_asked_for(architecture: str) -> None:
    functions = of_type(deployed("prod", Architecture=architecture), "AWS::Lambda::Function").values()
    assert [function["Architectures"] for function in functions] == [[architecture], [architecture]]


@pytest.mark.parametrize("parameter", ["AllowedOrigin", "Architecture"])
def test_a_parameter_that_the_function_has_makes_a_new_version(parameter: str) -> None:
    """CloudFormation replaces a version whose description changes, and SAM notices no parameter."""
    values = {"AllowedOrigin": "https://other.example.com", "Architecture": "arm64"}
    changed = of_type(deployed(**{parameter: values[parameter]}), "AWS::Lambda::Version")
    present = of_type(deployed(), "AWS::Lambda::Version")
    assert changed.keys() == present.keys()
    assert changed != present


def test_every_other_parameter_is_none_of_the_functions() -> None:
    """So no other one has to be named in the version's description."""
    function = template().resources["HelloFunction"]["Properties"]
    versioned = {name: value for name, value in function.items() if name != "ReservedConcurrentExecutions"}
    references = {ref for ref in _references(versioned) if ref in template().parameters}
    assert references == {"AllowedOrigin", "Architecture"}


def _references(value: Any) -> set[str]:
    match value:
        case {"Ref": str(name)}:
            return {name}
        case dict():
            return set().union(*map(_references, value.values())) if value else set()
        case list():
            return set().union(*map(_references, value)) if value else set()
        case _:
            return set()
