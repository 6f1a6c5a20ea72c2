"""Whether an response is AWS's: by its status, its body and its headers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conformance.case import Response, Text
from conformance.event import Event
from conformance.wire import Received


@dataclass(frozen=True, slots=True)
class Verdict:
    """What of a response differs from AWS's, by its parts; nothing where it is AWS's."""

    status: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    body: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Whether it is AWS's response in every part."""
        return not self.differences

    @property
    def differences(self) -> tuple[str, ...]:
        """Everything that differs."""
        return self.status + self.headers + self.body


def judge(response: Response, received: Received, outputs: Mapping[str, str]) -> Verdict:
    """Compare what came back with AWS's response; `outputs` are those of the stack."""
    if received.status == response.status:
        status: tuple[str, ...] = ()
    else:
        status = (f"status {received.status} instead of {response.status}",)
    return Verdict(
        status, tuple(_compare_headers(response, received)), tuple(_compare_body(response, received, outputs))
    )


def _compare_headers(response: Response, received: Received) -> Iterator[str]:
    left = list(received.headers)
    for name, wanted in response.headers:
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
    if response.in_order and names != [name for name, _ in response.headers]:
        yield f"headers in the order {', '.join(names)}"


def _compare_body(response: Response, received: Received, outputs: Mapping[str, str]) -> Iterator[str]:
    if isinstance(response.body, Event):
        headers = {name.lower(): value for name, value in received.headers}
        yield from response.body.find_differences(received.body, headers, outputs)
    elif isinstance(response.body, re.Pattern):
        if not response.body.fullmatch(received.body):
            yield f"body {received.body[:200]!r} instead of {response.body.pattern!r}"
    elif received.body != response.body:
        yield f"body {received.body[:200]!r} instead of {response.body[:200]!r}"


def fits(value: str, wanted: Text) -> bool:
    """Say whether a text is the wanted one, or matches it as a whole."""
    return value == wanted if isinstance(wanted, str) else wanted.fullmatch(value) is not None


def _show(wanted: Text) -> str:
    return wanted if isinstance(wanted, str) else f"/{wanted.pattern}/"
