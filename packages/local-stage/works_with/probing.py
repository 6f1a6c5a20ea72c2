"""Runs one probe in its environment; whatever it does, the others run."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from works_with.row import FOLDER, Probe, Row

PROBES: Final = FOLDER / "probes"
_SECONDS: Final = 150.0
_FOLDERS: Final = re.compile(r" ?\(?(?<![\w:])/[\w./-]+\)?")
_FORMS: Final = {".py", ".sh", ".mjs"}


def run_probes(
    group: str, only: str, environments: Path, given: Mapping[str, str], versions: Mapping[str, str]
) -> Iterator[Row]:
    """Yield a row for each probe of the group whose name holds `only`."""
    for file in sorted((PROBES / group).iterdir()):
        if file.suffix in _FORMS and only in file.stem:
            probe = Probe.read(file)
            failure = _run(probe, environments, given)
            yield Row(probe.package, versions[probe.package], probe.tried, probe.setting, failure)


def _run(probe: Probe, environments: Path, given: Mapping[str, str]) -> str | None:
    with TemporaryDirectory() as folder:
        if probe.file.suffix == ".mjs":  # Node.js looks for packages above the file itself
            link = environments / "nodejs" / "probes"
            link.unlink(missing_ok=True)
            link.symlink_to(PROBES)
        command = _command(probe.file, environments)
        try:
            done = subprocess.run(  # noqa: S603 - our own probe
                command,
                cwd=folder,
                env=_environment(environments, given),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"no end after {_SECONDS:g} s"
    return None if done.returncode == 0 else _find_reason(done.stdout.decode(errors="replace"))


def _command(file: Path, environments: Path) -> list[str]:
    relative = file.relative_to(PROBES)
    match file.suffix:
        case ".py":
            name = "tools" if relative.parts[0] == "tools" else "clients"
            return [str(environments / name / "bin" / "python"), "-P", str(file)]
        case ".sh":
            return ["sh", str(file)]
        case _:
            seen = environments / "nodejs" / "probes" / relative
            return ["node", "--preserve-symlinks", "--preserve-symlinks-main", str(seen)]


def _environment(environments: Path, given: Mapping[str, str]) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
    aws = {"AWS_ENDPOINT_URL": given["aws"], "AWS_DEFAULT_REGION": given["region"]}
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    path = os.pathsep.join([str(environments / "tools" / "bin"), os.environ["PATH"]])
    named = {name.upper(): value for name, value in given.items()}
    return {
        **kept,
        **aws,
        **keys,
        **named,
        "DEBIAN": str(environments / "debian"),
        "PATH": path,
        "PYTHONPATH": str(PROBES),
        "GIVEN": json.dumps(given),
    }


def _find_reason(output: str) -> str:
    """Return the line that says what went wrong: Python's last one, Node.js's first with `Error`."""
    lines = [line.strip() for line in output.splitlines() if line.strip()] or ["no output"]
    for line in lines:
        if "Error: " in line and not line.startswith(("File ", "at ")):
            return _FOLDERS.sub("", line)
    return _FOLDERS.sub("", lines[-1])
