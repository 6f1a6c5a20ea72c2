"""When the load client takes an answer for whole, and what it sends."""

from __future__ import annotations

import math

import pytest

from benchmarks.load import Job, build_requests, ends_connection, is_complete, percentile

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"Content-Length: 5\r\n\r\nhello",
        HEAD + b"content-length:5\r\n\r\nhello",
        HEAD + b"Content-Length: 0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    ],
)
def test_an_answer_is_whole_when_its_body_is(answer: bytes) -> None:
    assert is_complete(answer)
    assert not any(is_complete(answer[:length]) for length in range(len(answer)))


def test_an_answer_without_a_length_ends_with_its_connection() -> None:
    assert not is_complete(HEAD + b"\r\nhello")


def test_a_length_in_the_body_does_not_count() -> None:
    assert not is_complete(HEAD + b"Content-Length: 40\r\n\r\nhello\r\nContent-Length: 1\r\n\r\n")


def test_there_is_a_request_for_each_authorization() -> None:
    job = Job("http://127.0.0.1:3000/dev/hello", 1, 1.0, 200, "", authorizations=("Bearer x", None))
    with_token, without = build_requests(job)
    assert with_token.startswith(b"GET /dev/hello HTTP/1.1\r\nHost: 127.0.0.1:3000\r\n")
    assert with_token.endswith(b"\r\nAuthorization: Bearer x\r\n\r\n")
    assert b"Authorization" not in without
    assert without.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(("share", "value"), [(0.5, 5), (0.99, 10), (1.0, 10), (0.01, 1)])
def test_a_percentile_is_one_of_the_values(share: float, value: float) -> None:
    assert percentile([3, 1, 2, 10, 9, 8, 7, 6, 5, 4], share) == value


def test_nothing_has_no_percentile() -> None:
    assert math.isnan(percentile([], 0.5))


@pytest.mark.parametrize(
    ("head", "ends"),
    [
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0", True),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 0", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 21", False),
    ],
)
def test_an_answer_may_be_the_last_of_its_connection(head: bytes, ends: bool) -> None:  # noqa: FBT001 - a table
    assert ends_connection(head + b"\r\n\r\n\r\nConnection: close\r\n") is ends
