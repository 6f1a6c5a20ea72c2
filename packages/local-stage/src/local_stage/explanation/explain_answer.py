"""Says what an answer means that API Gateway, a browser or Cognito has given.

Messages and types as recorded from AWS, see `gateway_error`; the sentences of browsers are their own.
"""

from __future__ import annotations

from typing import Final

from local_stage.explanation.browser_complaint import BROWSER_COMPLAINTS
from local_stage.explanation.gateway_fault import GATEWAY_FAULTS
from local_stage.explanation.gateway_refusal import GATEWAY_REFUSALS
from local_stage.explanation.known_answer import KnownAnswer, KnownAnswers
from local_stage.explanation.read_answer import read_answer
from local_stage.explanation.sign_in_answer import SIGN_IN_ANSWERS

KNOWN_ANSWERS: Final[KnownAnswers] = (
    *BROWSER_COMPLAINTS,
    *GATEWAY_REFUSALS,
    *GATEWAY_FAULTS,
    *SIGN_IN_ANSWERS,
)
"""Every answer that can be explained; the first that fits counts, so the more telling come first."""


def explain_answer(text: str) -> KnownAnswer | None:
    """Return what a pasted answer means, or None for one that is not known.

    `text` is what `curl -i` prints, a body alone, or what a browser's console says.
    """
    answer = read_answer(text)
    return next((known for is_it, known in KNOWN_ANSWERS if is_it(answer)), None)
