"""Traffic that goes on while something breaks: callers of every kind, each with a connection of its own.

    with traffic(stage.api_url, signer) as flow:
        break_something()
        flow.wait_for_good(50)
    assert flow.report.statuses(GOOD) == {200}

A request carries a marker of its own in query and body, and its caller's name in a token: its answer has to
repeat all three, or say in API Gateway's words that there is none. The callers run in a thread of their own.
At the end of the block each gets the answer to his last request; an answer that is another's fails the test,
and so does a request of which nobody knows what became.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import aiohttp

from tests.figures import TRAFFIC
from tests.processes import wait_until
from tests.tokens import TokenSigner, make_rsa_key

CONNECTIONS = 8
TIMEOUT = 60.0
"""Seconds without an answer after which a request counts as failed; twice what the stage itself allows."""
PAUSE = 0.02
"""Seconds before the next request to a stage that could not be reached."""

type Token = Literal["good", "expired", "forged"]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a request asks for, and the one answer to it where nothing is broken.

    `do` is what the echoing function does to itself before it answers; `message` is API Gateway's word for a
    refusal.
    """

    name: str
    status: int
    token: Token | None = None
    path: str = "/echo"
    message: str | None = None
    do: str | None = None


GOOD = Kind("good", 200, "good")
EXPIRED = Kind("expired", 401, "expired", message="The incoming token has expired")
FORGED = Kind("forged", 401, "forged", message="Unauthorized")
NO_TOKEN = Kind("no token", 401, message="Unauthorized")
UNKNOWN = Kind("unknown route", 403, path="/nowhere", message="Missing Authentication Token")
MIX = (GOOD, EXPIRED, GOOD, FORGED, GOOD, NO_TOKEN, GOOD, UNKNOWN)
REFUSED = (EXPIRED, FORGED, NO_TOKEN, UNKNOWN)


@dataclass(slots=True)
class Report:
    """What was sent and what came of it: answers by kind and status, errors by kind and class.

    `wrong` describes each answer that is another's or nobody's; `answered` holds the markers of the requests
    that the function has answered; `seconds` is how long each answer took.
    """

    sent: int = 0
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    errors: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    seconds: list[float] = field(default_factory=list)

    def count(self, kind: Kind, status: int | None = None) -> int:
        """Return how many requests of this kind got this status, the right one unless another is named."""
        return self.answers[kind.name, kind.status if status is None else status]

    def statuses(self, *kinds: Kind) -> set[int]:
        """Return every status that requests of these kinds got."""
        names = {kind.name for kind in kinds}
        return {status for (name, status), count in self.answers.items() if name in names and count}

    def is_right(self, *kinds: Kind) -> bool:
        """Return whether each request of these kinds, or of the usual mix, had its one right answer."""
        asked = kinds or MIX
        failed = {name for name, _ in self.errors}
        return all(self.statuses(kind) == {kind.status} and kind.name not in failed for kind in asked)

    def error_classes(self) -> set[str]:
        """Return the class of every error that stood in the place of an answer."""
        return {name for _, name in self.errors}

    def is_complete(self) -> bool:
        """Return whether every request has its answer or its error."""
        return self.sent == self.answers.total() + self.errors.total()

    def milliseconds(self, share: float) -> int:
        """Return the milliseconds within which this share of the answers came."""
        ordered = sorted(self.seconds)
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000)

    def figures(self) -> Counter[str]:
        """Return how many were sent, how many had each status, and how many each error."""
        figures = Counter({"sent": self.sent})
        for (_, status), count in sorted(self.answers.items(), key=lambda answers: answers[0][1]):
            figures[str(status)] += count
        for (_, error), count in self.errors.items():
            figures[error] += count
        return figures

    def __str__(self) -> str:
        answers = ", ".join(f"{count} {kind} {status}" for (kind, status), count in self.answers.items())
        errors = ", ".join(f"{count} {kind} {name}" for (kind, name), count in self.errors.items())
        return f"{self.sent} sent: {answers or 'no answer'}; {errors or 'no error'}"


