"""A mock answers a CORS preflight as SAM writes it."""

from __future__ import annotations

from local_stage.api_gateway.http_message import HttpResponse
from local_stage.api_gateway.integrations.mock import MockIntegration

PREFLIGHT = MockIntegration(
    status=200,
    headers=(
        ("Access-Control-Allow-Origin", "https://app.example"),
        ("Access-Control-Allow-Methods", "GET,OPTIONS"),
    ),
    body=b"{}\n",
)


def test_a_mock_answers_its_status_headers_and_body() -> None:
    assert PREFLIGHT.build_response() == HttpResponse(
        200,
        [
            ("Content-Type", "application/json"),
            ("Access-Control-Allow-Origin", "https://app.example"),
            ("Access-Control-Allow-Methods", "GET,OPTIONS"),
        ],
        b"{}\n",
    )


def test_a_mock_has_one_content_type() -> None:
    mock = MockIntegration(200, (("content-type", "text/plain"),), "application/json")
    assert mock.build_response().headers == [("Content-Type", "application/json")]


def test_each_answer_is_one_of_its_own() -> None:
    PREFLIGHT.build_response().headers.clear()
    assert len(PREFLIGHT.build_response().headers) == 3
