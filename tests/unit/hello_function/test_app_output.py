"""What the function writes to its log, and above all what it does not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app import lambda_handler
from tests.unit.hello_function.function_output import FunctionOutput
from tests.unit.hello_function.lambda_context import FakeLambdaContext
from tests.unit.hello_function.proxy_events import EVENTS, build_event, read_claims, read_event

PERSONAL = {
    "cognito:username",
    "email",
    "jti",
    "origin_jti",
    "event_id",
    "exp",
    "iat",
    "auth_time",
    "cognito:groups",
}
CASES = sorted(file.stem for file in EVENTS.glob("*.json"))


def invoke(event: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = lambda_handler(event, FakeLambdaContext())
    return answer


def count(output: FunctionOutput, name: str) -> int:
    return sum(int(value) for line in output.metrics for value in line.get(name, []))


@pytest.mark.parametrize("case", CASES)
def test_every_log_line_carries_the_request_id_as_correlation_id(case: str, output: FunctionOutput) -> None:
    event = read_event(case)
    invoke(event)
    assert {line["correlation_id"] for line in output.log_lines} == {event["requestContext"]["requestId"]}


def test_the_callers_sub_is_logged(output: FunctionOutput) -> None:
    invoke(read_event("signed_in"))
    assert [line["sub"] for line in output.log_lines] == [read_claims("signed_in")["sub"]]


def test_the_sub_of_one_caller_is_not_logged_for_the_next(output: FunctionOutput) -> None:
    invoke(read_event("signed_in"))
    invoke(read_event("no_claims"))
    assert "sub" not in output.log_lines[-1]


@pytest.mark.parametrize("case", [case for case in CASES if case != "no_claims"])
def test_no_token_and_no_claim_but_sub_is_written(case: str, output: FunctionOutput) -> None:
    event = read_event(case)
    claims = event["requestContext"]["authorizer"]["claims"]
    invoke(event)
    written = output.text
    assert event["headers"]["Authorization"].split()[-1] not in written
    assert [name for name in PERSONAL & claims.keys() if claims[name] in written] == []


@pytest.mark.parametrize("claim", sorted(read_claims("admin")))
@pytest.mark.parametrize("path", ["/hello", "/me", "/admin/hello", "/machine/hello"])
def test_no_value_of_a_wrong_claim_is_written(claim: str, path: str, output: FunctionOutput) -> None:
    event = build_event("admin", path, **{claim: "marker 7f3a \ud800"})
    invoke(event)
    assert "7f3a" not in output.text
    assert output.log_lines


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (read_event("no_claims"), "no claims: no authorizer has run in front of the function"),
        (read_event("not_admin"), "group admins: the caller is not in it"),
        (build_event("signed_in", exp="soon"), "claim exp: missing or of an unknown form"),
        (build_event("machine"), "token_use access: the route takes id"),
        (build_event("signed_in", "/machine/hello"), "token_use id: the route takes access"),
        (
            build_event("machine", "/machine/hello", scope="other/read"),
            "scope hello/read: not among the token's scopes",
        ),
    ],
    ids=["no claims", "not in the group", "wrong claim", "access token", "ID token", "no scope"],
)
def test_a_refusal_is_logged_with_its_reason(
    event: dict[str, Any], reason: str, output: FunctionOutput
) -> None:
    answer = invoke(event)
    refusal = output.log_lines[-1]
    assert (refusal["level"], refusal["reason"]) == ("WARNING", reason)
    assert refusal["status"] == answer["statusCode"]


@pytest.mark.parametrize(
    ("case", "calls", "refusals"), [("signed_in", 1, 0), ("not_admin", 1, 1), ("no_claims", 0, 1)]
)
def test_calls_and_refusals_are_counted(case: str, calls: int, refusals: int, output: FunctionOutput) -> None:
    invoke(read_event(case))
    assert (count(output, "Calls"), count(output, "Refusals")) == (calls, refusals)


def test_metrics_are_in_the_embedded_metric_format(output: FunctionOutput) -> None:
    invoke(read_event("signed_in"))
    (line,) = [line for line in output.metrics if "Calls" in line]
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "HelloApi"
    assert directive["Dimensions"] == [["service"]]
    assert {"Name": "Calls", "Unit": "Count"} in directive["Metrics"]
    assert line["service"] == "hello-api"


def test_an_answer_is_json_that_the_runtime_can_send(output: FunctionOutput) -> None:
    answer = invoke(build_event("signed_in", **{"cognito:username": "太塚 \ud800"}))
    assert json.loads(json.loads(json.dumps(answer))["body"])["username"] == "太塚 \ud800"
    assert "太塚" not in output.text
