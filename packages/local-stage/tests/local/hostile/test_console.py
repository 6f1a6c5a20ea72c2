"""What the stage serves beside the API: no way into it, none through it, and nothing secret in it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.bounds import examples
from tests.local.hostile.attacked_api import TARGETS, AttackedApi
from tests.local.hostile.wire import Answer, Headers, build, exchange

ENDPOINTS = [
    ("GET", "/"),
    ("GET", "/swagger"),
    ("GET", "/stage"),
    ("GET", "/openapi.json"),
    ("GET", "/requests"),
    ("GET", "/clock"),
    ("POST", "/clock"),
    ("DELETE", "/clock"),
    ("POST", "/login"),
    ("POST", "/sign-in"),
    ("POST", "/machine-token"),
    ("POST", "/explain"),
]
THROUGH = [
    "/.local-stage/../dev/hello",
    "/.local-stage/../dev/open",
    "/.local-stage/%2e%2e/dev/open",
    "/.local-stage/..%2fdev%2fopen",
    "/.local-stage/..;/dev/open",
    "/.local-stage/\\..\\dev\\open",
    "/.local-stage//dev/open",
    "/.local-stage/stage/../../dev/open",
    "/.local-stage/dev/open",
    "/.local-stage/http://127.0.0.1/dev/open",
]
"""Targets below the console's path that might look like one of the API's."""

INTO = [
    "/%2elocal-stage/stage",
    "/%2Elocal-stage/stage",
    "//.local-stage/stage",
    "/./.local-stage/stage",
    "/../.local-stage/stage",
    "/dev/../.local-stage/stage",
    "/dev/%2e%2e/.local-stage/stage",
    "/dev/.local-stage/stage",
    "/dev//.local-stage/stage",
    "/.local-stage%2fstage",
    "/.local-stage;/stage",
    "/.local-stage\\stage",
    "/.local-stage#/stage",
    "/.LOCAL-STAGE/stage",
    "/\u2024local-stage/stage",
    ".local-stage/stage",
    "http://127.0.0.1/.local-stage/stage",
    "http://127.0.0.1:{port}/.local-stage/stage",
    "http://localhost:{port}/.local-stage/stage",
    "http://attacker.example/.local-stage/stage",
]
"""Targets that might look like one of the console's."""

WITHIN = [
    "/.local-stage//stage",
    "/.local-stage/./stage",
    "/.local-stage/x/../stage",
    "/.local-stage/stage/",
    "/.local-stage/stage%00",
    "/.local-stage/%73tage",
    "/.local-stage/STAGE",
    "/.local-stage/console.py",
    "/.local-stage/console.html",
    "/.local-stage/page/console.html",
    "/.local-stage/page/console.js",
    "/.local-stage/../console.py",
    "/.local-stage/%2e%2e/console.py",
    "/.local-stage/../../../../../../etc/passwd",
    "/.local-stage/..%2f..%2fstate.py",
    "/.local-stage/running.json",
    "/.local-stage/access.log",
]
"""Targets of nothing that might look like a file, or like another spelling of an endpoint."""

SHORTEST_PART = 60
"""Characters; what is shorter may well stand somewhere by chance."""


def send(
    api: AttackedApi,
    method: str,
    target: str | bytes,
    headers: Headers = (),
    body: bytes = b"",
    *,
    host: str | None = None,
) -> Answer:
    own_host = f"127.0.0.1:{api.address[1]}" if host is None else host
    answer = exchange(api.address, build(method, target, headers, body, host=own_host), method)
    assert answer is not None
    return answer


def send_json(api: AttackedApi, method: str, path: str, headers: Headers = ()) -> Answer:
    """Ask an endpoint of the console as its page would, but for these headers."""
    body = b"" if method == "GET" else b'{"advance": 3600}'
    return send(api, method, f"/.local-stage{path}", [("Content-Type", "application/json"), *headers], body)


def read_clock(api: AttackedApi) -> float:
    return float(json.loads(send(api, "GET", "/.local-stage/clock").body)["ahead"])


@pytest.mark.parametrize(("method", "path"), [endpoint for endpoint in ENDPOINTS if endpoint[0] == "GET"])
def test_its_developer_reaches_it(api: AttackedApi, method: str, path: str) -> None:
    """Otherwise the refusals below would show nothing."""
    assert send(api, method, f"/.local-stage{path}").status == 200


@pytest.mark.parametrize("authorized", [False, True], ids=["no token", "a good token"])
@pytest.mark.parametrize("target", THROUGH)
@pytest.mark.usefixtures("nobody_calls")
def test_no_spelling_leads_through_it_to_the_api(api: AttackedApi, target: str, *, authorized: bool) -> None:
    headers = [("Authorization", api.good("id"))] if authorized else []
    assert send(api, "GET", target, headers).status == 404


@pytest.mark.parametrize("target", INTO)
@pytest.mark.usefixtures("nobody_calls")
def test_no_other_spelling_leads_into_it(api: AttackedApi, target: str) -> None:
    answer = send(api, "GET", target.replace("{port}", str(api.address[1])))
    assert answer.status in {400, 403}
    assert b"routes" not in answer.body


