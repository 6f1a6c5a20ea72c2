"""The table of what works with the stage has a row for each program that was run, and for nothing else."""

from __future__ import annotations

import re

from tests.stage_process import PACKAGE
from works_with.environments import PINNED
from works_with.frameworks import FRAMEWORKS
from works_with.probing import PROBES
from works_with.row import Probe, read_versions

DOCUMENT = (PACKAGE / "docs" / "works-with.md").read_text(encoding="utf-8")
ROW = re.compile(
    r"^\| (?P<package>[^|]+) \| (?P<version>\d[^|]*) \| [^|]+ \| (?P<result>[^|]+) \|", re.MULTILINE
)
VERSIONS = read_versions(*PINNED)


def test_each_program_has_a_row_with_the_pinned_version() -> None:
    probes = [Probe.read(file) for file in PROBES.glob("*/*") if file.suffix in {".py", ".sh", ".mjs"}]
    run = [probe.package for probe in probes] + [one.framework for one in FRAMEWORKS]
    rows = [(match["package"], match["version"]) for match in ROW.finditer(DOCUMENT)]
    assert sorted(rows) == sorted((package, VERSIONS[package]) for package in run)
    assert len(rows) >= 35


def test_the_count_at_the_top_is_that_of_the_rows() -> None:
    results = [match["result"] for match in ROW.finditer(DOCUMENT)]
    assert f"{results.count('works')} of {len(results)} rows work" in DOCUMENT
    assert {result.split(":")[0] for result in results} == {"works", "fails"}
