"""Calls per second and latency, authorizer on, the Hello function behind it; side by side with the peers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from benchmarks.effort import Effort
from benchmarks.figure import Figure, Goal, Measurement
from benchmarks.load import Job, LoadError, run_load
from benchmarks.peers import BARE, MINISTACK, SAM_LOCAL, STAGE, Peer, why_no_sam_local

CONNECTIONS: Final = (1, 8, 64)
TITLE: Final = "Calls"

_METHOD: Final = """\
`GET /dev/hello` with the ID token of a user of the pool; every answer is looked at. Each connection
sends its next request when the last one is answered. The client
(`packages/local-stage/benchmarks/load.py`) shares the machine's cores with the server. MiniStack has the
same function from the same `sam build`, brought there by `sam deploy`; the template's parameters lift the
throttling of both. Bare aiohttp answers a constant of the same length:
the ceiling of anything built on it."""


INVOCATION: Final = (
    "the warm invocation alone, without any gateway, takes the larger part of it (see Warm invocation): less"
    " the handler than AWS's runtime interface client and the way between two processes"
)
SHARED_CORES: Final = "the function's own processes, the gateway and the client share the machine's cores"
MINISTACK_WAITS: Final = (
    "MiniStack 1.5.33 waits up to 50 ms for the first line that a handler logs. This one logs at once;"
    " behind a handler that logs nothing, MiniStack is slower by that time."
)


def measure(peers: Sequence[Peer], effort: Effort) -> Measurement:
    """Call every peer at each number of connections, in turns, so that a slow minute meets all alike.

    A peer that does not answer as it should has no figure there, and a note instead. Raises LoadError where
    the stage does not, or bare aiohttp.
    """
    rates, middles, tails = (defaultdict[tuple[str, int], list[float]](list) for _ in range(3))
    failures: dict[str, None] = {}
    for _ in range(effort.repeats):
        for peer in peers:
            for connections in CONNECTIONS:
                try:
                    load = run_load(build_job(peer, connections, effort.seconds))
                except LoadError as error:
                    failure = f"{peer.name} at {connections} connections: {error}"
                    if peer.name in {STAGE, BARE}:
                        raise LoadError(failure) from None
                    failures[f"Without a figure at least once: {failure}."] = None
                    continue
                rates[peer.name, connections].append(load.rate)
                middles[peer.name, connections].append(load.p50)
                tails[peer.name, connections].append(load.p99)
    figures = [
        Figure(name, f"{quantity} at {connections}", unit, tuple(samples[name, connections]))
        for quantity, unit, samples in (
            ("calls", "calls/s", rates),
            ("p50", "ms", middles),
            ("p99", "ms", tails),
        )
        for name, connections in rates
    ]
    measurement = Measurement(TITLE, _METHOD, figures)
    return Measurement(TITLE, _METHOD, figures, judge(measurement), [*_notes(), *failures])


def build_job(peer: Peer, connections: int, seconds: float) -> Job:
    """Return the job of calling a peer."""
    return Job(peer.url, connections, seconds, peer.status, peer.body, (peer.authorization,))


def judge(measured: Measurement) -> list[Goal]:
    """Compare with what was to be reached."""
    p50 = measured.find(STAGE, "p50 at 1")
    missing = "" if why_no_sam_local() is None else f" ({why_no_sam_local()})"
    return [
        Goal(
            "the stage's calls at 8 connections, as a multiple of MiniStack's",
            measured.ratio(STAGE, MINISTACK, "calls at 8"),
            at_least=3.6,
            obstacle=(
                "MiniStack waits up to 50 ms for a handler that logs nothing, and this one logs at once;"
                f" {SHARED_CORES}"
            ),
        ),
        Goal(
            f"the stage's calls at 8 connections, as a multiple of `sam local`'s{missing}",
            measured.ratio(STAGE, SAM_LOCAL, "calls at 8"),
            at_least=11,
            obstacle=SHARED_CORES,
        ),
        Goal(
            "the stage's p50 at 1 connection",
            p50.median if p50 else None,
            at_most=2,
            unit="ms",
            obstacle=INVOCATION,
        ),
    ]


def _notes() -> list[str]:
    notes = [MINISTACK_WAITS]
    why = why_no_sam_local()
    if why is None:
        notes.append(
            "`sam local start-api` runs no authorizer: the function finds no claims and answers 401 itself,"
            " which is an invocation like any other. Its containers are warm."
        )
    else:
        notes.append(f"`sam local start-api` was not measured: {why}.")
    return notes
