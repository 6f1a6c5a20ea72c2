"""A commit of this repository, with the environment that its own Makefile makes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.peers import REPOSITORY, UNTHROTTLED
from local_stage.testing.stage_process import StageProcess, running_stage

LAST_RELEASE: Final = "4042f00"
"""What is compared with unless `--against` says otherwise: the stage as it was released last."""
START_DEADLINE: Final = 300.0
"""Seconds; the first start of a commit installs what its function requires."""


class RevisionError(Exception):
    """The commit is not here, or its environment cannot be made."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit: its name in the tables, and the folder in which its files and its environment lie."""

    name: str
    root: Path

    @property
    def command(self) -> Path:
        """The commit's own `local-stage`."""
        return self.root / ".venv" / "bin" / "local-stage"

    @property
    def python(self) -> Path:
        """The interpreter of the commit's environment."""
        return self.root / ".venv" / "bin" / "python"

    @property
    def package(self) -> Path:
        """The folder with the commit's `benchmarks` of the stage, which once was the root itself."""
        package = self.root / "packages" / "local-stage"
        return package if package.is_dir() else self.root

    @property
    def template(self) -> Path:
        """The commit's own application."""
        return self.root / "template.yaml"

    @contextmanager
    def serve(self, folder: Path, template: Path, *more: str) -> Iterator[StageProcess]:
        """Run the commit's stage of a template of the Hello API in the folder; `more` are options."""
        folder.mkdir(parents=True, exist_ok=True)
        options = (
            *("--template", str(template), "--cache-folder", str(self.root / ".local-stage" / "cache")),
            *("--parameter-overrides", *UNTHROTTLED),
            *more,
        )
        with running_stage(
            folder,
            *options,
            command=self.command,
            environment=own_environment(),
            start_deadline=START_DEADLINE,
        ) as stage:
            yield stage


THIS_COMMIT: Final = Revision("this commit", REPOSITORY)


def check_out(commit: str, folder: Path) -> Revision:
    """Write the commit's files into the folder and make its environment there.

    Raises RevisionError, with what git or make said.
    """
    folder.mkdir(parents=True)
    archive = folder / "commit.tar"
    _run(folder, "git", "-C", str(REPOSITORY), "archive", "--output", str(archive), commit)
    root = folder / "files"
    root.mkdir()
    _run(folder, "tar", "--extract", "--file", str(archive), "--directory", str(root))
    archive.unlink()
    _run(root, "make", "stage-environment")
    return Revision(f"commit {commit}", root)


def own_environment(**more: str) -> Mapping[str, str]:
    """Return this process's environment without what belongs to its own commit or to a developer's AWS."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
    return kept | more


def _run(folder: Path, *command: str) -> None:
    done = subprocess.run(  # noqa: S603 - fixed commands
        command, cwd=folder, env=own_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RevisionError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
