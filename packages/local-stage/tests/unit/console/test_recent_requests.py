"""The console keeps the last requests, with how far each came, and nothing in which a token may stand."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest

from local_stage.api_gateway import gateway_error
from local_stage.api_gateway.exchange import Exchange, Outcome
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.console.console import Console
from local_stage.console.recent_requests import LINES_KEPT, REQUESTS_KEPT, RecentRequests, requests_endpoints
from local_stage.lambda_runtime.function_log import LogLine
from tests.gateway_request import build_context, build_request

PASSED, STOPPED, SKIPPED, NOT_REACHED = "passed", "stopped", "skipped", "not reached"
GOOD = Outcome(200, 0.001)
HOST = (("Host", "127.0.0.1:3000"),)


def answer(
    status: int = 200, error: GatewayError | None = None, *, path: str = "/dev/hello", **context: Any
) -> Exchange:
    """Return an answered request whose every secret place holds `secret`."""
    headers = (("Authorization", "Bearer secret"), ("Cookie", "secret"))
    request = build_request(path=path, query="token=secret", headers=headers, body=b"secret")
    made = build_context(request)
    for name, value in context.items():
        setattr(made, name, value)
    return Exchange(request, HttpResponse(status, [], b"secret"), made, 0.005, error)


def steps(answered: Exchange) -> dict[int, str]:
    recent = RecentRequests()
    recent.record(answered)
    return {int(step): outcome for step, outcome in recent.read(0)[0]["steps"].items()}


def line(text: str, request_id: str | None = "invocation-1") -> LogLine:
    return LogLine("HelloFunction", "stream", request_id, text)


def invoked(request_id: str = "invocation-1", error: str | None = None) -> Outcome:
    return Outcome(200, 0.004, request_id, error)


def test_a_request_to_the_function_and_back_passes_every_step() -> None:
    answered = answer(
        resource_path="/hello", authorizer=GOOD, authorizer_event={"claims": {}}, integration=invoked()
    )
    assert steps(answered) == dict.fromkeys(range(3, 9), PASSED)


def test_a_token_that_is_refused_stops_at_the_verdict() -> None:
    refused = answer(
        401,
        gateway_error.unauthorized("why"),
        resource_path="/hello",
        authorizer=Outcome(401, 0.001, error="no"),
    )
    assert steps(refused) == {3: PASSED, 4: PASSED, 5: STOPPED, 6: NOT_REACHED, 7: NOT_REACHED, 8: PASSED}


def test_an_unknown_route_stops_at_the_gateway() -> None:
    refused = answer(403, gateway_error.missing_authentication_token("why"), resource_path="")
    assert steps(refused) == {
        3: STOPPED,
        4: NOT_REACHED,
        5: NOT_REACHED,
        6: NOT_REACHED,
        7: NOT_REACHED,
        8: PASSED,
    }


def test_an_open_route_has_no_need_of_a_verdict() -> None:
    assert steps(answer(resource_path="/open", integration=invoked()))[5] == SKIPPED


def test_a_preflight_has_no_need_of_a_function() -> None:
    assert steps(answer(resource_path="/hello"))[6] == SKIPPED


@pytest.mark.parametrize("protected", [True, False])
def test_what_is_refused_after_the_verdict_stops_before_the_function(protected: bool) -> None:  # noqa: FBT001
    let_in: dict[str, Any] = {"authorizer": GOOD, "authorizer_event": {"claims": {}}} if protected else {}
    throttled = answer(429, gateway_error.throttled("why"), resource_path="/hello", **let_in)
    assert (steps(throttled)[6], steps(throttled)[7]) == (STOPPED, NOT_REACHED)


def test_a_function_that_fails_stops_the_request_there() -> None:
    failed = answer(
        502, gateway_error.internal_server_error("why"), resource_path="/open", integration=invoked(error="x")
    )
    assert steps(failed)[7] == STOPPED


def test_nothing_is_kept_in_which_a_token_may_stand() -> None:
    recent = RecentRequests()
    recent.record(
        answer(
            resource_path="/hello",
            authorizer_event={"claims": {"cognito:username": "alice", "email": "secret"}},
        )
    )
    (kept,) = recent.read(0)
    assert "secret" not in json.dumps(kept)
    assert (kept["path"], kept["route"], kept["status"], kept["caller"]) == (
        "/dev/hello",
        "/hello",
        200,
        "alice",
    )


@pytest.mark.parametrize(
    ("event", "caller"),
    [
        ({"claims": {"cognito:username": "alice", "sub": "1"}}, "alice"),
        ({"claims": {"username": "alice", "client_id": "app", "sub": "1"}}, "alice"),
        ({"claims": {"client_id": "machine", "sub": "machine"}}, "machine"),
        ({"jwt": {"claims": {"cognito:username": "alice"}, "scopes": None}}, "alice"),
        ({"jwt": {"claims": {"username": "alice", "client_id": "app"}, "scopes": ["read"]}}, "alice"),
        ({"jwt": {"claims": {"sub": "auth0|7"}, "scopes": None}}, "auth0|7"),
        ({"lambda": {"team": "red"}}, None),
        ({"iam": {"userId": "AIDA"}}, None),
        (None, None),
    ],
)
def test_the_caller_is_who_the_token_is_of(event: dict[str, Any] | None, caller: str | None) -> None:
    """An access token of a user has `username`, one of an app client alone `client_id`."""
    recent = RecentRequests()
    recent.record(answer(authorizer_event=event))
    assert recent.read(0)[0]["caller"] == caller


def test_a_refusal_is_kept_with_its_reason() -> None:
    recent = RecentRequests()
    recent.record(answer(401, gateway_error.unauthorized("an access token; send the ID token")))
    assert recent.read(0)[0]["reason"] == "an access token; send the ID token"


def test_no_more_than_the_last_are_kept() -> None:
    recent = RecentRequests()
    for _ in range(REQUESTS_KEPT + 1):
        recent.record(answer())
    assert [kept["number"] for kept in recent.read(0)] == [*range(2, REQUESTS_KEPT + 2)]


def test_only_what_is_newer_is_told_again() -> None:
    recent = RecentRequests()
    recent.record(answer())
    seen = recent.revision
    recent.record(answer(path="/dev/me"))
    assert [kept["path"] for kept in recent.read(seen)] == ["/dev/me"]


def test_the_lines_of_an_invocation_stand_with_its_request_whenever_they_come() -> None:
    recent = RecentRequests()
    recent.record_line(line("before the answer"))
    recent.record(answer(integration=invoked()))
    seen = recent.revision
    recent.record_line(line("after the answer"))
    recent.record_line(line("of another", "invocation-2"))
    recent.record_line(line("of none", None))
    (kept,) = recent.read(seen)
    assert [logged["text"] for logged in kept["log"]] == ["before the answer", "after the answer"]


def test_a_function_that_logs_without_end_fills_no_memory() -> None:
    recent = RecentRequests()
    recent.record(answer(integration=invoked()))
    for _ in range(LINES_KEPT + 1):
        recent.record_line(line("x" * 100_000))
    (kept,) = recent.read(0)
    assert len(kept["log"]) == LINES_KEPT
    assert len(json.dumps(kept)) < 150_000


def test_a_line_of_an_endless_text_is_cut_when_it_comes() -> None:
    recent = RecentRequests()
    recent.record(answer(integration=invoked()))
    recent.record_line(line("x" * 100_000))
    assert len(recent.read(0)[0]["log"][0]["text"]) == 2_000


def test_a_wait_ends_with_the_next_request_and_not_before() -> None:
    async def scenario() -> int:
        recent = RecentRequests()
        recent.record(answer())
        waiting = [asyncio.ensure_future(recent.wait(recent.revision, 600)) for _ in range(3)]
        await asyncio.sleep(0)
        assert not any(wait.done() for wait in waiting)
        recent.record(answer())
        await asyncio.wait_for(asyncio.gather(*waiting), 60)
        return len(recent.read(0))

    assert asyncio.run(scenario()) == 2


def test_a_wait_ends_with_the_stage() -> None:
    async def scenario() -> None:
        recent = RecentRequests()
        waiting = [asyncio.ensure_future(recent.wait(recent.revision, 600)) for _ in range(3)]
        await asyncio.sleep(0)
        recent.close()
        await asyncio.wait_for(asyncio.gather(*waiting), 60)
        await asyncio.wait_for(recent.wait(recent.revision, 600), 60)

    asyncio.run(scenario())


def poll(recent: RecentRequests, query: str, *, patience: float = 0.01) -> tuple[int, Any]:
    console = Console(requests_endpoints(recent, patience=patience))
    request = HttpRequest("GET", "/.local-stage/requests", query, headers=HOST)
    response = asyncio.run(asyncio.wait_for(console.handle(request), 60))
    return response.status, json.loads(response.body)


def test_a_poll_says_what_to_ask_for_next() -> None:
    recent = RecentRequests()
    recent.record(answer())
    status, told = poll(recent, f"after={recent.first_revision}")
    assert (status, told["revision"], told["first"]) == (200, recent.revision, recent.first_revision)
    assert len(told["requests"]) == 1


@pytest.mark.parametrize("revisions", [-1000, 1000], ids=["fewer revisions", "more revisions"])
def test_a_page_of_an_earlier_stage_is_told_everything_at_once(revisions: int) -> None:
    """Its stage may have had more of them than a clock counts, or a clock that was set back since."""
    recent = RecentRequests()
    recent.record(answer())
    status, told = poll(recent, f"after={recent.revision + revisions}", patience=600)
    assert (status, told["revision"], len(told["requests"])) == (200, recent.revision, 1)


def test_a_poll_without_news_is_answered_with_none_when_its_time_is_up() -> None:
    recent = RecentRequests()
    assert poll(recent, f"after={recent.revision}")[1]["requests"] == []


@pytest.mark.parametrize("query", ["after=", "after=-1", "after=x", "after=1&after=2", f"after={'9' * 20}"])
def test_a_poll_after_nonsense_is_refused(query: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert poll(RecentRequests(), query)[0] == 400
    assert caplog.text == ""


def test_a_path_of_any_bytes_can_be_shown() -> None:
    recent = RecentRequests()
    recent.record(answer(path="/dev/\x1b[31m\ud800"))
    assert recent.read(0)[0]["path"] == r"/dev/\x1b[31m\ud800"
