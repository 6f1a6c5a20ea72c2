"""The stage's own log has one line for each request, and says why one was refused."""

from __future__ import annotations

import logging
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from local_stage.api_gateway import gateway_error
from local_stage.api_gateway.exchange import Exchange
from local_stage.api_gateway.http_message import HttpResponse
from local_stage.api_gateway.rest.gateway_response import GatewayError
from local_stage.log.invocation_log import InvocationLog
from local_stage.log.request_log import RequestLog, find_unread, log_exchange
from tests.gateway_request import build_context, build_request

LINE_SEPARATOR = chr(0x2028)


def build_log(folder: Path, listener: Callable[[Exchange], None] = log_exchange) -> RequestLog:
    return RequestLog(folder, InvocationLog(folder), listener)


def logged(
    caplog: pytest.LogCaptureFixture,
    status: int,
    *,
    path: str = "/dev/me",
    error: GatewayError | None = None,
    fault: Exception | None = None,
) -> str:
    caplog.set_level(logging.INFO)
    caplog.handler.setFormatter(logging.Formatter("%(message)s"))
    request = build_request(path=path, query="q=secret", headers=(("Authorization", "secret"),))
    log_exchange(Exchange(request, HttpResponse(status), build_context(request), 0.01234, error, fault))
    return caplog.text


def test_a_good_answer_is_logged_with_its_time(caplog: pytest.LogCaptureFixture) -> None:
    assert logged(caplog, 200) == "200 GET /dev/me 12.3 ms\n"


def test_a_refusal_is_logged_with_its_reason(caplog: pytest.LogCaptureFixture) -> None:
    error = gateway_error.unauthorized("no Authorization header; send the ID token")
    assert logged(caplog, 401, error=error) == "401 GET /dev/me: no Authorization header; send the ID token\n"


@pytest.mark.parametrize("nasty", ["/dev/\n200 GET /dev/admin", "/dev/\x1b[31m", f"/dev/{LINE_SEPARATOR}x"])
def test_no_path_ends_the_line_or_colours_the_terminal(caplog: pytest.LogCaptureFixture, nasty: str) -> None:
    line = logged(caplog, 403, path=nasty)
    assert len(line.splitlines()) == 1
    assert line.removesuffix("\n").isprintable()


def test_a_fault_of_the_stage_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ValueError, match="no number") as caught:
        int("no number")
    error = gateway_error.api_configuration_error("a fault of the local stage itself: ValueError")
    text = logged(caplog, 500, error=error, fault=caught.value)
    assert text.startswith("500 GET /dev/me: a fault of the local stage itself: ValueError\nTraceback ")
    assert 'int("no number")' in text
    assert text.endswith("ValueError: invalid literal for int() with base 10: 'no number'\n")


def test_neither_query_nor_headers_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert "secret" not in logged(caplog, 200)


def test_only_its_owner_may_read_the_access_log(tmp_path: Path) -> None:
    log = build_log(tmp_path)
    log.recorder("$context.status")
    log.close()
    assert stat.S_IMODE((tmp_path / "access.log").stat().st_mode) == 0o600


def test_a_listener_hears_of_every_answer_with_or_without_an_access_log(tmp_path: Path) -> None:
    heard: list[Exchange] = []
    log = build_log(tmp_path, heard.append)
    answered = Exchange(build_request(), HttpResponse(200), build_context(), 0.01, None)
    log.recorder(None)(answered)
    log.recorder("$context.status")(answered)
    log.close()
    assert heard == [answered, answered]


def test_without_a_format_there_is_no_access_log(tmp_path: Path) -> None:
    log = build_log(tmp_path)
    log.recorder(None)
    log.close()
    assert not log.file.exists()


def test_a_full_disk_for_the_access_log_is_told_once_and_hurts_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "access.log").symlink_to("/dev/full")
    log = build_log(tmp_path)
    record = log.recorder("$context.status")
    request = build_request()
    for _ in range(3):
        record(Exchange(request, HttpResponse(200), build_context(request), 0.01, None, None))
    log.close()
    assert [entry.getMessage() for entry in caplog.records if entry.levelno == logging.WARNING] == [
        "access.log cannot be written: No space left on device"
    ]


def test_a_line_of_the_access_log_that_was_cut_off_stays_a_line_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text("20")
    log = build_log(tmp_path)
    record = log.recorder("$context.status")
    request = build_request()
    for _ in range(2):
        record(Exchange(request, HttpResponse(200), build_context(request), 0.01, None, None))
    log.close()
    assert len(log.file.read_text().splitlines()) == 3
    assert log.file.read_text().startswith("20\n")


@pytest.mark.parametrize(
    ("origin", "allowed", "told"),
    [
        ("http://localhost:5173", "http://localhost:8000", "AllowedOrigin=http://localhost:5173"),
        ("http://localhost:5173", None, "it has no Access-Control-Allow-Origin"),
        ("http://localhost:5173", None, "AllowedOrigin=http://localhost:5173"),
        ("http://localhost:5173", "http://localhost:5173", None),
        ("http://localhost:5173", "*", None),
        ("http://127.0.0.1:3000", None, None),
        ("https://127.0.0.1:3000", None, None),
        (None, None, None),
    ],
)
def test_a_response_that_the_browser_keeps_from_the_page_is_told(
    origin: str | None, allowed: str | None, told: str | None
) -> None:
    headers = (("Host", "127.0.0.1:3000"), *([("Origin", origin)] if origin else []))
    request = build_request(headers=headers)
    response = HttpResponse(200, [("Access-Control-Allow-Origin", allowed)] if allowed else [])
    why = find_unread(Exchange(request, response, build_context(request), 0.01, None))
    assert (why is None) == (told is None)
    assert told is None or told in (why or "")
