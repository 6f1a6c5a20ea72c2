"""What answers a method: the function, or the mock of a preflight, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from local_stage.api_gateway.integrations.integration import Integration
from local_stage.api_gateway.integrations.lambda_proxy import LambdaProxyIntegration
from local_stage.api_gateway.integrations.mock import MockIntegration
from local_stage.api_gateway.integrations.registry import UnavailableIntegration
from tests.unit.api_gateway.sam_api import (
    BOTH_FORMS,
    FUNCTION_ARN,
    HELLO,
    PROXY_URI,
    definition,
    method,
    read,
    read_body,
)


def reason(integration: Any, api: dict[str, Any] | None = None, verb: str = "GET") -> str:
    """Return why a method's integration is not run; the list of what is not run tells it as well."""
    rest_api, not_run = (
        read(api) if api else read_body(definition({"x-amazon-apigateway-integration": integration}))
    )
    unavailable = method(rest_api, verb).integration
    assert isinstance(unavailable, UnavailableIntegration)
    assert unavailable.note in not_run
    assert str(unavailable.note).endswith("; the method answers 500")
    return unavailable.reason


def test_a_preflight_is_the_mock_that_sam_writes() -> None:
    cors = {
        "AllowOrigin": "'https://example.com'",
        "AllowHeaders": "'Authorization,Content-Type'",
        "AllowMethods": "'GET'",
        "MaxAge": "'600'",
        "AllowCredentials": True,
    }
    rest_api, _ = read({"Cors": cors})
    mock = method(rest_api, "OPTIONS").integration
    assert isinstance(mock, MockIntegration)
    assert (mock.status, mock.content_type, mock.body) == (200, "application/json", b"{}\n")
    assert dict(mock.headers) == {
        "Access-Control-Allow-Origin": "https://example.com",
        "Access-Control-Allow-Headers": "Authorization,Content-Type",
        "Access-Control-Allow-Methods": "GET",
        "Access-Control-Max-Age": "600",
        "Access-Control-Allow-Credentials": "true",
    }


@pytest.mark.rule("cors.methods")
@BOTH_FORMS
def test_a_preflight_without_methods_lists_those_of_its_path(form: dict[str, Any]) -> None:
    rest_api, _ = read({**form, "Cors": "'*'"})
    mock = method(rest_api, "OPTIONS").integration
    assert isinstance(mock, MockIntegration)
    assert ("Access-Control-Allow-Methods", "GET,OPTIONS") in mock.headers


def test_a_cors_value_without_its_quotes_is_told() -> None:
    assert reason(None, {"Cors": "*"}, "OPTIONS") == (
        "template.yaml: HelloApi.Cors.AllowOrigin: "
        "* is no constant, which a mock's header has to be here; write \"'*'\""
    )


def test_an_operation_without_integration_is_told() -> None:
    line = reason(None)
    assert "HelloApi.DefinitionBody.paths./hello.get: has no x-amazon-apigateway-integration" in line


INTEGRATIONS: list[tuple[dict[str, Any], str]] = [
    (
        {"type": "aws"},
        "type: an integration of type aws is not run locally",
    ),
    ({"type": "http_proxy"}, "type: an integration of type http_proxy is not run locally"),
    (
        {"connectionType": "VPC_LINK"},
        "connectionType: VPC_LINK is not internet: VPC links are not run locally",
    ),
    ({"contentHandling": "CONVERT_TO_BINARY"}, "contentHandling: CONVERT_TO_BINARY is not convert_to_text"),
    ({"httpMethod": "GET"}, "httpMethod: GET is not post: Lambda is invoked with POST"),
    ({"responseTransferMode": "STREAM"}, "responseTransferMode: STREAM is not buffered: streamed responses"),
    ({"tlsConfig": {"a": "b"}}, "tlsConfig: tlsConfig of a Lambda proxy integration is not known"),
    ({"timeoutInMillis": 49}, "timeoutInMillis: has to be between 50 and 300000 milliseconds"),
    ({"timeoutInMillis": "soon"}, "timeoutInMillis: has to be a number, not 'soon'"),
    (
        {"uri": PROXY_URI.replace(FUNCTION_ARN, "${stageVariables.function}")},
        "uri: a function named by a stage variable is not run locally; name the function",
    ),
    ({"uri": "https://example.com"}, "uri: https://example.com does not invoke a Lambda function"),
    ({"uri": PROXY_URI.replace(":123456789012:", "::")}, "does not invoke a Lambda function"),
    (
        {
            "uri": PROXY_URI.replace("2015-03-31", "2021-11-15").replace(
                "invocations", "response-streaming-invocations"
            )
        },
        "does not invoke a Lambda function and wait for its answer",
    ),
    ({"uri": {"Fn::ImportValue": "x"}}, "uri: has to be a text that is known at start, not a mapping"),
    ({"uri": None}, "uri: has to be a text that is known at start, not nothing"),
]


