"""Whether an answer is AWS's: by its status, its body and its headers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conformance.case import Answer, Text
from conformance.event import Event
from conformance.wire import Received


@dataclass(frozen=True, slots=True)
class Verdict:
    """What of an answer differs from AWS's, by its parts; nothing where it is AWS's."""

    status: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    body: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Whether it is AWS's answer in every part."""
        return not self.differences

    @property
    def differences(self) -> tuple[str, ...]:
        """Everything that differs."""
        return self.status + self.headers + self.body


def judge(answer: Answer, received: Received, outputs: Mapping[str, str]) -> Verdict:
    """Compare what came back with AWS's answer; `outputs` are those of the stack."""
    if received.status == answer.status:
        status: tuple[str, ...] = ()
    else:
        status = (f"status {received.status} instead of {answer.status}",)
    return Verdict(
        status, tuple(_compare_headers(answer, received)), tuple(_compare_body(answer, received, outputs))
    )


def _compare_headers(answer: Answer, received: Received) -> Iterator[str]:
    left = list(received.headers)
    for name, wanted in answer.headers:
        values = [value for found, value in left if found == name]
        value = next((value for value in values if fits(value, wanted)), None)
        if value is not None:
            left.remove((name, value))
        elif values:
            left.remove((name, values[0]))
            yield f"{name}: {values[0]} instead of {_show(wanted)}"
        else:
            yield f"no {name}"
    yield from (f"{name}: {value} too much" for name, value in left)
    names = [name for name, _ in received.headers]
    if answer.in_order and names != [name for name, _ in answer.headers]:
        yield f"headers in the order {', '.join(names)}"


def _compare_body(answer: Answer, received: Received, outputs: Mapping[str, str]) -> Iterator[str]:
    if isinstance(answer.body, Event):
        headers = {name.lower(): value for name, value in received.headers}
        yield from answer.body.find_differences(received.body, headers, outputs)
    elif isinstance(answer.body, re.Pattern):
        if not answer.body.fullmatch(received.body):
            yield f"body {received.body[:200]!r} instead of {answer.body.pattern!r}"
    elif received.body != answer.body:
        yield f"body {received.body[:200]!r} instead of {answer.body[:200]!r}"


def fits(value: str, wanted: Text) -> bool:
    """Say whether a text is the wanted one, or matches it as a whole."""
    return value == wanted if isinstance(wanted, str) else wanted.fullmatch(value) is not None


def _show(wanted: Text) -> str:
    return wanted if isinstance(wanted, str) else f"/{wanted.pattern}/"
