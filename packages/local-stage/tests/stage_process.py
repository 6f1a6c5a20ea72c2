"""A local stage of this repository's own template, or of another: see `local_stage.testing.stage_process`.

    with running_stage(tmp_path) as stage:
        requests.get(f"{stage.api_url}/hello")

Options win over the ones chosen here, as in `running_stage(tmp_path, "--template", str(other))`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from local_stage.testing import stage_process
from local_stage.testing.stage_process import (
    COMMAND,
    START_DEADLINE,
    Ended,
    StageProcess,
    StageProcessError,
    state_folder,
)

__all__ = [
    "CACHE",
    "COMMAND",
    "PACKAGE",
    "REPOSITORY",
    "START_DEADLINE",
    "Ended",
    "StageProcess",
    "StageProcessError",
    "run_stage",
    "running_stage",
    "state_folder",
]

PACKAGE = Path(__file__).parents[1]
REPOSITORY = PACKAGE.parents[1]
CACHE = REPOSITORY / ".local-stage" / "cache"
"""Where `make start` installs the functions' requirements: no test has to install them again."""

_CHOSEN = ("--template", str(REPOSITORY / "template.yaml"), "--cache-folder", str(CACHE))


def running_stage(
    folder: Path,
    *options: str,
    environment: Mapping[str, str] | None = None,
    start_deadline: float = START_DEADLINE,
) -> AbstractContextManager[StageProcess]:
    """Start a stage that is stopped at the end of the block."""
    return stage_process.running_stage(
        folder, *_CHOSEN, *options, environment=environment, start_deadline=start_deadline
    )


def run_stage(folder: Path, *options: str, environment: Mapping[str, str] | None = None) -> Ended:
    """Start a stage that is expected to refuse, and return how it ended."""
    return stage_process.run_stage(folder, *_CHOSEN, *options, environment=environment)
