"""What a test run has tried, counted where it is sent; the run's last lines tell it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

TOKENS = "forged tokens"
SIGNATURES = "signatures of NIST's"
MUTATIONS = "mutated tokens"
REQUESTS = "requests over the wire"
HANDLED = "requests without a socket"

FIGURES: Counter[str] = Counter()


TRAFFIC: dict[str, Counter[str]] = {}
"""What became of the requests sent under each fault: `sent`, then each status and each class of error."""


def dump() -> dict[str, dict[str, int]]:
    """Return everything that was counted, as plain values that one process can send to another."""
    return {"": dict(FIGURES)} | {fault: dict(counts) for fault, counts in TRAFFIC.items()}


def add(dumped: Mapping[str, Mapping[str, int]]) -> None:
    """Add what another process has counted."""
    for fault, counts in dumped.items():
        (TRAFFIC.setdefault(fault, Counter()) if fault else FIGURES).update(counts)


def describe() -> str:
    """Return lines, or nothing where nothing was counted."""
    tried = ", ".join(f"{count} {name}" for name, count in FIGURES.items())
    return "\n".join([tried, *_describe_traffic()] if tried else _describe_traffic())


def _describe_traffic() -> Iterator[str]:
    for fault, counts in TRAFFIC.items():
        yield f"{fault}: {', '.join(f'{count} {what}' for what, count in counts.items())}"
