"""cfn-lint with the rule pack, run as its users run it: a process in the environment that has cfn-lint.

The tests' own environment has no cfn-lint: it and MiniStack pin different versions of botocore. A start of
cfn-lint takes a second and a template some hundredths, so many templates go into one run.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).parents[2]
REPOSITORY = PACKAGE.parents[1]
CFN_LINT = REPOSITORY / ".venv-sam" / "bin" / "cfn-lint"
DEADLINE = 240.0
"""Seconds."""
WITH_FINDINGS = 14
"""Bits of the exit code: 2 errors, 4 warnings, 8 informational findings; all else is a failure."""


@dataclass(frozen=True, slots=True)
class Found:
    """A finding: the rule's id, where it points to, and what it says. Lines count from 1."""

    rule_id: str
    path: tuple[str | int, ...]
    line: int
    message: str

    @property
    def is_the_packs(self) -> bool:
        """Whether a rule of the pack has found it."""
        return self.rule_id[1:3] == "95"


def lint(templates: Sequence[Path], *options: str) -> Mapping[Path, list[Found]]:
    """Return what cfn-lint and the pack find in each template."""
    arguments = ["--format", "json", *options, "--append-rules", "cfn_lint_cognito.rules", "--template"]
    done = subprocess.run(  # noqa: S603 - a fixed command
        [CFN_LINT, *arguments, *templates],
        check=False,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        cwd=REPOSITORY,
    )
    assert done.returncode & ~WITH_FINDINGS == 0, done.stderr
    found: dict[Path, list[Found]] = {template: [] for template in templates}
    for match in json.loads(done.stdout or "[]"):
        place = match["Location"]
        finding = Found(
            match["Rule"]["Id"], tuple(place["Path"] or ()), place["Start"]["LineNumber"], match["Message"]
        )
        found[Path(match["Filename"])].append(finding)
    return found
