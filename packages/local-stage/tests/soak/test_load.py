"""Under load for as long as one likes: every answer right, none a 5xx, and no more memory than before.

SOAK_SECONDS says how long: a few in `make check`, 60 in `make soak`.
"""

from __future__ import annotations

import os
import time
from statistics import median

import pytest

from benchmarks.processes import read_memory
from tests.echo.api import echo_api
from tests.figures import TRAFFIC
from tests.traffic import Report

SECONDS = float(os.environ.get("SOAK_SECONDS", "5"))
CONNECTIONS = 64
WARM = 500
"""Good answers after which caches, buffers and environments are what they will be."""
SAMPLES = 20
NOISE = 16.0
"""MB by which the memory may differ from one time to another: what the processes' allocators hold back."""
KEPT = 144 / 1e6
"""MB that an invocation leaves: setenv(3) frees no value, and the runtime sets _X_AMZN_TRACE_ID each time."""

FAULT = f"load of {SECONDS:g} s"


@pytest.fixture(scope="module")
def memory() -> list[float]:
    """What the stage and all that it has started held in the course of the load, in MB."""
    return []


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, memory: list[float]) -> Report:
    """What became of the load's requests."""
    with (
        echo_api(tmp_path_factory.mktemp("soak")) as api,
        api.traffic(connections=CONNECTIONS, fault=FAULT) as flow,
    ):
        for _ in range(WARM // 100):
            flow.wait_for_good(100)
        for _ in range(SAMPLES):
            memory.append(read_memory(api.stage.pid))
            time.sleep(SECONDS / SAMPLES)
    TRAFFIC[FAULT].update({"ms p50": flow.report.milliseconds(0.5), "ms p99": flow.report.milliseconds(0.99)})
    TRAFFIC[FAULT].update({"MB at first": round(at_first(memory)), "MB at last": round(at_last(memory))})
    return flow.report


def at_first(memory: list[float]) -> float:
    return median(memory[: SAMPLES // 5])


def at_last(memory: list[float]) -> float:
    return median(memory[-SAMPLES // 5 :])


def test_every_answer_under_load_is_right(report: Report) -> None:
    assert report.is_right()
    assert report.errors == {}


def test_under_load_memory_stays_what_it_was(report: Report, memory: list[float]) -> None:
    assert report.sent > 0
    assert at_last(memory) - at_first(memory) <= NOISE + KEPT * len(report.answered)
