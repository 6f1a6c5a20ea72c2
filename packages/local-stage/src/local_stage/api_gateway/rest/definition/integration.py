"""What answers an operation: a function through AWS_PROXY, or the mock that SAM writes for a preflight.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from local_stage.api_gateway.rest.rest_api import LambdaProxyIntegration, MockIntegration
from local_stage.api_gateway.template_part import TemplatePart
from local_stage.errors import IgnoredProperty, StartError

INTEGRATION: Final = "x-amazon-apigateway-integration"

_LEAST_TIMEOUT: Final = 50
_MOST_TIMEOUT: Final = 300_000
"""In milliseconds; beyond 29 s a Regional API needs a raised quota."""

_PROXY_KEYS: Final = frozenset(
    {
        "cacheKeyParameters", "cacheNamespace", "connectionType", "contentHandling", "credentials",
        "httpMethod", "passthroughBehavior", "responses", "responseTransferMode", "timeoutInMillis", "type",
        "uri",
    }
)  # fmt: skip
_MOCK_KEYS: Final = frozenset(
    {
        "cacheKeyParameters", "cacheNamespace", "contentHandling", "passthroughBehavior", "requestTemplates",
        "responses", "timeoutInMillis", "type",
    }
)  # fmt: skip
_ONLY_VALUES: Final = {
    "connectionType": ("internet", "VPC links are not run locally"),
    "contentHandling": ("convert_to_text", "other bodies than text and base64 are not passed on locally"),
    "httpMethod": ("post", "Lambda is invoked with POST"),
    "passthroughBehavior": (
        "when_no_match",
        "it decides which content types get 415, which is not run locally",
    ),
    "responseTransferMode": ("buffered", "streamed responses are not run locally"),
}
_FUNCTION_URI: Final = re.compile(
    r"arn:[\w-]+:apigateway:[\w-]+:lambda:path/{1,2}2015-03-31/functions/(?P<arn>.+)/invocations"
)
_FUNCTION_ARN: Final = re.compile(r"arn:[\w-]+:lambda:[\w-]+:\d{12}:function:[\w-]+(:[\w$-]+)?", re.ASCII)
_HEADER_PREFIX: Final = "method.response.header."
_CONSTANT: Final = re.compile(r"'([^'\r\n]*)'")


def read_integration(operation: TemplatePart) -> LambdaProxyIntegration | MockIntegration:
    """Return the integration of an operation; StartError for every other kind than these two."""
    integration = operation[INTEGRATION]
    if not integration:
        raise operation.refusal(f"has no {INTEGRATION}; API Gateway deploys no method without one")
    kind = integration["type"].text().lower()
    if kind == "aws_proxy":
        return _read_lambda_proxy(integration)
    if kind == "mock":
        return _read_mock(integration)
    why = f"an integration of type {kind} is not run locally; use a Lambda function (aws_proxy)"
    raise integration["type"].refusal(why)


def find_not_run(operation: TemplatePart) -> Iterator[IgnoredProperty]:
    """Yield what of an integration has no effect here."""
    if credentials := operation[INTEGRATION]["credentials"]:
        yield credentials.not_run("the function is invoked without assuming a role")


def _read_lambda_proxy(integration: TemplatePart) -> LambdaProxyIntegration:
    integration.refuse_unknown(_PROXY_KEYS, "a Lambda proxy integration")
    _check_values(integration)
    credentials = integration["credentials"]
    if credentials and "*" in credentials.text():
        raise credentials.refusal("the caller's own IAM credentials cannot be enforced locally")
    return LambdaProxyIntegration(
        function_arn=_read_function_arn(integration["uri"]),
        timeout=_read_timeout(integration["timeoutInMillis"]),
    )


def _check_values(integration: TemplatePart) -> None:
    for key, (only, why) in _ONLY_VALUES.items():
        if integration[key] and integration[key].text().lower() != only:
            raise integration[key].refusal(f"{integration[key].text()} is not {only}: {why}")


def _read_function_arn(uri: TemplatePart) -> str:
    text = uri.text()
    if "stageVariables." in text:
        raise uri.refusal("a function named by a stage variable is not run locally; name the function")
    match = _FUNCTION_URI.fullmatch(text)
    if match is None or not _FUNCTION_ARN.fullmatch(match["arn"]):
        raise uri.refusal(f"{text} does not invoke a Lambda function and wait for its answer")
    return match["arn"]


def _read_timeout(part: TemplatePart) -> float:
    if not part:
        return 29.0
    if not _LEAST_TIMEOUT <= part.number() <= _MOST_TIMEOUT:
        raise part.refusal(f"has to be between {_LEAST_TIMEOUT} and {_MOST_TIMEOUT} milliseconds")
    return part.number() / 1000


def _read_mock(integration: TemplatePart) -> MockIntegration:
    integration.refuse_unknown(_MOCK_KEYS, "a mock integration")
    _check_values(integration)
    responses = integration["responses"]
    if set(responses.mapping()) != {"default"}:
        raise responses.refusal("a mock with anything but one default response is not run locally")
    _check_request_template(integration["requestTemplates"])
    response = responses["default"]
    response.refuse_unknown({"statusCode", "responseParameters", "responseTemplates"}, "a mock's response")
    return MockIntegration(
        status=_read_status(response["statusCode"]),
        headers=tuple(_read_headers(response["responseParameters"])),
        body=_read_body(response["responseTemplates"]).encode(),
    )


def _check_request_template(templates: TemplatePart) -> None:
    """Refuse all but the JSON object with a status code that makes a mock answer its default response."""
    if set(templates.mapping()) != {"application/json"}:
        raise templates.refusal("a mock needs one request template, for application/json")
    template = templates["application/json"]
    try:
        content: Any = json.loads(template.text())
    except ValueError:
        content = None
    if (
        not isinstance(content, dict)
        or [*content] != ["statusCode"]
        or type(content["statusCode"]) is not int
    ):
        raise template.refusal('a mock\'s request template other than {"statusCode": 200} is not run locally')


def _read_status(part: TemplatePart) -> int:
    if not re.fullmatch(r"[2-5]\d\d", part.text(), re.ASCII):
        raise part.refusal(f"{part.text()} is no status code")
    return int(part.text())


def _read_headers(parameters: TemplatePart) -> Iterator[tuple[str, str]]:
    for key, value in parameters.items():
        if not key.startswith(_HEADER_PREFIX) or not key.removeprefix(_HEADER_PREFIX):
            raise value.refusal(
                f"a mock's response parameter that is no {_HEADER_PREFIX}NAME is not run locally"
            )
        yield key.removeprefix(_HEADER_PREFIX), _read_constant(value)


def _read_constant(value: TemplatePart) -> str:
    match = _CONSTANT.fullmatch(value.text())
    if match is None:
        raise _refuse_expression(value)
    return match[1]


def _refuse_expression(value: TemplatePart) -> StartError:
    return value.refusal(
        f"{value.text()} is no constant, which a mock's header has to be here; write \"'{value.text()}'\"",
        (
            "Cors",
            value.path[-1].removeprefix(_HEADER_PREFIX).removeprefix("Access-Control-").replace("-", ""),
        ),
    )


def _read_body(templates: TemplatePart) -> str:
    if not templates.mapping():
        return ""
    if set(templates.mapping()) != {"application/json"}:
        raise templates.refusal("a mock's response in another form than application/json is not run locally")
    template = templates["application/json"]
    body = template.text() if template else ""
    if "$" in body or "#" in body:
        raise template.refusal("a mock's response template with variables or directives is not run locally")
    return body
