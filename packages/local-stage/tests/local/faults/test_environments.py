"""Execution environments that are killed, hang, leak or crash harm their own requests and nobody else's."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator

import pytest

from tests.echo.api import EchoApi, echo_api
from tests.processes import wait_until
from tests.traffic import GOOD, MIX, REFUSED, Kind

ROUNDS = 8
HARMLESS = (GOOD, *MIX)
"""The mix of every test and one good request more, so that the harmful ones fall to every caller in turn."""


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EchoApi]:
    with echo_api(tmp_path_factory.mktemp("environments")) as api:
        yield api


@pytest.fixture(autouse=True)
def well_afterwards(api: EchoApi) -> Iterator[None]:
    """Fail unless the stage answers everybody rightly when the fault is over."""
    yield
    with api.traffic(fault="after a fault") as flow:
        flow.wait_for_good(20)
    assert flow.report.is_right()


def harm(do: str) -> Kind:
    """Return the kind of request whose handler does this to its environment instead of answering."""
    return Kind(do, 502, "good", "/fragile", "Internal server error", do)


def kill(pids: set[int]) -> int:
    """Kill the processes and return how many were still there."""
    return sum(map(_kill, pids))


def _kill(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False


def wait_for_others(api: EchoApi, environments: set[int]) -> None:
    """Return as soon as another environment than these is there, hardly begun."""
    wait_until(lambda: not api.environments() <= environments)


def test_a_killed_environment_costs_the_one_request_that_it_had(api: EchoApi) -> None:
    killed = 0
    with api.traffic(fault="environments killed") as flow:
        for _ in range(ROUNDS):
            flow.wait_for_good(10)
            killed += kill(api.environments())
        flow.wait_for_good(10)
    assert killed >= ROUNDS
    assert flow.report.statuses(GOOD) <= {200, 502}
    assert flow.report.count(GOOD, 502) <= killed
    assert flow.report.is_right(*REFUSED)


def test_an_environment_that_is_killed_in_its_init_costs_one_request(api: EchoApi) -> None:
    killed = 0
    with api.traffic(connections=16, mix=(GOOD,), fault="environments killed in their init") as flow:
        flow.wait_for_good(10)
        for _ in range(ROUNDS):
            environments = api.environments()
            killed += kill(environments)
            wait_for_others(api, environments)
        flow.wait_for_good(10)
    assert flow.report.statuses(GOOD) <= {200, 502}
    assert flow.report.count(GOOD, 502) <= killed
    assert flow.report.errors == {}


@pytest.mark.parametrize("do", ["hang", "leak", "exit"])
def test_what_a_handler_does_to_itself_costs_its_own_request(api: EchoApi, do: str) -> None:
    """It takes too long, or more memory than it may, or ends its process: 502, among good requests."""
    harmful = harm(do)
    good = Kind("good beside it", 200, "good", "/fragile")
    mix = (*HARMLESS, good, harmful, good)
    with api.traffic(connections=4, mix=mix, fault=f"handlers that {do}") as flow:
        flow.wait_for(harmful, 2)
        flow.wait_for(good, 2)
    assert flow.report.is_right(harmful, good, *MIX)


def test_a_handler_that_leaks_from_call_to_call_costs_the_one_request_that_was_too_much(api: EchoApi) -> None:
    leaking = Kind("leaking", 200, "good", "/fragile", do="keep")
    with api.traffic(
        connections=4, mix=(*HARMLESS, leaking), fault="handlers that leak from call to call"
    ) as flow:
        flow.wait_for(leaking, 2, status=502)
        flow.wait_for(leaking, 1)
    assert flow.report.statuses(leaking) == {200, 502}
    assert flow.report.count(leaking, 502) < flow.report.count(leaking)
    assert flow.report.is_right()


def test_inits_that_crash_now_and_then_cost_no_request_of_others(api: EchoApi) -> None:
    """The process ends while the handler's module is loaded, as long as there is a certain file."""
    fragile = Kind("fragile", 200, "good", "/fragile")
    crashes = api.folder / "fragile-crashes"
    with api.traffic(mix=(*HARMLESS, fragile, harm("exit")), fault="inits that crash") as flow:
        for _ in range(2):
            crashes.touch()
            flow.wait_for(fragile, status=502)
            crashes.unlink()
            flow.wait_for(fragile)
    assert flow.report.statuses(fragile) == {200, 502}
    assert flow.report.is_right(harm("exit"), *MIX)
