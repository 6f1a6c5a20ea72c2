"""What an explanation says, as plain values; `to_json` gives the shape that programs read.

    {"route": {"method": "GET", "path": "/hello", "wants": "an ID token of …"},
     "verdict": "refused",
     "steps": [{"name": "kind", "outcome": "failed", "detail": "an access token; …"}],
     "response": {"by": "API Gateway", "status": 401, "error_type": "UnauthorizedException", "body": "…"},
     "remedy": "Send the ID token of the same sign-in …",
     "notes": ["…"]}

`response` is null where it depends on the function, `remedy` is null where there is nothing to mend.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Literal, Self


class StepName(StrEnum):
    """The decisions in the order in which they are made; a route makes those that it has a use for."""

    ROUTE = "route"
    HEADER = "header"
    FORM = "form"
    ALGORITHM = "algorithm"
    CONTENTS = "contents"
    ISSUER = "issuer"
    KEY = "key"
    SIGNATURE = "signature"
    KIND = "kind"
    SUBJECT = "subject"
    START = "start"
    CLIENT = "client"
    SCOPES = "scopes"
    EXPIRY = "expiry"
    POLICY = "policy"
    GROUP = "group"


class Outcome(StrEnum):
    """What became of a decision; NOT_CHECKED is one for which the user pool would have to be asked."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_REACHED = "not reached"
    NOT_CHECKED = "not checked"


class Verdict(StrEnum):
    """What becomes of the request.

    MENDED is refused as it was pasted, and would pass without what is around the token. UNKNOWN is where
    nothing fails, but not all of it could be checked.
    """

    PASSES = "passes"
    MENDED = "passes once mended"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Step:
    """One decision, and a sentence on it."""

    name: StepName
    outcome: Outcome
    detail: str


@dataclass(frozen=True, slots=True)
class Response:
    """What the client gets; `error_type` is x-amzn-ErrorType, `body` None where only the function knows."""

    by: Literal["API Gateway", "function"]
    status: int
    error_type: str | None = None
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """A verb and a path without the stage; `wants` says in words what opens it."""

    method: str
    path: str
    wants: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one request is let in or refused, up to the function, which may refuse it too."""

    route: Route
    verdict: Verdict
    steps: tuple[Step, ...]
    response: Response | None = None
    remedy: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def failed_step(self) -> Step | None:
        """The decision that went against the request; there is at most one."""
        return next((step for step in self.steps if step.outcome is Outcome.FAILED), None)

    @property
    def has_route(self) -> bool:
        """Whether there is such a route at all."""
        return any(step.name is StepName.ROUTE and step.outcome is Outcome.PASSED for step in self.steps)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote. Raises KeyError, TypeError or ValueError for any other form."""
        steps = (Step(StepName(s["name"]), Outcome(s["outcome"]), s["detail"]) for s in value["steps"])
        response = value["response"]
        return cls(
            Route(**value["route"]),
            Verdict(value["verdict"]),
            tuple(steps),
            None if response is None else Response(**response),
            value["remedy"],
            tuple(value["notes"]),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the explanation as JSON can hold it; the module's description has the shape."""
        members: dict[str, Any] = asdict(self)
        members["verdict"] = self.verdict.value
        members["steps"] = [
            {"name": step.name.value, "outcome": step.outcome.value, "detail": step.detail}
            for step in self.steps
        ]
        members["notes"] = list(self.notes)
        return members