def test_no_path_below_an_open_method_leads_into_it(api: AttackedApi) -> None:
    before = len(api.calls())
    send(api, "GET", "/dev/open/../../.local-stage/stage")
    assert [call["function"] for call in api.calls()[before:]] == ["open"]


@pytest.mark.parametrize("target", WITHIN)
@pytest.mark.usefixtures("nobody_calls")
def test_nothing_is_there_but_what_is_served(api: AttackedApi, target: str) -> None:
    assert send(api, "GET", target).status == 404


@pytest.mark.parametrize(
    "host", ["attacker.example", "attacker.example:3000", "localhost:80@evil.example", ""]
)
@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_no_endpoint_answers_under_a_foreign_name(
    api: AttackedApi, method: str, path: str, host: str
) -> None:
    assert send(api, method, f"/.local-stage{path}", host=host).status == 403


@pytest.mark.parametrize(
    "header",
    [
        ("Origin", "http://attacker.example"),
        ("Origin", "null"),
        ("Origin", "http://localhost:5173"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ],
    ids="=".join,
)
@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_no_endpoint_answers_another_sites_page(
    api: AttackedApi, method: str, path: str, header: tuple[str, str]
) -> None:
    answer = send_json(api, method, path, [header])
    assert answer.status == 403
    assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")]
    assert read_clock(api) == 0


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_no_preflight_of_another_sites_page_is_allowed(api: AttackedApi, method: str, path: str) -> None:
    headers = [("Origin", "http://attacker.example"), ("Access-Control-Request-Method", method)]
    answer = send(api, "OPTIONS", f"/.local-stage{path}", headers)
    assert answer.status == 403
    assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize(
    "kind",
    [
        None,
        "text/plain",
        "text/plain;application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ],
)
@pytest.mark.parametrize("path", [path for method, path in ENDPOINTS if method == "POST"])
def test_json_that_is_not_called_so_is_not_taken(api: AttackedApi, path: str, kind: str | None) -> None:
    """A page may send these kinds without a preflight."""
    headers = [] if kind is None else [("Content-Type", kind)]
    assert send(api, "POST", f"/.local-stage{path}", headers, b'{"advance": 3600}').status == 415
    assert read_clock(api) == 0


def test_its_list_of_requests_and_the_stages_files_hold_no_part_of_any_token(api: AttackedApi) -> None:
    """Wherever the client puts it but the path, which is logged as it is."""
    tokens = [api.good(kind) for kind in TARGETS]
    for kind, token in zip(TARGETS, tokens, strict=True):
        for headers in ([("Authorization", token)], [("Authorization", f"{token}x")], [("Cookie", token)]):
            send(api, "GET", f"{TARGETS[kind]}?token={token}", headers)
        send(api, "POST", TARGETS[kind], [("X-Token", token)], token.encode())
    listed = send(api, "GET", "/.local-stage/requests").body.decode()
    files = [file for file in api.stage.state_folder.rglob("*") if file.is_file() and file.suffix != ".pem"]
    kept = "\n".join([listed, api.stage.log, *(file.read_text(errors="replace") for file in files)])
    parts = {part for token in tokens for part in token.split(".")[1:] if len(part) >= SHORTEST_PART}
    assert len(parts) == 4
    assert [part for part in parts if part in kept] == []
    assert json.loads(listed)["requests"]


def test_what_a_client_writes_into_a_request_is_answered_as_no_page(api: AttackedApi) -> None:
    """The path is told, the query, the headers and the body are not; its own page shows text as text."""
    script = "</script><script>alert(1)</script>"
    headers = [("User-Agent", f"agent {script}"), ("X-Any", f"any {script}"), ("Referer", f"page {script}")]
    send(api, "POST", f"/dev/open/{script}?query={script}", headers, f"body {script}".encode())
    answer = send(api, "GET", "/.local-stage/requests")
    listed = answer.body.decode()
    assert answer.header("Content-Type") == "application/json"
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert json.loads(listed)["requests"][-1]["path"] == f"/dev/open/{script}"
    assert [word for word in ("agent", "any", "page", "query", "body") if f"{word} <" in listed] == []


@examples(50)
@given(
    st.sampled_from(ENDPOINTS),
    st.binary(max_size=40),
    st.binary(max_size=40),
    st.sampled_from(["application/json", "text/plain"]),
)
def test_no_bytes_give_a_5xx(
    api: AttackedApi, endpoint: tuple[str, str], query: bytes, body: bytes, kind: str
) -> None:
    method, path = endpoint
    target = f"/.local-stage{path}?after=".encode() + query.translate(None, b"\r\n \t")
    assert send(api, method, target, [("Content-Type", kind)], body).status < 500


@examples(50)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "token": st.none() | st.text() | st.integers() | st.lists(st.none()),
            "route": st.sampled_from(["GET /hello", "GET /items/a", "ANY /open"]) | st.text() | st.none(),
        },
    )
)
@pytest.mark.usefixtures("nobody_calls")
def test_nothing_to_explain_gives_a_5xx_or_calls_a_function(
    api: AttackedApi, call: dict[str, object]
) -> None:
    headers = [("Content-Type", "application/json")]
    assert send(api, "POST", "/.local-stage/explain", headers, json.dumps(call).encode()).status < 500
