"""A mock integration, as SAM writes it for a CORS preflight: it responds without calling anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from local_stage.api_gateway.exchange import Outcome
from local_stage.api_gateway.http_message import HttpResponse
from local_stage.api_gateway.integrations.integration import (
    IntegrationRequest,
    IntegrationResponse,
)
from local_stage.api_gateway.template_part import TemplatePart
from local_stage.errors import StartError

_MOCK_KEYS: Final = frozenset(
    {
        "cacheKeyParameters", "cacheNamespace", "connectionType", "contentHandling", "credentials",
        "httpMethod", "passthroughBehavior", "requestParameters", "requestTemplates", "responses",
        "timeoutInMillis", "type", "uri",
    }
)  # fmt: skip
_HEADER_PREFIX: Final = "method.response.header."
_RESPONSE_KEYS: Final = frozenset(
    {"contentHandling", "responseParameters", "responseTemplates", "statusCode"}
)
_STATUS: Final = re.compile(r"""\s*\{\s*["']?statusCode["']?\s*:\s*(\d{3})\s*,?\s*\}\s*""", re.ASCII)
"""A request template that says the status alone; API Gateway reads one without quotes as well."""

_CONSTANT: Final = re.compile(r"'([^'\r\n]*)'")


@dataclass(frozen=True, slots=True)
class MockIntegration:
    """One default response, the same for every request."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json"
    body: bytes = b""

    async def invoke(self, asked: IntegrationRequest) -> IntegrationResponse:
        """Return the mock's one response.

        The access log has 200 for the status of the mock itself and none for an integration's (probable: of
        AWS's logs of an API with mocks for its preflights).
        """
        asked.context.integration = Outcome(None, 0.0, service_status=HTTPStatus.OK)
        return IntegrationResponse(self.build_response())

    def build_response(self) -> HttpResponse:
        """Return the response; its Content-Type is its template's, as SAM's is application/json."""
        headers = [("Content-Type", self.content_type)]
        headers += (header for header in self.headers if header[0].lower() != "content-type")
        return HttpResponse(self.status, headers, self.body)


def read_mock(integration: TemplatePart) -> MockIntegration:
    """Read the extension of an operation. Raises StartError for what is not run."""
    integration.refuse_unknown(_MOCK_KEYS, "a mock integration")
    status = _read_request_template(integration["requestTemplates"])
    response = _choose_response(integration["responses"], status)
    response.refuse_unknown(_RESPONSE_KEYS, "a mock's response")
    if response["contentHandling"] and response["contentHandling"].text().lower() != "convert_to_text":
        raise response["contentHandling"].refusal("a mock's response is a text locally")
    return MockIntegration(
        status=_read_status(response["statusCode"]),
        headers=tuple(_read_headers(response["responseParameters"])),
        body=_read_body(response["responseTemplates"]).encode(),
    )


def _read_request_template(templates: TemplatePart) -> str:
    """Return the status that a mock's request template for JSON says. Raises StartError for any other one."""
    template = templates["application/json"]
    if not template:
        raise templates.refusal("a mock needs a request template for application/json")
    match = _STATUS.fullmatch(template.text())
    if match is None:
        raise template.refusal('a mock\'s request template other than {"statusCode": 200} is not run locally')
    return match[1]


def _choose_response(responses: TemplatePart, status: str) -> TemplatePart:
    """Return the response whose pattern the status matches, else the default one."""
    for pattern, response in responses.items():
        if pattern != "default" and _matches(response, pattern, status):
            return response
    if not responses["default"]:
        raise responses.refusal(f"a mock has no response for its status {status}, and no default response")
    return responses["default"]


def _matches(response: TemplatePart, pattern: str, status: str) -> bool:
    try:
        return re.fullmatch(pattern, status) is not None
    except re.error as error:
        raise response.refusal(f"{pattern!r} is no regular expression here: {error}") from None


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