@pytest.mark.parametrize(("change", "line"), INTEGRATIONS, ids=lambda value: str(value)[:60])
def test_an_integration_that_is_not_run_is_told(change: dict[str, Any], line: str) -> None:
    integration = {"type": "aws_proxy", "httpMethod": "POST", "uri": PROXY_URI, **change}
    found = reason(integration)
    assert found.startswith(
        "template.yaml: HelloApi.DefinitionBody.paths./hello.get.x-amazon-apigateway-integration."
    )
    assert line in found


def integration_of(**changes: Any) -> Integration:
    """Return what an integration written by hand is read as."""
    integration = {"type": "AWS_PROXY", "httpMethod": "POST", "uri": PROXY_URI, **changes}
    rest_api, _ = read_body(definition({"x-amazon-apigateway-integration": integration}))
    return method(rest_api).integration


@pytest.mark.parametrize("qualifier", ["", ":live", ":$LATEST", ":12"])
def test_an_alias_or_version_of_a_function_is_kept(qualifier: str) -> None:
    uri = PROXY_URI.replace("/invocations", f"{qualifier}/invocations")
    assert integration_of(uri=uri) == LambdaProxyIntegration(FUNCTION_ARN + qualifier)


def test_a_double_slash_in_the_uri_is_taken_as_aws_takes_it() -> None:
    assert integration_of(uri=PROXY_URI.replace("path/", "path//")) == LambdaProxyIntegration(FUNCTION_ARN)


@pytest.mark.parametrize(("milliseconds", "seconds"), [(50, 0.05), (1500, 1.5), (60_000, 60), ("3000", 3)])
def test_the_timeout_is_read_in_milliseconds(milliseconds: int | str, seconds: float) -> None:
    assert integration_of(timeoutInMillis=milliseconds) == LambdaProxyIntegration(FUNCTION_ARN, seconds)


@pytest.mark.rule("limits.integration-timeout")
def test_an_events_timeout_is_its_integrations() -> None:
    rest_api, _ = read(events={"Get": {**HELLO, "TimeoutInMillis": 2000}})
    assert method(rest_api).integration == LambdaProxyIntegration(FUNCTION_ARN, timeout=2.0)


@pytest.mark.rule("limits.long-integration-timeout")
@pytest.mark.parametrize(("milliseconds", "is_told"), [(29_000, False), (29_001, True)])
def test_a_timeout_that_aws_takes_only_of_some_apis_is_told(
    milliseconds: int | str, *, is_told: bool
) -> None:
    _, not_run = read(events={"Get": {**HELLO, "TimeoutInMillis": milliseconds}})
    told = [item.why for item in not_run if item.property_path.endswith("timeoutInMillis")]
    assert [why.partition(" only of ")[0] for why in told] == ["AWS takes more than 29000 ms"] * is_told


def test_what_api_gateway_ignores_for_a_proxy_is_let_through() -> None:
    changes = {
        "passthroughBehavior": "never", "requestParameters": {"a": "b"}, "contentHandling": "CONVERT_TO_TEXT",
        "connectionType": "INTERNET", "responses": {"default": {"statusCode": "200"}}, "cacheNamespace": "x",
        "cacheKeyParameters": [],
    }  # fmt: skip
    assert integration_of(**changes) == LambdaProxyIntegration(FUNCTION_ARN)


