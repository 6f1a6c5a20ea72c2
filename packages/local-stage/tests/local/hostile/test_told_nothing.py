"""A sender of what is no request learns nothing and leaves nothing: no byte of it in an answer or a log."""

from __future__ import annotations

import pytest

from tests.local.hostile.attacked_api import AttackedApi
from tests.local.hostile.test_framing import BROKEN_CHUNKS, BROKEN_LINES, CONTRADICTING
from tests.local.hostile.wire import Answer, build, exchange

SOFTWARE = ("python", "aiohttp", "llhttp", "yarl", "traceback", "ministack", "local-stage", "local_stage")
MARKER = "<script>alert(2)</script>"
"""Another one than any other test sends: they share a stage, whose log shows paths of routes that exist."""

MARKED: dict[str, bytes] = {
    "in a method": build(MARKER, "/dev/open"),
    "in a target": build("GET", f"/dev/open\t{MARKER}"),
    "in a scheme": build("GET", f"{MARKER}://127.0.0.1/dev/open"),
    "in an authority": build("GET", f"http://[{MARKER}/dev/open"),
    "in a target of CONNECT": build("CONNECT", f"[{MARKER}"),
    "in a version": build("GET", "/dev/open", protocol=f"HTTP/{MARKER}"),
    "in a header without a colon": b"GET /dev/open HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    + MARKER.encode()
    + b"\r\n\r\n",
    "in a name": build("GET", "/dev/open", [(MARKER, "x")]),
    "in a value with NUL": build("GET", "/dev/open", [("X", f"{MARKER}\0")]),
    "in a folded value": build("GET", "/dev/open", [("X", f"y\r\n {MARKER}")]),
    "in a length": build("POST", "/dev/open", [("Content-Length", MARKER)]),
    "in a coding": build("POST", "/dev/open", [("Transfer-Encoding", MARKER)]),
    "in a chunk": build("POST", "/dev/open", [("Transfer-Encoding", "chunked")]) + MARKER.encode() + b"\r\n",
    "in a Host that is there twice": build("GET", "/dev/open", [("Host", MARKER)]),
    "in a header that is too long": build("GET", "/dev/open", [("X", MARKER + "x" * 70_000)]),
    "in a target that is too long": build("GET", f"/dev/open?{MARKER}{'x' * 70_000}"),
}
REFUSED: dict[str, bytes] = {
    "in a path": build("GET", f"/dev/{MARKER}"),
    "in a stage": build("GET", f"/{MARKER}/hello"),
    "in a Host": build("GET", "/dev/open", host=MARKER),
    "in a token": build("GET", "/dev/hello", [("Authorization", MARKER)]),
    "in a signature": build(
        "GET", "/dev/nothing", [("Authorization", f"AWS4-HMAC-SHA256 Credential={MARKER}")]
    ),
    "in a known verb without a method": build("PROPFIND", f"/dev/{MARKER}"),
}


def answered(api: AttackedApi, data: bytes) -> Answer:
    answer = exchange(api.address, data)
    assert answer is not None
    return answer


def assert_tells_nothing(answer: Answer) -> None:
    told = f"{answer.headers}{answer.body!r}".lower()
    assert MARKER.lower() not in told
    assert [name for name in SOFTWARE if name in told] == []
    assert answer.header("Server") is None


@pytest.mark.parametrize("name", MARKED)
@pytest.mark.usefixtures("nobody_calls")
def test_what_is_no_request_is_neither_quoted_nor_logged(api: AttackedApi, name: str) -> None:
    answer = answered(api, MARKED[name])
    assert answer.status in {400, 431}
    assert answer.header("Content-Type") == "text; charset=utf-8"
    assert_tells_nothing(answer)
    assert MARKER not in api.stage.log


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.usefixtures("nobody_calls")
def test_what_is_refused_is_not_quoted_to_the_client(api: AttackedApi, name: str) -> None:
    answer = answered(api, REFUSED[name])
    assert answer.status in {400, 401, 403}
    assert_tells_nothing(answer)


@pytest.mark.parametrize("where", ["NUL behind it", "a folded line", "a blank before the colon"])
def test_a_good_token_in_what_is_no_request_is_neither_quoted_nor_logged(
    api: AttackedApi, where: str
) -> None:
    token = api.good("id")
    name, value = {
        "NUL behind it": ("Authorization", f"{token}\0"),
        "a folded line": ("Authorization", f"Bearer\r\n {token}"),
        "a blank before the colon": ("Authorization ", token),
    }[where]
    answer = answered(api, build("GET", "/dev/hello", [(name, value)]))
    assert answer.status == 400
    assert not any(part.encode() in answer.body or part in api.stage.log for part in token.split("."))


@pytest.mark.parametrize("name", [*BROKEN_LINES])
def test_each_line_that_is_no_http_has_one_line_in_the_log(api: AttackedApi, name: str) -> None:
    api.stage.new_log()
    answered(api, BROKEN_LINES[name])
    (line,) = [line for line in api.stage.new_log() if line.startswith("400")]
    assert line.startswith("400: ")
    assert line.isprintable()


@pytest.mark.parametrize(
    ("method", "target", "token"),
    [
        ("GET", "/dev/hello", True),
        ("GET", "/dev/hello", False),
        ("GET", "/dev/nothing", False),
        ("GET", "/prod/hello", False),
        ("HEAD", "/dev/open", False),
        ("OPTIONS", "/dev/open", False),
        ("OPTIONS", "*", False),
        ("CONNECT", "127.0.0.1:1", False),
    ],
)
def test_no_answer_names_the_software(api: AttackedApi, method: str, target: str, *, token: bool) -> None:
    headers = [("Authorization", api.good("id"))] if token else []
    answer = exchange(api.address, build(method, target, headers), method)
    assert answer is not None
    assert_tells_nothing(answer)


def test_every_case_here_is_a_case_of_its_own() -> None:
    """A mistake in a table would show as one request that stands for two."""
    cases = [*MARKED.values(), *REFUSED.values(), *BROKEN_LINES.values(), *BROKEN_CHUNKS.values()]
    assert len(set(cases)) == len(cases)
    assert len(set(CONTRADICTING.values())) == len(CONTRADICTING)