class Traffic:
    """Callers of a stage, from `start` until `stop`."""

    def __init__(self, api_url: str, signer: TokenSigner, *, connections: int, mix: Sequence[Kind]) -> None:
        self.report = Report()
        self._api_url = api_url
        self._signer = signer
        self._attacker = TokenSigner(
            signer.issuer, signer.kid, client_id=signer.client_id, key=make_rsa_key("attacker-key")
        )
        self._connections = connections
        self._mix = mix
        self._markers = itertools.count(1)
        self._request_ids: set[str] = set()
        self._stopping = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Send nothing more, and return when every request has come to its end."""
        self._stopping.set()
        self._thread.join(2 * TIMEOUT)
        assert not self._thread.is_alive(), "a caller still waits"
        if self._failure is not None:
            raise self._failure

    def wait_for_good(self, count: int) -> None:
        """Return when so many more good requests have had their good answer."""
        self.wait_for(GOOD, count)

    def wait_for(self, kind: Kind, count: int = 1, status: int | None = None) -> None:
        """Return when so many more requests of this kind have had this status, else the right one."""
        enough = self.report.count(kind, status) + count
        wait_until(lambda: self.report.count(kind, status) >= enough or not self._thread.is_alive())

    def wait_for_error(self) -> None:
        """Return when one more request could not be sent or has had no answer."""
        enough = self.report.errors.total() + 1
        wait_until(lambda: self.report.errors.total() >= enough or not self._thread.is_alive())

    def _run(self) -> None:
        try:
            asyncio.run(self._call_all())
        except BaseException as failure:  # noqa: BLE001 - the test's own thread raises it
            self._failure = failure

    async def _call_all(self) -> None:
        async with asyncio.TaskGroup() as callers:
            for number in range(self._connections):
                callers.create_task(self._call(f"caller-{number}", number))

    async def _call(self, username: str, offset: int) -> None:
        """Send one request after the other, on one connection as long as it lives."""
        tokens = self._sign(username)
        kinds = itertools.islice(itertools.cycle(self._mix), offset, None)
        connector = aiohttp.TCPConnector(limit=1)
        timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            while not self._stopping.is_set():
                await self._send(session, next(kinds), username, tokens)

    def _sign(self, username: str) -> dict[Token | None, str]:
        name = {"cognito:username": username}
        return {
            "good": self._signer.id_token(**name),
            "expired": self._signer.id_token(**name, exp=int(time.time()) - 1),
            "forged": self._attacker.id_token(**name),
        }

    async def _send(
        self, session: aiohttp.ClientSession, kind: Kind, username: str, tokens: dict[Token | None, str]
    ) -> None:
        marker = f"{username}-{next(self._markers)}"
        headers = {"Authorization": tokens[kind.token]} if kind.token else {}
        # A POST: aiohttp sends nothing of it a second time when the connection breaks.
        url = f"{self._api_url}{kind.path}?marker={marker}"
        body = json.dumps({"marker": marker, "do": kind.do})
        self.report.sent += 1
        started = time.perf_counter()
        try:
            async with session.post(url, data=body, headers=headers) as answer:
                content = await answer.read()
        except (aiohttp.ClientError, OSError) as error:
            self.report.errors[kind.name, type(error).__name__] += 1
            await asyncio.sleep(PAUSE)
            return
        self.report.seconds.append(time.perf_counter() - started)
        self.report.answers[kind.name, answer.status] += 1
        self._judge(kind, marker, username, answer, content)

    def _judge(
        self, kind: Kind, marker: str, username: str, answer: aiohttp.ClientResponse, content: bytes
    ) -> None:
        """Note an answer that is not this request's, whatever its status."""
        request_id = answer.headers.get("x-amzn-RequestId", "")
        if not request_id or request_id in self._request_ids:
            self.report.wrong.append(f"{marker} ({kind.name}): request id {request_id!r} is another's")
        self._request_ids.add(request_id)
        if answer.status == 200:
            self.report.answered.add(marker)
        if not _is_own(content, _build_own(kind, marker, username, answer.status)):
            self.report.wrong.append(f"{marker} ({kind.name}): {answer.status} {content!r}")


@contextlib.contextmanager
def traffic(
    api_url: str,
    signer: TokenSigner,
    *,
    connections: int = CONNECTIONS,
    mix: Sequence[Kind] = MIX,
    fault: str = "no fault",
) -> Iterator[Traffic]:
    """Send requests of this mix meanwhile, over so many connections, and count them under this fault's name.

    Nobody may have got another's answer at the end, and every request its own, or an error in its place.
    """
    flow = Traffic(api_url, signer, connections=connections, mix=mix)
    flow.start()
    try:
        yield flow
    finally:
        flow.stop()
        TRAFFIC.setdefault(fault, Counter()).update(flow.report.figures())
    assert flow.report.wrong == []
    assert flow.report.is_complete(), str(flow.report)


def _build_own(kind: Kind, marker: str, username: str, status: int) -> dict[str, str | None] | None:
    """Return what the answer has to say, None where a fault has taken the place of what was expected."""
    if status == 200:
        return {"query": marker, "body": marker, "username": username}
    return {"message": kind.message} if status == kind.status else None


def _is_own(content: bytes, own: dict[str, str | None] | None) -> bool:
    """Say whether an answer says this; in the place of None it may be any one message of API Gateway's."""
    try:
        answer = json.loads(content)
    except ValueError:
        return False
    if own is None:
        return isinstance(answer, dict) and answer.keys() == {"message"}
    return bool(answer == own)
