"""What AWS has answered to cases of unverified rules, in a file, so that the rules can be settled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from conformance.outcome import Outcome, TargetOutcomes
from conformance.rule import Confidence, Rule

RECORDING: Final = Path(__file__).parent / "recorded-on-aws.json"


def write_recording(file: Path, result: TargetOutcomes, rules: Mapping[str, Rule]) -> int:
    """Write the responses to the cases of unverified rules and return how many there are.

    Requests are written with the names of their tokens, never with the tokens.
    """
    unverified = [
        outcome
        for outcome in result.outcomes
        if outcome.received and rules[outcome.case.rule].confidence == Confidence.UNVERIFIED
    ]
    recording = {
        "recorded": datetime.now(UTC).isoformat(timespec="seconds"),
        "region": result.version,
        "responses": {outcome.case.id: _describe(outcome, rules) for outcome in unverified},
    }
    file.write_text(json.dumps(recording, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return len(unverified)


def _describe(outcome: Outcome, rules: Mapping[str, Rule]) -> dict[str, Any]:
    assert outcome.received is not None and outcome.verdict is not None  # noqa: PT018, S101 - it was answered
    request = outcome.case.request
    return {
        "rule": outcome.case.rule,
        "reading": rules[outcome.case.rule].reading,
        "reading_is_right": outcome.verdict.right,
        "differences": outcome.verdict.differences,
        "request": {
            "method": request.method,
            "target": f"/{request.stage}{request.target}",
            "headers": request.headers,
            "body": request.body[:1000].decode(errors="replace"),
        },
        "response": {
            "status": outcome.received.status,
            "headers": outcome.received.headers,
            "body": outcome.received.body[:10_000].decode(errors="replace"),
        },
    }
