"""Replays all recordings and counts: `python -m conformance.replay.report [NAME]`."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from conformance.replay.facts import Fact, Matcher, Verdict, flatten
from conformance.replay.function_replay import run_functions
from conformance.replay.recording import Entry, Known, read_entries, read_known
from conformance.replay.stage_replay import replayed_stages

WRONG: Final = 1


@dataclass(frozen=True, slots=True)
class Judged:
    """A fact with its verdict; `reason` is why it is not right, None where nobody knows."""

    entry: Entry
    fact: Fact
    verdict: Verdict
    reason: str | None = None


def replay(entries: Iterable[Entry], known: Sequence[Known], folder: Path) -> list[Judged]:
    """Ask the local stage whatever it can be asked, and judge every fact."""
    asked = [entry for entry in entries if entry.not_supported is None]
    functions = run_functions([entry for entry in asked if "does" in entry.asked], folder)
    with replayed_stages(folder) as stages:
        facts = {
            **functions,
            **{entry.key: list(stages.find_facts(entry)) for entry in asked if "does" not in entry.asked},
        }
    return [judged for entry in asked for judged in _judge(entry, facts[entry.key], known)]


def _judge(entry: Entry, facts: Iterable[Fact], known: Sequence[Known]) -> Iterator[Judged]:
    matcher = Matcher()
    for fact in facts:
        if matcher.fits(fact):
            yield Judged(entry, fact, Verdict.RIGHT)
            continue
        row = next((row for row in known if row.covers(entry, fact.place)), None)
        if row is None:
            yield Judged(entry, fact, Verdict.WRONG)
        else:
            verdict = Verdict.WRONG if row.is_supported else Verdict.NOT_SUPPORTED
            yield Judged(entry, fact, verdict, row.reason)


def skip(entries: Iterable[Entry]) -> list[Judged]:
    """Return the facts of entries that the local stage cannot be asked."""
    return [
        Judged(entry, Fact(place, wanted), Verdict.NOT_SUPPORTED, entry.not_supported)
        for entry in entries
        if entry.not_supported is not None
        for place, wanted in flatten(entry.recorded)
    ]


def find_unexplained(judged: Iterable[Judged]) -> list[Judged]:
    """Return the facts that are wrong for no known reason."""
    return [one for one in judged if one.verdict is Verdict.WRONG and one.reason is None]


def summarize(judged: Sequence[Judged]) -> str:
    """Return the counts in Markdown, and the reasons why facts are wrong or not supported."""
    names = list(dict.fromkeys(one.entry.name for one in judged))
    head = ["recording", "of", "facts", *Verdict]
    lines = [_row(head), _row(["---"] * len(head))]
    for name in names:
        own = [one for one in judged if one.entry.name == name]
        lines.append(_row([f"`{name}`", own[0].entry.source, *_count(own)]))
    lines += [_row(["together", "", *_count(judged)]), ""]
    reasons = Counter((one.verdict, one.reason) for one in judged if one.verdict is not Verdict.RIGHT)
    head = ["verdict", "facts", "why"]
    lines += [_row(head), _row(["---"] * len(head))]
    lines += [
        _row([verdict, str(number), reason or "**not known**"])
        for (verdict, reason), number in sorted(reasons.items(), key=str)
    ]
    return "\n".join(lines)


def _count(judged: Sequence[Judged]) -> list[str]:
    counts = Counter(one.verdict for one in judged)
    return [str(len(judged)), *(str(counts[verdict]) for verdict in Verdict)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def run(only: str = "") -> list[Judged]:
    """Replay the recordings whose name begins so, all by default, in a folder of their own."""
    entries = [entry for entry in read_entries() if entry.name.startswith(only)]
    with tempfile.TemporaryDirectory(prefix="replay-") as folder:
        return [*replay(entries, read_known(), Path(folder)), *skip(entries)]


def main() -> int:
    """Print the counts, and what is wrong for no known reason; return 1 where something is.

    An argument names the recordings to replay by the beginning of their names.
    """
    judged = run(*sys.argv[1:2])
    unexplained = find_unexplained(judged)
    for one in unexplained:
        sys.stdout.write(f"{one.entry.name} {one.entry.key}: {one.fact.describe()}\n")
    sys.stdout.write(f"{summarize(judged)}\n")
    return WRONG if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
