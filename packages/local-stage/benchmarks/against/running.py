"""Both commits serve the same application: what a call, a refusal and a command cost, and memory at rest."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.against.revision import Revision, own_environment
from benchmarks.callers import forge, sign_in
from benchmarks.effort import Effort
from benchmarks.figure import Samples
from benchmarks.load import Job
from benchmarks.peers import GREETING, LOCAL_STACK
from benchmarks.processes import SETTLING, count_cpu, read_memory
from benchmarks.refusals import CONNECTIONS, build_refused_job
from benchmarks.start import Caller
from local_stage.testing.stage_process import StageProcess

FORGED_TOKENS: Final = 128

AUTHORIZED: Final = "authorized call"
NO_CREDENTIALS: Final = "refusal without token"
BAD_SIGNATURE: Final = "refusal of a bad signature"
GATEWAY_CPU: Final = "gateway's CPU"
MEMORY: Final = "memory at rest"
USER: Final = "alice"
PASSWORD: Final = "Correct-Horse-7"  # noqa: S105 - of a pool that is thrown away


@dataclass(frozen=True, slots=True)
class Served:
    """A commit's stage that answers, and a token of its pool as an `Authorization` header."""

    name: str
    command: Path
    stage: StageProcess
    authorization: str

    @property
    def url(self) -> str:
        """Where the authorized function is called."""
        return f"{self.stage.api_url}/hello"

    def run(self, *arguments: str) -> float:
        """Run a command in the stage's folder, and return its seconds. Raises CalledProcessError."""
        began = time.perf_counter()
        subprocess.run(  # noqa: S603 - the commit's own command
            [self.command, *arguments],
            cwd=self.stage.folder,
            env=own_environment(),
            capture_output=True,
            check=True,
        )
        return time.perf_counter() - began


@contextmanager
def serving(revisions: Sequence[Revision], template: Path, folder: Path) -> Iterator[list[Served]]:
    """Run a stage of each commit; in its folder a command finds its state and the application's files."""
    with ExitStack() as running:
        served = []
        for number, revision in enumerate(revisions):
            own = folder / f"running-{number}"
            stage = running.enter_context(revision.serve(own, template))
            (own / ".local-stage").symlink_to(stage.state_folder)
            for file in template.parent.glob("[!.]*"):
                (own / file.name).symlink_to(file)
            authorization = sign_in(LOCAL_STACK, stage.aws_endpoint_url)
            served.append(Served(revision.name, revision.command, stage, authorization))
        yield served


def measure_memory(samples: Samples, served: Sequence[Served]) -> None:
    """Look at all of a stage's processes after its first call."""
    for one in served:
        Caller(one.url, one.authorization).wait_for(b"Hello")
    time.sleep(SETTLING)
    for one in served:
        samples.add(one.name, MEMORY, "MB", read_memory(one.stage.pid))


def measure_calls(samples: Samples, served: Sequence[Served], effort: Effort) -> None:
    """Call and be refused, in turns, and count the CPU time of the gateway's process and of all others."""
    for _ in range(effort.repeats):
        for one in served:
            _measure_load(samples, one, AUTHORIZED, _authorized(one, effort.seconds))
            _measure_load(samples, one, NO_CREDENTIALS, build_refused_job(one.url, (None,), effort.seconds))
            forged = forge(one.authorization, 2 * FORGED_TOKENS)[::2]
            _measure_load(samples, one, BAD_SIGNATURE, build_refused_job(one.url, forged, effort.seconds))


def _measure_load(samples: Samples, one: Served, kind: str, job: Job) -> None:
    load, gateway, everything = count_cpu(job, one.stage.pid)
    samples.add(one.name, f"{kind}, at {CONNECTIONS} connections", "/s", load.rate)
    samples.add(one.name, f"{GATEWAY_CPU}, {kind}", "ms", gateway)
    if kind == AUTHORIZED:
        samples.add(one.name, f"other processes' CPU, {kind}", "ms", everything - gateway)


def _authorized(one: Served, seconds: float) -> Job:
    return Job(one.url, CONNECTIONS, seconds, 200, GREETING, (one.authorization,))


def measure_commands(samples: Samples, served: Sequence[Served], effort: Effort) -> None:
    """Run each command against the running stage, in turns; the first round does not count."""
    for one in served:
        one.run("token", USER, "--create", "--password", PASSWORD)
    for number in range(effort.commands + 1):
        for one in served:
            for name, arguments in list_commands(one.authorization):
                seconds = one.run(*arguments)
                if number:
                    samples.add(one.name, f"`{name}`", "s", seconds)


def list_commands(authorization: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the commands by their names in the table."""
    yield "explain", ("explain", authorization, "--route", "GET /hello")
    yield "token", ("token", USER, "--password", PASSWORD)
    yield "users list", ("users", "list")
    yield "event", ("event", "GET /hello", "--user", USER)
    yield "--help", ("--help",)
