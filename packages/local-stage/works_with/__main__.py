"""Runs every row against one stage and writes docs/works-with.md: `make works-with`.

make works-with ARGS='--only jose'     # the rows whose name holds it, without writing
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from local_stage.testing.stage_process import running_stage
from works_with.environments import PINNED, make_environments
from works_with.frameworks import CALLED_BY_PROBES, run_frameworks, wait_for_packages
from works_with.given import prepare
from works_with.probing import run_probes
from works_with.row import FOLDER, Row, read_versions

CACHE: Final = Path(".local-stage/cache").absolute()
DOCUMENT: Final = FOLDER.parent / "docs" / "works-with.md"
GROUPS: Final = {
    "sign_in": "Sign-in",
    "verify": "Verifying the pool's tokens",
    "frameworks": "Frameworks behind the Lambda proxy",
    "tools": "Tools",
}
_INSTALLED: Final = 600.0


def main() -> int:
    """Run the rows, print them, and write the table unless only some were asked for."""
    parser = argparse.ArgumentParser(prog="works_with", description=__doc__)
    parser.add_argument("--only", default="", help="run the rows whose name holds this, and write nothing")
    only = parser.parse_args().only
    versions = read_versions(*PINNED)
    environments = make_environments(CACHE)
    options = ("--template", str(FOLDER / "template.yaml"), "--cache-folder", str(CACHE))
    tables: dict[str, list[Row]] = {group: [] for group in GROUPS}
    with (
        TemporaryDirectory() as folder,
        running_stage(Path(folder), *options, start_deadline=_INSTALLED) as stage,
    ):
        given = prepare(stage)
        wait_for_packages(CALLED_BY_PROBES, given)
        for group, rows in tables.items():
            for row in _run_group(group, only, environments, given, versions):
                print(f"{row.package} {row.version}: {row.failure or 'works'}", flush=True)  # noqa: T201
                rows.append(row)
    if not only:
        DOCUMENT.write_text(_render(tables), encoding="utf-8")
    return 0


def _run_group(
    group: str, only: str, environments: Path, given: Mapping[str, str], versions: Mapping[str, str]
) -> Iterator[Row]:
    if group == "frameworks":
        return run_frameworks(only, given, versions)
    return run_probes(group, only, environments, given, versions)


def _render(tables: Mapping[str, list[Row]]) -> str:
    rows = [row for group in tables.values() for row in group]
    works = sum(row.failure is None for row in rows)
    date = dt.datetime.now(tz=dt.UTC).date().isoformat()
    text = (FOLDER / "head.md").read_text(encoding="utf-8").format(rows=len(rows), works=works, date=date)
    return text + "".join(f"\n## {GROUPS[name]}\n\n{_render_table(group)}" for name, group in tables.items())


def _render_table(rows: list[Row]) -> str:
    lines = ["| package | version | what was run | result | what to set |", "|---|---|---|---|---|"]
    for row in rows:
        result = "works" if row.failure is None else f"fails: {row.failure}"
        cells = (row.package, row.version, row.tried, result, row.setting or "nothing")
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
