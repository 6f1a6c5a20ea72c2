"""A mock answers a CORS preflight as SAM writes it."""

from __future__ import annotations

from local_stage.api_gateway.http_message import HttpResponse
from local_stage.api_gateway.rest.mock import answer_mock
from local_stage.api_gateway.rest.rest_api import MockIntegration

PREFLIGHT = MockIntegration(
    status=200,
    headers=(
        ("Access-Control-Allow-Origin", "https://app.example"),
        ("Access-Control-Allow-Methods", "GET,OPTIONS"),
    ),
    body=b"{}\n",
)


def test_a_mock_answers_its_status_headers_and_body() -> None:
    assert answer_mock(PREFLIGHT) == HttpResponse(
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
    assert answer_mock(mock).headers == [("Content-Type", "application/json")]


def test_each_answer_is_one_of_its_own() -> None:
    answer_mock(PREFLIGHT).headers.clear()
    assert len(answer_mock(PREFLIGHT).headers) == 3
