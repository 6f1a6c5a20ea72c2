"""Refusals per second, and what a flood of forged tokens does to good callers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from benchmarks.callers import forge
from benchmarks.effort import Effort
from benchmarks.figure import Figure, Goal, Measurement
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
        "bare aiohttp writes no log; two fifths of what the stage adds to it are the lines of its two logs"
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
    rates = defaultdict[tuple[str, str], list[float]](list)
    for _ in range(effort.repeats):
        rates[BARE, "calls"].append(run_load(build_job(bare, CONNECTIONS, effort.seconds)).rate)
        for kind, tokens in ((NO_CREDENTIALS, (None,)), (FORGED, forged[::2])):
            load = run_load(_refused(stage, tokens, effort.seconds))
            rates[STAGE, kind].append(load.rate)
        rates[STAGE, ALONE].append(run_load(build_job(stage, CONNECTIONS, effort.seconds)).rate)
        flood = start_load(_refused(stage, forged, effort.seconds + 1))
        rates[STAGE, FLOODED].append(run_load(build_job(stage, CONNECTIONS, effort.seconds)).rate)
        rates[STAGE, "forged tokens in the flood"].append(collect(flood).rate)
    figures = [Figure(name, kind, "calls/s", tuple(samples)) for (name, kind), samples in rates.items()]
    return Measurement(TITLE, _METHOD, figures, _judge(Measurement(TITLE, _METHOD, figures)))


def _refused(stage: Peer, authorizations: tuple[str | None, ...], seconds: float) -> Job:
    return Job(stage.url, CONNECTIONS, seconds, 401, '{"message":"Unauthorized"}', authorizations)


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
