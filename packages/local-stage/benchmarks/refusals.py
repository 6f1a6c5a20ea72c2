"""Refusals per second, and what a flood of forged tokens does to good callers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from benchmarks.callers import forge
from benchmarks.effort import Effort
from benchmarks.figure import Goal, Measurement, Samples
from benchmarks.load import Job, collect, run_load, start_load
from benchmarks.peers import BARE, STAGE, Peer
from benchmarks.throughput import build_job

TITLE: Final = "Refusals"
CONNECTIONS: Final = 8
FORGED_TOKENS: Final = 256

NO_CREDENTIALS: Final = "no token"
FORGED: Final = "bad signature"
ALONE: Final = "good callers alone"
FLOODED: Final = "good callers in the flood"

_METHOD: Final = f"""\
{CONNECTIONS} connections each. {FORGED_TOKENS} different forged tokens go round, signed by keys of the
client's own: half of them under the pool's key id, which are those of a bad signature, half under one that
the pool does not know. Each is judged anew each time. In the flood {CONNECTIONS} connections send all of them
as fast as they are refused, while {CONNECTIONS} others call with a good one. The stage logs each refusal
with its reason, and writes its line of the access log. While good callers are served it spaces
refusals 2 ms apart; the flood ends a second after them, so its own figure holds a second without them."""

OBSTACLES: Final = {
    NO_CREDENTIALS: (
        "bare aiohttp writes no log; a third of what the stage adds to it are the lines of its two logs"
        " and the console's list, the rest is the route, ids, headers and the API's gateway response, all in"
        " Python on one core"
    ),
    FORGED: (
        "what holds back those without a token; and each token is verified anew: RSA takes two fifths of the"
        " stage's own time, reading the token strictly a fifth. One verification alone takes half as long as"
        " an answer of bare aiohttp"
    ),
}


def measure(peers: Sequence[Peer], effort: Effort) -> Measurement:
    """Have the stage refuse, and compare with bare aiohttp; then flood it."""
    by_name = {peer.name: peer for peer in peers}
    stage, bare = by_name[STAGE], by_name[BARE]
    assert stage.authorization is not None  # noqa: S101 - the stage's caller has signed in
    forged = forge(stage.authorization, FORGED_TOKENS)
    samples = Samples()
    for _ in range(effort.repeats):
        load = run_load(build_job(bare, CONNECTIONS, effort.seconds))
        samples.add(BARE, "calls", "calls/s", load.rate)
        for kind, tokens in ((NO_CREDENTIALS, (None,)), (FORGED, forged[::2])):
            load = run_load(build_refused_job(stage.url, tokens, effort.seconds))
            samples.add(STAGE, kind, "calls/s", load.rate)
        good = build_job(stage, CONNECTIONS, effort.seconds)
        samples.add(STAGE, ALONE, "calls/s", run_load(good).rate)
        flood = start_load(build_refused_job(stage.url, forged, effort.seconds + 1))
        samples.add(STAGE, FLOODED, "calls/s", run_load(good).rate)
        samples.add(STAGE, "forged tokens in the flood", "calls/s", collect(flood).rate)
    figures = samples.figures()
    return Measurement(TITLE, _METHOD, figures, _judge(Measurement(TITLE, _METHOD, figures)))


def build_refused_job(url: str, authorizations: tuple[str | None, ...], seconds: float) -> Job:
    """Return the job of being refused, with these `Authorization` headers in turns."""
    return Job(url, CONNECTIONS, seconds, 401, '{"message":"Unauthorized"}', authorizations)


def _judge(measured: Measurement) -> list[Goal]:
    goals = [
        Goal(
            f"refusals, {kind}, as a share of bare aiohttp's answers",
            share,
            at_least=limit,
            obstacle=OBSTACLES[kind],
        )
        for kind, limit in ((NO_CREDENTIALS, 0.4), (FORGED, 0.25))
        if (share := _share(measured, STAGE, kind, BARE, "calls")) is not None
    ]
    left = _share(measured, STAGE, FLOODED, STAGE, ALONE)
    return [
        *goals,
        Goal(
            "what good callers keep of their calls in a flood of forged tokens",
            left,
            at_least=0.5,
            obstacle="the flood's client takes its part of two cores, and one event loop judges and serves",
        ),
    ]


def _share(measured: Measurement, subject: str, quantity: str, other: str, others: str) -> float | None:
    mine, whole = measured.find(subject, quantity), measured.find(other, others)
    return mine.median / whole.median if mine and whole else None
