"""The access log has a line a request, in the template's format, whatever the request was."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_stage.api_gateway import gateway_error
from local_stage.api_gateway.access_log import AccessLog
from local_stage.api_gateway.exchange import Exchange, Outcome, RequestContext, new_request_context
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.api_gateway.integrations.mock import MockIntegration
from local_stage.lambda_runtime.function_error import FunctionThrottledError, HandlerError
from tests.unit.api_gateway.served_stage import ServedStage

REQUEST = HttpRequest("GET", "/dev/hello", headers=(("User-Agent", "curl/8"),), source_ip="203.0.113.7")


def context(request: HttpRequest = REQUEST) -> RequestContext:
    return new_request_context(
        request,
        account_id="123456789012",
        api_id="abcdefghij",
        stage="dev",
        deployment_id="d1",
        domain_name="abcdefghij.execute-api.ap-northeast-1.amazonaws.com",
        domain_prefix="abcdefghij",
        clock=lambda: 1_718_636_426.5,
    )


def answered(error: GatewayError | None = None, request: HttpRequest = REQUEST) -> Exchange:
    status = error.status if error else 200
    return Exchange(request, HttpResponse(status, [], b"12345"), context(request), 0.0125, error)


def line(line_format: str, answer: Exchange) -> str:
    lines: list[str] = []
    AccessLog(line_format, lines.append).record(answer)
    assert len(lines) == 1
    return lines[0]


@pytest.mark.rule("access-log.format")
def test_variables_are_put_in_place_and_the_rest_stays() -> None:
    answer = answered()
    expected = f"{answer.context.request_id} [17/Jun/2024:15:00:26 +0000] GET /dev/hello 200 5 12\n"
    line_format = (
        "$context.requestId [$context.requestTime] $context.httpMethod $context.path"
        " $context.status $context.responseLength $context.responseLatency"
    )
    assert line(line_format, answer) == expected


@pytest.mark.rule("access-log.missing")
def test_what_a_request_has_not_is_a_hyphen() -> None:
    line_format = (
        "$context.authorizer.claims.sub $context.error.message $context.integrationLatency $context.nothing"
    )
    assert line(line_format, answered()) == "- - - -\n"


def test_claims_are_found_by_name_colons_included() -> None:
    answer = answered()
    answer.context.authorizer_variables = {"claims": {"sub": "s-1", "cognito:groups": "admins,users"}}
    line_format = "$context.authorizer.claims.sub $context.authorizer.claims.cognito:groups"
    assert line(line_format, answer) == "s-1 admins,users\n"


@pytest.mark.rule("access-log.error")
def test_a_refusal_shows_the_error_as_the_client_saw_it_and_not_the_reason() -> None:
    answer = answered(gateway_error.expired_token("token expired 3 h ago; sign in again"))
    answer.context.authorizer = Outcome(401, 0.004, error="The incoming token has expired")
    line_format = (
        "$context.status $context.error.message $context.error.responseType"
        " $context.error.messageString $context.authorizer.error $context.authorizer.status"
        " $context.authorizer.latency"
    )
    message = "The incoming token has expired"
    assert line(line_format, answer) == f'401 {message} UNAUTHORIZED "{message}" {message} 401 4\n'


@pytest.mark.rule("access-log.integration-status")
def test_the_integrations_status_is_lambdas_and_the_functions_stands_beside_it() -> None:
    answer = answered()
    answer.context.integration = Outcome(403, 0.02, "r-1", service_status=200)
    line_format = (
        "$context.integrationStatus $context.integration.status"
        " $context.integrationLatency $context.awsEndpointRequestId"
    )
    assert line(line_format, answer) == "200 403 20 r-1\n"


INTEGRATION = (
    "$context.status $context.error.responseType $context.integration.status $context.integrationStatus"
    " $context.integration.requestId $context.awsEndpointRequestId $context.integration.error"
)


def line_of(stage: ServedStage) -> str:
    stage.answer()
    lines: list[str] = []
    AccessLog(INTEGRATION, lines.append).record(stage.recorded[0])
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", lines[0])


@pytest.mark.rule("access-log.integration-error", "gateway.failure-type")
def test_a_functions_error_is_logged_in_the_words_of_aws() -> None:
    error = HandlerError("hello", b'{"errorMessage": "\'BUCKET\'", "errorType": "KeyError"}')
    expected = "502 INTEGRATION_FAILURE - 200 ID ID Lambda Customer Function Error:'BUCKET'\n"
    assert line_of(ServedStage(error)) == expected


@pytest.mark.rule("access-log.integration-timeout", "access-log.other-integration-errors")
def test_an_integration_that_takes_too_long_has_no_request_id() -> None:
    expected = "504 INTEGRATION_TIMEOUT - - - - Execution failed due to a timeout error\n"
    assert line_of(ServedStage(duration=60.0, timeout=0.01)) == expected


@pytest.mark.rule("access-log.integration-status")
def test_a_throttled_function_has_lambdas_status() -> None:
    error = FunctionThrottledError("hello", 0)
    assert line_of(ServedStage(error)) == "500 INTEGRATION_FAILURE - 429 ID ID Rate Exceeded.\n"


@pytest.mark.rule("gateway.malformed-type")
def test_what_is_no_proxy_response_is_logged_as_a_failure_of_the_integration() -> None:
    expected = "502 INTEGRATION_FAILURE - 200 ID ID Malformed Lambda proxy response\n"
    assert line_of(ServedStage(b'"text"')) == expected


@pytest.mark.rule("access-log.mock")
def test_a_mock_has_a_status_of_its_own_and_none_of_an_integration() -> None:
    stage = ServedStage(integration=MockIntegration(200))
    assert line_of(stage) == "200 - - 200 - - -\n"


@pytest.mark.rule("access-log.escaping")
@given(st.text(), st.text())
def test_no_header_and_no_claim_breaks_out_of_its_line_or_string(agent: str, claim: str) -> None:
    answer = answered(request=replace(REQUEST, headers=(("User-Agent", agent),)))
    answer.context.authorizer_variables = {"claims": {"name": claim}}
    line_format = '{"agent":"$context.identity.userAgent","name":"$context.authorizer.claims.name"}'
    written = line(line_format, answer)
    assert written.count("\n") == 1
    assert json.loads(written).keys() == {"agent", "name"}
