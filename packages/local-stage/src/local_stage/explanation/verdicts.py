"""What explanations say of calls of every kind of API: of pastes, of groups, of routes that are not there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from local_stage.explanation.explanation import Explanation, Outcome, Response, Route, Step, StepName, Verdict
from local_stage.explanation.pasted import Pasted
from local_stage.jwt.jose import quote

NO_ROUTE: Final = "Whether there is such a route is asked first: no token changes this response."

SIGNATURE: Final = "an AWS signature (SigV4, execute-api) of the whole request"
"""What opens a route with IAM authorization."""

_NOT_KNOWN: Final = (
    "What the function itself asks for, such as a group, API Gateway does not know: it may refuse yet."
)


def explain_signed(route: Route, name: str) -> Explanation:
    """Explain a call of a route with IAM authorization, of whose signature nothing is looked at."""
    found = Step(StepName.ROUTE, Outcome.PASSED, f"{name} asks for an AWS signature of the whole request")
    judged = Step(
        StepName.SIGNATURE, Outcome.NOT_CHECKED, "only the stage judges it; its log says what differs"
    )
    remedy = "Sign with SigV4 for the service execute-api, with test / test, or with a key of the local AWS."
    return Explanation(route, Verdict.UNKNOWN, (found, judged), remedy=remedy)


def blame_paste(mended: Explanation, literally: Explanation, pasted: Pasted) -> Explanation:
    """Return why a paste is refused as it stands, although nothing is wrong with the token in it."""
    if literally.failed_step is None:
        return mended
    faults = " and ".join(dict.fromkeys(pasted.notes))
    return replace(
        literally,
        verdict=Verdict.MENDED if mended.verdict is Verdict.PASSES else literally.verdict,
        remedy=f"What was pasted has {faults}: send the token alone, or behind one Bearer and a blank.",
        notes=mended.notes,
    )


def judge_groups(passed: Explanation, wanted: Sequence[str], had: Sequence[str]) -> Explanation:
    """Return the explanation of a call that the gateway lets through, with what the function says of groups.

    `wanted` are the groups that the function is known to ask for, and `had` the token's.
    """
    if not wanted:
        return replace(passed, notes=(*passed.notes, _NOT_KNOWN))
    detail = describe_groups(wanted, had)
    if {*wanted}.intersection(had):
        return replace(passed, steps=(*passed.steps, Step(StepName.GROUP, Outcome.PASSED, detail)))
    why = f"{detail} and refuses by itself, as API Gateway knows no groups"
    return replace(
        passed,
        verdict=Verdict.REFUSED,
        steps=(*passed.steps, Step(StepName.GROUP, Outcome.FAILED, why)),
        response=Response("function", HTTPStatus.FORBIDDEN),
        remedy=(
            f"Add the user to the group {' or '.join(wanted)} and sign in again: a token keeps its sign-in's"
            " groups."
        ),
    )


def describe_groups(wanted: Sequence[str], had: Sequence[str]) -> str:
    """Say which groups the token names, and which the function asks for."""
    return f"the token's groups: {list_names(had)}; the function asks for {list_names(wanted)}"


def list_names(names: Sequence[str]) -> str:
    """Return names that may come from a token as one text that a terminal shows as it is."""
    return ", ".join(quote(name)[1:-1] for name in names) or "none"
