"""What a large application costs: many functions, many routes, many users, each beside few."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final
from uuid import UUID

from benchmarks.callers import create_user, find_stack
from benchmarks.effort import Effort
from benchmarks.figure import Goal, Measurement, Samples
from benchmarks.peers import LOCAL_STACK
from benchmarks.start import COMMAND, MEMORY, start_in_turns
from benchmarks.templates import build_functions, serve_template
from local_stage.api_gateway.rest.router import Router
from tests.stage_process import state_folder
from tests.unit.api_gateway.routed import resource

FUNCTIONS_TITLE: Final = "Many functions"
ONE_FUNCTION: Final = "1 function, 5 routes"
FORTY_FUNCTIONS: Final = "40 functions, 200 routes"

ROUTES_TITLE: Final = "Many routes"
TEN_ROUTES: Final = "10 routes"
THOUSAND_ROUTES: Final = "1,000 routes"
MATCH: Final = "finding one route"

USERS_TITLE: Final = "Many users"
SIGN_IN: Final = "sign-in"
FEW_USERS: Final = 10

_OBSTACLES: Final = {
    SIGN_IN: "now and then the local AWS saves all users of its pools, and a sign-in waits for it",
    COMMAND: "the local AWS reads all users of its pools at its start",
}
_NONE_AHEAD: Final = (
    "of more than four functions none has an environment before its first request, which waits for a cold"
    " start; the environment of the only one starts while the stage does"
)

_FUNCTIONS_METHOD: Final = """\
Two templates of the same generator (`packages/local-stage/benchmarks/templates.py`) with the bare
handler behind a Cognito authorizer are started in turns, from the command until a user of an earlier
start has the first response. Memory is the proportional set size of all processes then."""

_ROUTES_METHOD: Final = """\
The router of a REST API, in this process, finds every route of it in turn: µs for one of them."""

_USERS_METHOD: Final = """\
Two stages of one template, with pools of different sizes, run side by side; the users are copies of one,
in the state that the local AWS had kept. One user signs in to each in turns, with a password, by boto3;
then each is started in turns as above."""


def measure_functions(folder: Path, effort: Effort) -> Measurement:
    """Start a template of one function and one of forty, in turns."""
    samples = Samples()
    serves = {
        name: serve_template(folder / f"functions-{functions}", build_functions(functions, functions * 5))
        for name, functions in ((ONE_FUNCTION, 1), (FORTY_FUNCTIONS, 40))
    }
    start_in_turns(samples, serves, effort, "/function-0/route-0")
    measured = Measurement(FUNCTIONS_TITLE, _FUNCTIONS_METHOD, samples.figures())
    goals = [
        Goal(
            f"{FORTY_FUNCTIONS}: {quantity}, as a multiple of one function's",
            measured.ratio(FORTY_FUNCTIONS, ONE_FUNCTION, quantity),
            at_most=1.3,
            obstacle=_NONE_AHEAD if quantity == COMMAND else "",
        )
        for quantity in (COMMAND, MEMORY)
    ]
    return Measurement(FUNCTIONS_TITLE, _FUNCTIONS_METHOD, measured.figures, goals)


def measure_routes(effort: Effort) -> Measurement:
    """Find every route of a small and of a large API, in turns."""
    samples = Samples()
    apis = {
        name: (Router([resource(path, "GET") for path in paths]), paths)
        for name, paths in ((TEN_ROUTES, list_paths(10)), (THOUSAND_ROUTES, list_paths(1000)))
    }
    for _ in range(5 * effort.repeats):
        for name, (router, paths) in apis.items():
            samples.add(name, MATCH, "µs", _time_matches(router, paths))
    measured = Measurement(ROUTES_TITLE, _ROUTES_METHOD, samples.figures())
    goal = Goal(
        f"{MATCH} of {THOUSAND_ROUTES}, as a multiple of one of {TEN_ROUTES}",
        measured.ratio(THOUSAND_ROUTES, TEN_ROUTES, MATCH),
        at_most=1.1,
        obstacle=(
            "no more is done for one of them: the routes are found by their segments; but their table fills"
            " more of the processor's cache"
        ),
    )
    return Measurement(ROUTES_TITLE, _ROUTES_METHOD, measured.figures, [goal])


def list_paths(count: int) -> list[str]:
    """Return paths of three segments, five of each function, every fifth with a parameter at its end."""
    return [
        f"/function-{number // 5}/items/{'{id}' if number % 5 == 0 else f'route-{number % 5}'}"
        for number in range(count)
    ]


def _time_matches(router: Router, paths: Sequence[str]) -> float:
    turns = 10_000 // len(paths)
    began = time.perf_counter()
    for _ in range(turns):
        for path in paths:
            router.match("GET", path)
    return (time.perf_counter() - began) / turns / len(paths) * 1e6


def measure_users(folder: Path, effort: Effort) -> Measurement:
    """Sign in to a small and to a large pool, in turns, and start the stages of both."""
    samples = Samples()
    few, many = f"{FEW_USERS} users", f"{effort.users:,} users"
    serves, users = {}, {}
    for name, count in ((few, FEW_USERS), (many, effort.users)):
        own = folder / f"users-{count}"
        serves[name] = serve_template(own, build_functions(1, 1))
        with serves[name]() as stage:
            users[name] = create_user(LOCAL_STACK, stage.aws_endpoint_url)
        multiply_users(state_folder(own) / "aws" / "state" / "cognito.json", count)
    with ExitStack() as running:
        callers = {}
        for name, serve in serves.items():
            endpoint_url = running.enter_context(serve()).aws_endpoint_url
            callers[name] = replace(users[name], stack=find_stack(LOCAL_STACK, endpoint_url))
        for _ in range(10 * effort.repeats):
            for name, user in callers.items():
                began = time.perf_counter()
                user.sign_in()
                samples.add(name, SIGN_IN, "ms", (time.perf_counter() - began) * 1000)
    start_in_turns(samples, serves, effort, "/function-0/route-0")
    measured = Measurement(USERS_TITLE, _USERS_METHOD, samples.figures())
    goals = [
        Goal(
            f"{many}: {quantity}, as a multiple of {few}'",
            measured.ratio(many, few, quantity),
            at_most=1.1,
            obstacle=_OBSTACLES[quantity],
        )
        for quantity in (SIGN_IN, COMMAND)
    ]
    return Measurement(USERS_TITLE, _USERS_METHOD, measured.figures, goals)


def multiply_users(file: Path, count: int) -> None:
    """Bring the users of each pool in a local AWS's state up to so many, copies of the first one.

    To create them by the pool itself would take minutes, and says nothing of how it is with them.
    """
    content = json.loads(file.read_text(encoding="utf-8"))
    for pool in content["payload"]["user_pools"]["data"].values():
        (first,) = pool["_users"].values()
        for number in range(count - 1):
            name = f"copy-{number}"
            attributes = [{"Name": "sub", "Value": str(UUID(int=number, version=4))}]
            pool["_users"][name] = {**first, "Username": name, "Attributes": attributes}
    file.write_text(json.dumps(content), encoding="utf-8")
