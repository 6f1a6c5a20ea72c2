"""How the functions' log is shown: one invocation's lines together, and only what was asked for."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from local_stage.cli import main
from local_stage.errors import StartError
from local_stage.lambda_runtime.function_log import LogLine
from local_stage.log.invocation_log import Logged, LoggedLine, LoggedRequest
from local_stage.log.log_reader import Invocations, Selection, render, render_json, show_logs
from tests.manual_clock import ManualClock
from tests.unit.log.test_invocation_log import write


def line(text: str, request_id: str | None = None, function: str = "Hello") -> LoggedLine:
    stream = f"stream of {request_id}"
    platform = text.startswith(("START", "END", "REPORT"))
    return LoggedLine(1795375200.5, LogLine(function, stream, request_id, text, platform))


def invocation(request_id: str, *texts: str, function: str = "Hello") -> list[LoggedLine]:
    """Return an invocation's lines: its name stands before each text."""
    return [
        line(f"START RequestId: {request_id}", request_id, function),
        *(line(f"{request_id} {text}", request_id, function) for text in texts),
        line(f"REPORT RequestId: {request_id}", request_id, function),
    ]


def take(invocations: Invocations, logged: Sequence[Logged]) -> list[str]:
    return [found.line.text for item in logged for found in invocations.take(item)]


def test_lines_of_the_invocation_whose_turn_it_is_pass_at_once() -> None:
    invocations = Invocations(Selection())
    for item in invocation("a", "one", "two"):
        assert take(invocations, [item]) == [item.line.text]


def test_two_at_the_same_time_are_shown_one_after_the_other() -> None:
    a, b = invocation("a", "one"), invocation("b", "one")
    invocations = Invocations(Selection())
    mixed = [item for pair in zip(a, b, strict=True) for item in pair]
    assert take(invocations, mixed) == [item.line.text for item in [*a, *b]]


def test_one_that_ends_while_another_has_the_turn_comes_after_it() -> None:
    a, b = invocation("a", "one"), invocation("b", "one")
    invocations = Invocations(Selection())
    assert take(invocations, [a[0], *b]) == ["START RequestId: a"]
    assert take(invocations, a[1:]) == ["a one", "REPORT RequestId: a", *(item.line.text for item in b)]


def test_lines_outside_any_invocation_pass_between_two() -> None:
    a = invocation("a")
    invocations = Invocations(Selection())
    assert take(invocations, [line("importing"), a[0], line("importing, too"), a[1]]) == [
        "importing",
        "START RequestId: a",
        "REPORT RequestId: a",
        "importing, too",
    ]


def test_a_silent_invocation_lets_the_others_pass_and_says_when_it_goes_on() -> None:
    clock = ManualClock(100.0)
    a, b = invocation("a", "one"), invocation("b", "one")
    invocations = Invocations(Selection(), clock)
    take(invocations, [a[0], *b])
    clock.advance(0.9)
    assert list(invocations.let_pass()) == []
    clock.advance(0.2)
    assert [item.line.text for item in invocations.let_pass()] == [item.line.text for item in b]
    assert take(invocations, a[1:]) == ["-- RequestId: a goes on", "a one", "REPORT RequestId: a"]


def test_the_next_one_does_not_wait_for_one_that_was_left() -> None:
    """Its process may have been killed with the stage: it never ends."""
    clock = ManualClock(100.0)
    a, b, c = (invocation(name, "one") for name in "abc")
    invocations = Invocations(Selection(), clock)
    take(invocations, [a[0], *b])
    clock.advance(2.0)
    list(invocations.let_pass())
    for item in c:
        assert take(invocations, [item]) == [item.line.text]


def test_everything_is_drained_at_the_end() -> None:
    a, b = invocation("a", "one"), invocation("b", "one")
    invocations = Invocations(Selection())
    take(invocations, [a[0], *b[:2]])
    assert [item.line.text for item in invocations.drain()] == ["START RequestId: b", "b one"]


def test_one_request_can_be_asked_for_by_its_own_id() -> None:
    a, b = invocation("a", "one"), invocation("b", "one")
    invocations = Invocations(Selection(request_id="b"))
    assert take(invocations, [*a, line("importing"), *b]) == [item.line.text for item in b]


def test_one_request_can_be_asked_for_by_the_id_that_the_client_has() -> None:
    a, b = invocation("a", "one"), invocation("b", "one")
    invocations = Invocations(Selection(request_id="client-b"))
    told: list[Logged] = [*a, LoggedRequest("client-a", "a"), *b, LoggedRequest("client-b", "b")]
    assert take(invocations, told) == [item.line.text for item in b]


def test_one_function_can_be_asked_for() -> None:
    a, b = invocation("a", "one"), invocation("b", "one", function="Other")
    invocations = Invocations(Selection(function="Other"))
    assert take(invocations, [*a, *b, line("importing")]) == [item.line.text for item in b]


def test_invocations_that_never_end_are_forgotten_in_time() -> None:
    invocations = Invocations(Selection(request_id="last"))
    for number in range(5000):
        take(invocations, [line("START", f"r{number}")])
    assert take(invocations, [LoggedRequest("last", "r0")]) == []
    assert take(invocations, [LoggedRequest("last", "r4999")]) == ["START"]


def test_a_line_is_printed_with_local_time_and_function() -> None:
    printed = render(line("text"), is_coloured=False)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.500 \[Hello\] text", printed)


def test_a_line_as_json_has_everything() -> None:
    assert json.loads(render_json(line("a\nb", "request"))) == {
        "time": line("a").time,
        "function": "Hello",
        "log_stream": "stream of request",
        "request_id": "request",
        "text": "a\nb",
        "platform": False,
    }


def test_nothing_that_a_client_sent_moves_the_terminals_cursor() -> None:
    printed = render(line("\x1b[2Ja\rb\x9b1mc\u2028d\te"), is_coloured=False)
    assert printed.endswith("[Hello] \\x1b[2Ja\\rb\\x9b1mc\\u2028d\te")


@pytest.mark.parametrize("is_coloured", [True, False])
def test_colours_are_for_who_wants_them(tmp_path: Path, *, is_coloured: bool) -> None:
    stream = io.StringIO()
    write(tmp_path, lambda log: log.write_line(line("REPORT RequestId: a", "a").line))
    assert (
        show_logs(
            tmp_path,
            Selection(),
            follow=False,
            stream=stream,
            render=partial(render, is_coloured=is_coloured),
        )
        == 0
    )
    assert ("\x1b[" in stream.getvalue()) is is_coloured


def test_no_log_at_all_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"functions\.log: no function has logged anything here"):
        show_logs(tmp_path, Selection(), follow=False, stream=io.StringIO(), render=render_json)


@pytest.mark.parametrize("selection", [["--request-id", "other"], ["--function", "Other"]])
def test_nothing_of_what_was_asked_for_is_no_success(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], selection: list[str]
) -> None:
    write(tmp_path, lambda log: log.write_line(line("text", "a").line))
    assert main(["logs", "--state-folder", str(tmp_path), *selection]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "nothing of it in the log; `local-stage logs` shows all of it" in printed.err


def test_what_was_asked_for_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(
        tmp_path,
        *(
            lambda log, item=item: log.write_line(item.line)
            for item in [*invocation("a", "x"), *invocation("b", "y")]
        ),
        lambda log: log.write_request("client-b", "b"),
    )
    assert main(["logs", "--state-folder", str(tmp_path), "--request-id", "client-b"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert [text.partition("] ")[2] for text in printed] == [
        "START RequestId: b",
        "b y",
        "REPORT RequestId: b",
    ]
