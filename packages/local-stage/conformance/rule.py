"""The rules that the local stage keeps: what AWS does, how that is known, and from where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import yaml

FOLDER: Final = Path(__file__).parent / "rules"

SECTIONS: Final = {
    "gateway": "Order, and what API Gateway answers itself",
    "authorizer": "The authorizer",
    "lambda_authorizer": "Lambda authorizers",
    "callers": "API keys, usage plans, resource policies and IAM",
    "gateway_responses": "Gateway responses, CORS, and what SAM makes of the template",
    "routing": "Routing",
    "events": "The proxy event and its claims",
    "functions": "What a function is told of itself",
    "function_responses": "What a function may answer",
    "limits": "Limits, the access log, and trying an authorizer",
    "http_apis": "HTTP APIs",
    "http_authorizers": "Lambda authorizers and IAM of HTTP APIs",
}
"""Title of each file of rules, in the order in which they are shown."""


class Confidence(StrEnum):
    """How a rule is known; the value is the letter that stands in the files of rules."""

    RECORDED = "R"
    DOCUMENTED = "D"
    AGREED = "A"
    SAM = "S"
    UNVERIFIED = "U"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule; `sources` are addresses by their short names.

    `reading` says how the stage reads what is not known, and why that is the safe way; None where it is
    known.
    """

    id: str
    section: str
    rule: str
    confidence: Confidence
    sources: Mapping[str, str]
    reading: str | None


def read_rules() -> tuple[Rule, ...]:
    """Return every rule, in the order of the sections. Raises KeyError for a source that is not listed."""
    sources = read_sources()
    return tuple(rule for section in SECTIONS for rule in _read_section(section, sources))


def read_sources() -> dict[str, str]:
    """Return the address of every source by its short name."""
    content: dict[str, str] = _read_yaml("sources")
    return content


def _read_section(section: str, sources: Mapping[str, str]) -> Iterator[Rule]:
    entries: list[dict[str, Any]] = _read_yaml(section)
    for entry in entries:
        yield Rule(
            id=entry["id"],
            section=section,
            rule=entry["rule"],
            confidence=Confidence(entry["confidence"]),
            sources={name: sources[name] for name in entry["sources"]},
            reading=entry.get("reading"),
        )


def _read_yaml(name: str) -> Any:
    # The loader in Python takes ten times as long.
    loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), loader)  # noqa: S506 - a safe one
