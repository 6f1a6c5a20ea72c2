"""The MOCK integration, as SAM writes it for a CORS preflight: it answers without calling anything."""

from __future__ import annotations

from local_stage.api_gateway.http_message import HttpResponse
from local_stage.api_gateway.rest.rest_api import MockIntegration


def answer_mock(integration: MockIntegration) -> HttpResponse:
    """Return the mock's one answer; it carries no X-Amzn-Trace-Id (recorded).

    Its Content-Type is that of the response template, as SAM's is application/json.
    """
    headers = [("Content-Type", integration.content_type)]
    headers += (header for header in integration.headers if header[0].lower() != "content-type")
    return HttpResponse(integration.status, headers, integration.body)
