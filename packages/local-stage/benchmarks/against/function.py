"""Each commit's Hello function in its own runtime, beside the same bare handler there."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.against.revision import Revision, own_environment
from benchmarks.effort import Effort
from benchmarks.figure import Samples
from benchmarks.peers import build
from benchmarks.subjects import build_bare

ROUNDS: Final = 3
COLD_START: Final = "Hello function's cold start"
ADDED: Final = "what the Hello handler adds to a warm invocation"

SCRIPT: Final = """\
import asyncio, json, statistics, sys
from pathlib import Path
from benchmarks.function_run import Subject, open_bench

async def main(hello, bare, cold_starts, invocations):
    hello, bare = Subject("hello", Path(hello)), Subject("bare", Path(bare))
    async with open_bench() as bench:
        cold = [await bench.time_cold_start(hello) for _ in range(int(cold_starts))]
        warm = {
            one.name: statistics.median(await bench.time_warm(one, int(invocations)))
            for one in (bare, hello)
        }
    print(json.dumps({"cold": [one.init + one.first_invocation for one in cold], **warm}))

asyncio.run(main(*sys.argv[1:]))
"""
"""What each commit's own `benchmarks.function_run` is asked for; times in milliseconds."""

HANDLER: Final = """\
import importlib.util
import pathlib
import sys

built = pathlib.Path(__file__).parent / ".built"
sys.path.insert(0, str(built))
spec = importlib.util.spec_from_file_location("hello", built / "app.py")
hello = importlib.util.module_from_spec(spec)
spec.loader.exec_module(hello)
lambda_handler = hello.lambda_handler
"""
"""A module beside what `sam build` has made. A stage looks at a function's files before each invocation; in
hidden folders it does not, so that either commit looks at one file, as at a small source of its own."""


def measure(samples: Samples, revisions: Sequence[Revision], folder: Path, effort: Effort) -> None:
    """Build each commit's Hello function as its template says, and time it in rounds that take turns."""
    bare = build_bare(folder / "bare")
    built = [
        lay_out(build(folder / f"built-{number}", revision.template).parent / "HelloFunction")
        for number, revision in enumerate(revisions)
    ]
    for _ in range(ROUNDS):
        for revision, hello in zip(revisions, built, strict=True):
            timed = _run(revision, hello, bare, effort.cold_starts // ROUNDS + 1, effort.warm_invocations)
            for sample in timed["cold"]:
                samples.add(revision.name, COLD_START, "ms", sample)
            samples.add(revision.name, "bare handler, warm", "ms", timed["bare"])
            samples.add(revision.name, "Hello function, warm", "ms", timed["hello"])
            samples.add(revision.name, ADDED, "ms", timed["hello"] - timed["bare"])


def lay_out(artifact: Path) -> Path:
    """Return a folder with the handler's module, and what has been built in a hidden folder of it."""
    folder = artifact.with_name("laid-out")
    folder.mkdir()
    artifact.rename(folder / ".built")
    (folder / "app.py").write_text(HANDLER, encoding="ascii")
    return folder


def _run(revision: Revision, *arguments: Path | int) -> dict[str, Any]:
    done = subprocess.run(  # noqa: S603 - our own script
        [revision.python, "-c", SCRIPT, *map(str, arguments)],
        cwd=revision.package,
        env=own_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{revision.name}: {done.stderr}")
    timed: dict[str, Any] = json.loads(done.stdout)
    return timed
