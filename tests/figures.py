"""What a test run has tried, counted where it is sent; the run's last lines tell it."""

from __future__ import annotations

from collections import Counter

TOKENS = "forged tokens"
SIGNATURES = "signatures of NIST's"
MUTATIONS = "mutated tokens"
REQUESTS = "requests over the wire"
HANDLED = "requests without a socket"

FIGURES: Counter[str] = Counter()


def describe() -> str:
    """Return one line, or nothing where nothing was counted."""
    return ", ".join(f"{count} {name}" for name, count in FIGURES.items())
