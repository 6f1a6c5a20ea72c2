"""A mock integration, as SAM writes it for a CORS preflight: it responds without calling anything."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from local_stage.api_gateway.exchange import Outcome
from local_stage.api_gateway.http_message import HttpResponse
from local_stage.api_gateway.integrations.integration import (
    IntegrationRequest,
    IntegrationResponse,
    check_values,
)
from local_stage.api_gateway.template_part import TemplatePart
from local_stage.errors import StartError

_MOCK_KEYS: Final = frozenset(
    {
        "cacheKeyParameters", "cacheNamespace", "contentHandling", "passthroughBehavior", "requestTemplates",
        "responses", "timeoutInMillis", "type",
    }
)  # fmt: skip
_HEADER_PREFIX: Final = "method.response.header."
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
    check_values(integration)
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