def test_a_role_for_the_integration_is_told_of() -> None:
    role = "arn:aws:iam::123456789012:role/invoke"
    integration = {"type": "aws_proxy", "uri": PROXY_URI, "credentials": role}
    _, not_run = read_body(definition({"x-amazon-apigateway-integration": integration}))
    assert (
        "HelloApi.DefinitionBody.paths./hello.get.x-amazon-apigateway-integration.credentials: "
        "the function is invoked without assuming a role"
    ) in map(str, not_run)


MOCK = {
    "type": "mock",
    "requestTemplates": {"application/json": '{"statusCode": 200}'},
    "responses": {"default": {"statusCode": "204"}},
}
MOCKS: list[tuple[dict[str, Any], str]] = [
    ({"responses": None}, "a mock has no response for its status 200"),
    ({"responses": {"4..": {"statusCode": "400"}}}, "a mock has no response for its status 200"),
    ({"responses": {"(": {"statusCode": "200"}}}, "no regular expression here"),
    ({"responses": {"default": {}}}, "statusCode: has to be a text"),
    ({"responses": {"default": {"statusCode": "20"}}}, "20 is no status code"),
    ({"responses": {"default": {"statusCode": "200", "contentHandling": "x"}}}, "is a text locally"),
    ({"responses": {"default": {"statusCode": "200", "other": "x"}}}, "is not known"),
    ({"requestTemplates": None}, "a mock needs a request template for application/json"),
    ({"requestTemplates": {"text/plain": "{}"}}, "a mock needs a request template"),
    ({"requestTemplates": {"application/json": '{"statusCode": $context.x}'}}, "is not run locally"),
    ({"requestTemplates": {"application/json": '{"statusCode": true}'}}, "is not run locally"),
    ({"requestTemplates": {"application/json": "{}"}}, "is not run locally"),
    ({"requestTemplates": {"application/json": '{"statusCode": 200, "a": 1}'}}, "is not run locally"),
    (
        {"responses": {"default": {"statusCode": "200", "responseTemplates": {"text/plain": "x"}}}},
        "in another form than application/json is not run locally",
    ),
    (
        {
            "responses": {
                "default": {"statusCode": "200", "responseTemplates": {"application/json": "$input.body"}}
            }
        },
        "with variables or directives is not run locally",
    ),
    (
        {
            "responses": {
                "default": {"statusCode": "200", "responseTemplates": {"application/json": "#if(1)"}}
            }
        },
        "with variables or directives is not run locally",
    ),
    (
        {
            "responses": {
                "default": {"statusCode": "200", "responseParameters": {"method.response.body.x": "'v'"}}
            }
        },
        "no method.response.header.NAME is not run locally",
    ),
    (
        {
            "responses": {
                "default": {
                    "statusCode": "200",
                    "responseParameters": {"method.response.header.X": "integration.response.header.X"},
                }
            }
        },
        "integration.response.header.X is no constant",
    ),
]


@pytest.mark.parametrize(("change", "line"), MOCKS, ids=lambda value: str(value)[:60])
def test_a_mock_that_does_more_than_is_done_here_is_told(change: dict[str, Any], line: str) -> None:
    assert line in reason({**MOCK, **change})


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"requestTemplates": {"application/json": "{statusCode:200}"}}, 204),
        ({"requestTemplates": {"application/json": "{ 'statusCode': 400 }", "text/plain": "x"}}, 204),
        ({"responses": {"default": {"statusCode": "500"}, "2..": {"statusCode": "201"}}}, 201),
        ({"credentials": "arn:aws:iam::1:role/x", "passthroughBehavior": "never", "uri": "x"}, 204),
    ],
)
def test_a_mock_gives_the_response_of_its_status(change: dict[str, Any], status: int) -> None:
    mock = integration_of(**{**MOCK, **change})
    assert isinstance(mock, MockIntegration)
    assert mock.status == status


def test_a_mock_without_template_answers_without_body() -> None:
    rest_api, _ = read_body(definition({"x-amazon-apigateway-integration": MOCK}))
    assert method(rest_api).integration == MockIntegration(status=204)
