"""Facts that others have recorded of AWS, as data: one file for each page or file that they come from.

`recordings/NAME.json` is `{"repository", "file", "entries": [...]}`. An entry has a `key` in that file, the
`date` of its recording, what was asked, and in `recorded` what came of it. Asked was a `request` (`method`,
`target`, `headers`, `body`, `claims` of a token) or a function that `does` one of the handlers of
`function/asked.py`, in a `runtime`. A text may hold placeholders such as `{uuid}`, see `facts.KINDS`. A new
recording is one more file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

FOLDER: Final = Path(__file__).parent
RECORDINGS: Final = FOLDER / "recordings"
KNOWN: Final = FOLDER / "known.yaml"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was asked of AWS; `source` is repository and file, `asked` all but what came of it."""

    name: str
    source: str
    key: str
    date: str
    asked: Mapping[str, Any]
    recorded: Mapping[str, Any]

    @property
    def not_supported(self) -> str | None:
        """Why it cannot be asked of the local stage, None where it can."""
        return self.asked.get("not_supported")


@dataclass(frozen=True, slots=True)
class Known:
    """Facts that are not ours, and why: those of a recording whose key and place contain these texts."""

    name: str
    key: str
    place: str
    is_supported: bool
    reason: str

    def covers(self, entry: Entry, place: str) -> bool:
        """Return whether a fact is meant."""
        return self.name in entry.name and self.key in entry.key and self.place in place


def read_entries() -> list[Entry]:
    """Return all entries, by file and in their order."""
    return [entry for file in sorted(RECORDINGS.glob("*.json")) for entry in _read_file(file)]


def _read_file(file: Path) -> list[Entry]:
    content = json.loads(file.read_text(encoding="utf-8"))
    source = f"{content['repository']}: {content['file']}"
    return [
        Entry(file.stem, source, entry.pop("key"), entry.pop("date"), entry, entry.pop("recorded"))
        for entry in content["entries"]
    ]


def read_known() -> list[Known]:
    """Return what is known of facts that the local stage has otherwise, or cannot have."""
    content = yaml.safe_load(KNOWN.read_text(encoding="utf-8"))
    return [
        Known(
            row["recording"], row.get("key", ""), row.get("place", ""), row.get("supported", True), row["why"]
        )
        for row in content
    ]
