"""How an answer is told from others: by its message, its status, and headers that one service alone sends."""

from __future__ import annotations

import re

from local_stage.explanation.known_answer import Test
from local_stage.explanation.read_answer import ReadAnswer


def says(pattern: str, *statuses: int) -> Test:
    """Return a test for a message, whole, and for the status where it is known."""
    compiled = re.compile(pattern, re.IGNORECASE)

    def test(answer: ReadAnswer) -> bool:
        has_status = not statuses or answer.status is None or answer.status in statuses
        return has_status and compiled.fullmatch(answer.message) is not None

    return test


def tells(pattern: str) -> Test:
    """Return a test for words anywhere in the text."""
    compiled = re.compile(pattern, re.IGNORECASE | re.DOTALL)
    return lambda answer: compiled.search(answer.text) is not None


def has_status(status: int) -> Test:
    """Return a test for a status that means one thing only."""
    return lambda answer: answer.status == status


def any_of(*tests: Test) -> Test:
    """Return a test that any one of others is enough for."""
    return lambda answer: any(test(answer) for test in tests)


def is_of_type(error_type: str) -> Test:
    """Return a test for the beginning of x-amzn-ErrorType."""
    return lambda answer: answer.error_type.startswith(error_type)


def is_functions_own(answer: ReadAnswer) -> bool:
    """Say whether a refusal lacks what every refusal of API Gateway's has."""
    is_refusal = answer.status in {401, 403}
    if answer.headers:
        has_passed = "x-amzn-requestid" in answer.headers and "x-amzn-trace-id" in answer.headers
        return is_refusal and has_passed and not answer.error_type
    return is_refusal and "statusCode" in answer.body


def is_http_api(answer: ReadAnswer) -> bool:
    """Say whether it comes from an HTTP API (version 2), which marks its answers in another way."""
    is_marked = "apigw-requestid" in answer.headers
    return is_marked or (answer.status == 404 and answer.message == "Not Found")  # noqa: PLR2004 - its own status
