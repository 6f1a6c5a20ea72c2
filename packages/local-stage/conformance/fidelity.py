"""Writes the tables of docs/fidelity.md: `python -m conformance.fidelity`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from conformance.case import Case
from conformance.cases import CASES
from conformance.described import describe_cases
from conformance.marked_test import PACKAGE, MarkedTest, find_tests
from conformance.rule import SECTIONS, Confidence, Rule, read_rules

DOCUMENT: Final = PACKAGE / "docs" / "fidelity.md"
TESTS: Final = PACKAGE / "tests"

_WORDS: Final = {
    Confidence.RECORDED: "recorded",
    Confidence.DOCUMENTED: "documented",
    Confidence.AGREED: "agreed",
    Confidence.SAM: "SAM",
    Confidence.UNVERIFIED: "**unverified**",
}
_MOST_CASES: Final = 3


def main() -> None:
    """Bring the tables of the document up to date."""
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(render(text, read_rules(), CASES, find_tests(TESTS)), encoding="utf-8")


def render(text: str, rules: Sequence[Rule], cases: Sequence[Case], tests: Sequence[MarkedTest]) -> str:
    """Return the document with its tables as rules, cases and tests have them now."""
    shown = [test for test in tests if test.is_run]
    text = replace_part(text, "rules", _render_rules(rules, cases, shown))
    text = replace_part(text, "counts", _render_counts(rules, cases))
    text = replace_part(text, "sources", _render_sources(rules))
    return replace_part(text, "differences", _render_differences(tests))


def replace_part(text: str, name: str, content: str) -> str:
    """Return the text with new content between `<!-- begin NAME -->` and `<!-- end NAME -->`.

    Raises ValueError where the text has no such part.
    """
    pattern = re.compile(rf"(<!-- begin {name}[^\n]*-->\n).*?(<!-- end {name} -->)", re.DOTALL)
    new, count = pattern.subn(lambda found: f"{found[1]}\n{content.strip()}\n\n{found[2]}", text)
    if count != 1:
        raise ValueError(f"there is no part {name}")
    return new


def read_part(text: str, name: str) -> str:
    """Return what stands between the markers of a part."""
    (found,) = re.findall(rf"<!-- begin {name}[^\n]*-->\n(.*?)<!-- end {name} -->", text, re.DOTALL)
    return str(found).strip()


def _render_rules(rules: Sequence[Rule], cases: Sequence[Case], tests: Sequence[MarkedTest]) -> str:
    parts = []
    for section, title in SECTIONS.items():
        rows = [_render_rule(rule, cases, tests) for rule in rules if rule.section == section]
        head = "| rule | what AWS does | known from | here | shown by |\n|---|---|---|---|---|"
        parts.append("\n".join([f"### {title}\n", head, *rows]))
    return "\n\n".join(parts)


def _render_rule(rule: Rule, cases: Sequence[Case], tests: Sequence[MarkedTest]) -> str:
    own_cases = [case for case in cases if case.rule == rule.id]
    own_tests = [test for test in tests if rule.id in test.rules]
    here = [describe_cases(own_cases)] if own_cases else [test.sentence for test in own_tests]
    reading = f" **Chosen:** {rule.reading}" if rule.reading else ""
    sources = ", ".join(f"[{name}]" for name in rule.sources)
    return _row(
        f"`{rule.id}`",
        f"{rule.rule}{reading}",
        f"{_WORDS[rule.confidence]}: {sources}",
        "; ".join(here),
        ", ".join([*_name_cases(own_cases), *map(_link, own_tests)]),
    )


def _name_cases(cases: Sequence[Case]) -> Iterator[str]:
    for case in cases[:_MOST_CASES]:
        yield f"`{case.id}`"
    if len(cases) > _MOST_CASES:
        yield f"{len(cases) - _MOST_CASES} more cases"


def _link(test: MarkedTest) -> str:
    return f"[{test.name}](../{test.file})"


def _render_counts(rules: Sequence[Rule], cases: Sequence[Case]) -> str:
    head = "| how it is known | rules | cases |\n|---|---|---|"
    rows = []
    for confidence in Confidence:
        ids = {rule.id for rule in rules if rule.confidence == confidence}
        rows.append(
            _row(_WORDS[confidence], str(len(ids)), str(sum(1 for case in cases if case.rule in ids)))
        )
    return "\n".join([head, *rows, _row("together", str(len(rules)), str(len(cases)))])


def _render_sources(rules: Sequence[Rule]) -> str:
    """Return where the sources' names in the tables lead to."""
    sources = {name: address for rule in rules for name, address in rule.sources.items()}
    return "\n".join(f"[{name}]: {address}" for name, address in sorted(sources.items()))


def _render_differences(tests: Iterable[MarkedTest]) -> str:
    rows = [_row(test.sentence, test.difference, _link(test)) for test in tests if test.difference]
    return "\n".join(["| on AWS | in MiniStack | shown by |\n|---|---|---|", *rows])


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
