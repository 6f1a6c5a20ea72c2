"""A row of the table: which package, what was tried, what to set, and how it went."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
_PINNED: Final = re.compile(r"^(?P<name>[\w.-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Row:
    """One package as it was run; `failure` is its last line of output, or None where it works."""

    package: str
    version: str
    tried: str
    setting: str
    failure: str | None


@dataclass(frozen=True, slots=True)
class Probe:
    """A program that uses the package, and ends with 0 where it works."""

    file: Path
    package: str
    tried: str
    setting: str

    @classmethod
    def read(cls, file: Path) -> Probe:
        """Read the first comment: `package: what is tried.`, and after an empty line `Set: what to set`."""
        lines = file.read_text(encoding="utf-8").partition('"""' if file.suffix == ".py" else "\n\n")
        comment = lines[2].partition('"""')[0] if file.suffix == ".py" else lines[0]
        text = " ".join(re.sub(r"^(?://|#) ?", "", line) for line in comment.splitlines()).strip()
        head, _, setting = text.partition("Set: ")
        package, _, tried = head.strip().partition(": ")
        return cls(file, package, tried.rstrip("."), setting.strip())


def read_versions(*files: Path) -> dict[str, str]:
    """Return the pinned versions of requirement files and of package.json by the packages' names."""
    versions: dict[str, str] = {}
    for file in files:
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".json":
            versions |= json.loads(text)["dependencies"]
        else:
            versions |= {match["name"].lower(): match["version"] for match in _PINNED.finditer(text)}
    return versions
