"""The client of every measurement of load: HTTP/1.1 over plain connections, in a process of its own.

    python -m benchmarks.load < job.json > load.json

Each connection sends its next request when the answer to the last one is complete, and every answer is
looked at: one of another status or body counts as a failure. It does less than an HTTP library, so that on
two cores the servers are measured and not their client.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import math
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, override
from urllib.parse import urlsplit

DRAIN_DEADLINE: Final = 60.0
"""Seconds that requests under way have at the end; a slow server is not left with work for the next peer."""

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CLOSE: Final = re.compile(rb"\r\nconnection: *close|\AHTTP/1\.0 ", re.IGNORECASE)
_CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Job:
    """What to send, and what has to come back.

    Requests go round the values of `authorizations`; None sends no such header. `seconds` are those that
    count; before them come `warm_up` seconds, which do not. `body` has to stand in the answer.
    """

    url: str
    connections: int
    seconds: float
    status: int
    body: str
    authorizations: tuple[str | None, ...] = (None,)
    warm_up: float = 0.5
    method: str = "GET"


@dataclass(frozen=True, slots=True)
class Load:
    """What came back: calls within `seconds`, latencies in milliseconds, the first failures as they were.

    `responses` are all good ones, also those outside the seconds that count.
    """

    calls: int
    seconds: float
    p50: float
    p99: float
    failures: tuple[str, ...] = ()
    responses: int = 0

    @property
    def rate(self) -> float:
        """Calls per second."""
        return self.calls / self.seconds


class LoadError(Exception):
    """The load was not answered as it had to be, so that there is no figure."""


def run_load(job: Job) -> Load:
    """Run a job in a process of its own. Raises LoadError where an answer was wrong."""
    return collect(start_load(job))


def start_load(job: Job) -> subprocess.Popen[str]:
    """Start a job; `collect` waits for what comes of it."""
    process = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", __spec__.name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None  # noqa: S101 - asked for above
    process.stdin.write(json.dumps(asdict(job)))
    process.stdin.close()
    return process


def collect(process: subprocess.Popen[str]) -> Load:
    """Return what a job has come to. Raises LoadError where an answer was wrong."""
    assert process.stdout is not None  # noqa: S101 - asked for at its start
    with process:
        printed = process.stdout.read()
    if process.returncode:
        raise LoadError(f"the client ended with exit code {process.returncode}")
    fields: dict[str, Any] = json.loads(printed)
    load = Load(**fields)
    if load.failures:
        raise LoadError(f"{len(load.failures)} wrong answers, such as {load.failures[0]}")
    if not load.calls:
        raise LoadError(f"no answer within {load.seconds:g} s")
    return load


class Client:
    """Keeps the connections of a job busy."""

    def __init__(self, job: Job) -> None:
        self._job = job
        url = urlsplit(job.url)
        self._host, self._port = url.hostname or "", url.port or 80
        self._requests = itertools.cycle(build_requests(job))
        self._body = job.body.encode()
        self._status = re.compile(rb"HTTP/1\.[01] %d " % job.status)
        self._latencies: list[float] = []
        self._failures: list[str] = []
        self._responses = 0
        self._begin = self._end = 0.0
        self._busy = 0
        self._idle = asyncio.Event()

    async def run(self) -> Load:
        """Run the job to its end."""
        self._begin = time.perf_counter() + self._job.warm_up
        self._end = self._begin + self._job.seconds
        for _ in range(self._job.connections):
            self._busy += 1
            await self.connect()
        async with asyncio.timeout_at(
            asyncio.get_running_loop().time() + self._job.warm_up + self._job.seconds + DRAIN_DEADLINE
        ):
            await self._idle.wait()
        return Load(
            calls=len(self._latencies),
            seconds=self._job.seconds,
            p50=percentile(self._latencies, 0.5) * 1000,
            p99=percentile(self._latencies, 0.99) * 1000,
            failures=tuple(self._failures[:10]),
            responses=self._responses,
        )

    async def connect(self) -> None:
        """Open a connection, which begins to send at once."""
        await asyncio.get_running_loop().create_connection(lambda: Connection(self), self._host, self._port)

    def next_request(self) -> bytes | None:
        """Return what a connection sends next, None when it is to end."""
        if time.perf_counter() < self._end and len(self._failures) < 100:  # noqa: PLR2004 - hopeless by then
            return next(self._requests)
        self._busy -= 1
        if not self._busy:
            self._idle.set()
        return None

    def take(self, answer: bytes, sent: float) -> None:
        """Count an answer that was complete within the time that counts."""
        now = time.perf_counter()
        if not self._status.match(answer) or self._body not in answer:
            self._failures.append(repr(answer[:500]))
            return
        self._responses += 1
        if self._begin <= now < self._end:
            self._latencies.append(now - sent)


class Connection(asyncio.Protocol):
    """One connection: a request, its answer, the next request."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._received = b""
        self._sent = 0.0
        self._waiting = False
        self._reconnecting: asyncio.Task[None] | None = None
        self._transport: asyncio.Transport

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - TCP's is one
        self._transport = transport
        self._send()

    @override
    def data_received(self, data: bytes) -> None:
        self._received = data = self._received + data if self._received else data
        if is_complete(data):
            self._received = b""
            self._waiting = False
            self._client.take(data, self._sent)
            if ends_connection(data):
                self._transport.close()
            self._send()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """Count what ends with its connection, and go on with another one."""
        if self._waiting:
            if self._received:
                self._client.take(self._received, self._sent)
            self._reconnecting = asyncio.create_task(self._client.connect())

    def _send(self) -> None:
        if self._transport.is_closing():
            self._waiting = True
            return
        request = self._client.next_request()
        if request is None:
            self._transport.close()
            return
        self._waiting = True
        self._sent = time.perf_counter()
        self._transport.write(request)


def build_requests(job: Job) -> Iterator[bytes]:
    """Yield a request for each of the job's authorizations."""
    url = urlsplit(job.url)
    for authorization in job.authorizations:
        lines = [
            f"{job.method} {url.path} HTTP/1.1",
            f"Host: {url.netloc}",
            "Accept: */*",
            "User-Agent: bench",
        ]
        if authorization is not None:
            lines.append(f"Authorization: {authorization}")
        yield "\r\n".join([*lines, "", ""]).encode()


def is_complete(answer: bytes) -> bool:
    """Whether an answer is whole; one without a length ends with its connection (RFC 9112, 6.3)."""
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return False
    if length := _LENGTH.search(answer, 0, end):
        return len(answer) >= end + 4 + int(length[1])
    return bool(_CHUNKED.search(answer, 0, end)) and answer.endswith(b"\r\n0\r\n\r\n")


def ends_connection(answer: bytes) -> bool:
    """Whether nothing more may be sent on the answer's connection (RFC 9112, 9.3 and 9.6)."""
    return _CLOSE.search(answer, 0, answer.find(b"\r\n\r\n")) is not None


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of the values do not exceed; NaN of nothing."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def main() -> None:
    """Run the job on standard input, and write what came of it to standard output."""
    fields: dict[str, Any] = json.load(sys.stdin)
    job = Job(**fields | {"authorizations": tuple(fields["authorizations"])})
    json.dump(asdict(asyncio.run(Client(job).run())), sys.stdout)


if __name__ == "__main__":
    main()
