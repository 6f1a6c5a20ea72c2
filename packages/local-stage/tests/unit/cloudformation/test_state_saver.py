"""What a request has changed in the local AWS is saved: users before the answer, all else soon after."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import pytest

from local_stage.cloudformation.state_saver import RETRY_DELAY, SAVE_DELAY, StateReport, StateSaver
from tests.manual_loop import ManualLoop, run_at_once

COGNITO = [(b"x-amz-target", b"AWSCognitoIdentityProviderService.AdminCreateUser")]
SIGN_IN = [(b"x-amz-target", b"AWSCognitoIdentityProviderService.InitiateAuth")]
FORM = b"application/x-www-form-urlencoded; charset=utf-8"
FULL = "No space left on device"


class Bench:
    """A state whose saves are written down, the application that has it, and what both were seen to do."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.reports: list[StateReport] = []
        self.problem: str | None = None
        self.error: str | None = None
        self.deploying = 0
        self.seconds = 0.0
        self.status = 200
        self.saver = StateSaver(self.answer, self, self.reports.append)

    def find_error(self) -> str | None:
        return self.error

    def note_restored(self) -> None:
        self.events.append("restored")

    def is_deploying(self) -> bool:
        self.deploying -= 1
        return self.deploying >= 0

    def save_users(self) -> str | None:
        self.events.append("users saved")
        return self.problem

    def save(self) -> str | None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, ManualLoop)
        loop.advance(self.seconds)
        self.events.append("saved")
        return self.problem

    async def answer(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        if scope["type"] == "lifespan":
            await send({"type": f"{(await receive())['type']}.complete"})
        else:
            await receive()
            await send({"type": "http.response.start", "status": self.status})

    async def ask(
        self, method: str = "POST", headers: list[tuple[bytes, bytes]] | None = None, body: bytes = b""
    ) -> None:
        await self.send({"type": "http", "method": method, "headers": headers or []}, body=body)

    async def send(
        self, scope: MutableMapping[str, Any], asked: str = "http.request", body: bytes = b""
    ) -> None:
        async def receive() -> MutableMapping[str, Any]:
            return {"type": asked, "body": body}

        async def note(message: MutableMapping[str, Any]) -> None:
            self.events.append(message["type"])

        await self.saver(scope, receive, note)


def run(use: Callable[[Bench], Awaitable[None]]) -> Bench:
    async def run_and_wait() -> Bench:
        bench = Bench()
        await use(bench)
        return bench

    return run_at_once(run_and_wait())


def test_a_change_of_users_is_saved_before_it_is_answered() -> None:
    bench = run(lambda bench: bench.ask(headers=COGNITO))
    assert bench.events == ["users saved", "http.response.start"]


def test_another_change_is_saved_soon_after_its_answer() -> None:
    async def ask_and_wait(bench: Bench) -> None:
        await bench.ask()
        assert bench.events == ["http.response.start"]
        await asyncio.sleep(2 * SAVE_DELAY)

    assert run(ask_and_wait).events == ["http.response.start", "saved"]


def test_a_sign_in_is_saved_soon_after_its_answer_and_later_where_a_save_takes_long() -> None:
    async def sign_in_and_wait(bench: Bench) -> None:
        await bench.ask(headers=SIGN_IN)
        assert bench.events == ["http.response.start"]
        await asyncio.sleep(2 * SAVE_DELAY)
        assert bench.events.count("saved") == 1
        bench.seconds = SAVE_DELAY
        await bench.ask()
        await asyncio.sleep(3 * SAVE_DELAY)
        assert bench.events.count("saved") == 2
        await bench.ask(headers=SIGN_IN)
        await asyncio.sleep(2 * SAVE_DELAY)
        assert bench.events.count("saved") == 2
        await bench.ask()
        await asyncio.sleep(3 * SAVE_DELAY)

    assert run(sign_in_and_wait).events.count("saved") == 3


def test_changes_that_come_together_are_saved_once() -> None:
    async def ask_often(bench: Bench) -> None:
        for _ in range(10):
            await bench.ask()
        await asyncio.sleep(2 * SAVE_DELAY)

    assert run(ask_often).events.count("saved") == 1


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_what_only_reads_saves_nothing(method: str) -> None:
    async def ask_and_wait(bench: Bench) -> None:
        await bench.ask(method)
        await asyncio.sleep(2 * SAVE_DELAY)

    assert run(ask_and_wait).events == ["http.response.start"]


@pytest.mark.parametrize(
    ("operation", "saves"),
    [
        ("AdminGetUser", False),
        ("AdminListGroupsForUser", False),
        ("DescribeUserPool", False),
        ("GetUser", False),
        ("ListUsers", False),
        ("ListUsers SignUp", True),
        ("GetTokensFromRefreshToken", True),
        ("GetUserAttributeVerificationCode", True),
        ("AdminInitiateAuth", False),
        ("InitiateAuth", False),
        ("InitiateAuth RespondToAuthChallenge", True),
        ("RespondToAuthChallenge", True),
        ("RevokeToken", True),
        ("SignUp", True),
    ],
)
def test_only_an_operation_that_changes_a_pool_waits_for_its_users_to_be_saved(
    operation: str, *, saves: bool
) -> None:
    targets = [f"AWSCognitoIdentityProviderService.{one}".encode() for one in operation.split()]
    bench = run(lambda bench: bench.ask(headers=[(b"x-amz-target", target) for target in targets]))
    assert bench.events == ["users saved", "http.response.start"][not saves :]


@pytest.mark.parametrize(
    ("form", "saves"),
    [
        ("Action=DescribeStacks&Version=2010-05-15&StackName=hello-api", False),
        ("Version=2010-05-15&Action=ListStacks", False),
        ("Action=UpdateStack&StackName=DescribeStacks", True),
        ("Action=DescribeStacks&Action=DeleteStack", True),
        ("Action=DescribeStacks&StackName=" + "a" * 10_000, True),
        ("", True),
    ],
)
def test_a_form_that_only_reads_saves_nothing(form: str, *, saves: bool) -> None:
    async def ask_and_wait(bench: Bench) -> None:
        await bench.ask(headers=[(b"Content-Type", FORM)], body=form.encode())
        await asyncio.sleep(2 * SAVE_DELAY)

    assert run(ask_and_wait).events == ["http.response.start", *["saved"] * saves]


def test_what_reads_like_a_form_and_is_none_is_saved() -> None:
    async def ask_and_wait(bench: Bench) -> None:
        await bench.ask(body=b"Action=DescribeStacks")
        await asyncio.sleep(2 * SAVE_DELAY)

    assert run(ask_and_wait).events == ["http.response.start", "saved"]


@pytest.mark.parametrize(("headers", "saves"), [([], False), (SIGN_IN, True), (COGNITO, True)])
def test_what_was_refused_saves_nothing_but_what_a_pool_notes(
    headers: list[tuple[bytes, bytes]], *, saves: bool
) -> None:
    """A pool counts who has guessed wrong."""

    async def ask_and_wait(bench: Bench) -> None:
        bench.status = 400
        await bench.ask(headers=headers)
        await asyncio.sleep(2 * SAVE_DELAY)

    assert run(ask_and_wait).events.count("saved") == saves


def test_nothing_is_saved_in_the_middle_of_a_deployment() -> None:
    async def ask_while_deploying(bench: Bench) -> None:
        bench.deploying = 1
        await bench.ask()
        await asyncio.sleep(1.5 * SAVE_DELAY)
        assert "saved" not in bench.events
        await asyncio.sleep(SAVE_DELAY)

    assert run(ask_while_deploying).events == ["http.response.start", "saved"]


def test_that_something_is_not_saved_yet_is_told_until_it_is() -> None:
    async def ask_and_wait(bench: Bench) -> None:
        await bench.ask()
        await bench.ask()
        await asyncio.sleep(2 * SAVE_DELAY)

    assert run(ask_and_wait).reports == [StateReport(is_saved=False), StateReport(is_saved=True)]


def test_a_failed_save_is_told_and_tried_again() -> None:
    async def ask_on_a_full_disk(bench: Bench) -> None:
        bench.problem = FULL
        await bench.ask(headers=COGNITO)
        await asyncio.sleep(2 * SAVE_DELAY)
        bench.problem = None
        await asyncio.sleep(RETRY_DELAY)

    bench = run(ask_on_a_full_disk)
    assert bench.events == ["users saved", "http.response.start", "saved", "saved"]
    assert bench.reports == [StateReport(is_saved=False, problem=FULL), StateReport(is_saved=True)]


def test_what_could_not_be_restored_ends_the_start_before_anything_is_saved_over_it() -> None:
    async def start(bench: Bench) -> None:
        bench.error = "Failed to restore persisted state for cognito"
        await bench.send({"type": "lifespan"}, asked="lifespan.startup")

    bench = run(start)
    assert bench.events == ["lifespan.startup.failed"]
    assert bench.reports == [StateReport(is_saved=False, problem=bench.error)]


def test_what_could_be_restored_counts_as_saved() -> None:
    bench = run(lambda bench: bench.send({"type": "lifespan"}, asked="lifespan.startup"))
    assert bench.events == ["restored", "lifespan.startup.complete"]
    assert bench.reports == []


@pytest.mark.parametrize("problem", [None, FULL])
def test_at_the_end_only_what_has_changed_since_the_last_save_counts(problem: str | None) -> None:
    """MiniStack's own last save writes everything, and may fail where nothing is lost."""

    async def stop(bench: Bench) -> None:
        bench.error, bench.problem = f"failed to save cognito: {FULL}", problem
        await bench.send({"type": "lifespan"}, asked="lifespan.shutdown")

    bench = run(stop)
    assert bench.events == ["saved", "lifespan.shutdown.complete"]
    assert bench.reports == ([] if problem is None else [StateReport(is_saved=False, problem=problem)])


def test_a_report_is_read_as_it_was_written() -> None:
    report = StateReport(is_saved=False, problem=f"{FULL}\n")
    assert StateReport.parse(report.to_line()) == report
    assert report.to_line().count(b"\n") == 1
