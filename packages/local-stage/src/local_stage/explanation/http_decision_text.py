"""A sentence on each decision of a JWT authorizer, and where a REST API would decide otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from local_stage.api_gateway.authorizers.jwt_checks import find_scopes
from local_stage.explanation.decoded_token import DecodedToken
from local_stage.explanation.explanation import Outcome, Step, StepName
from local_stage.jwt.checks import list_some
from local_stage.jwt.jose import quote
from local_stage.jwt.judgement import FailureKind, Judgement

_AUDIENCE: Final = (
    "A REST API's Cognito authorizer takes the tokens of every app client of its user pool;"
    " a JWT authorizer takes those of its audience alone: aud, or client_id in a token without aud."
)


@dataclass(frozen=True, slots=True)
class HttpScene:
    """Everything that the decisions on one token are about; `now` is in Unix seconds."""

    issuers: Sequence[str]
    audience: Sequence[str]
    scopes: Sequence[str]
    groups: Sequence[str]
    token: DecodedToken
    now: float


def describe_step(name: StepName, judgement: Judgement, scene: HttpScene) -> Step:
    """Return a decision that has not failed, with a sentence on it; the sentence may be empty."""
    say = _SAID.get(name)
    said = say(scene) if say else ""
    if name in judgement.not_checked:
        return Step(name, Outcome.NOT_CHECKED, f"the token says: {said}" if said else "")
    if name in judgement.not_reached:
        has_claims = said and scene.token.claims
        return Step(name, Outcome.NOT_REACHED, f"the token says: {said}" if has_claims else "")
    return Step(name, Outcome.PASSED, _PASSED.get(name, "") or said)


def compare_pass(scene: HttpScene) -> Sequence[str]:
    """Say where a REST API would decide otherwise on a token that passes here."""
    if scene.token.claims.get("token_use") == "access" and not scene.scopes:
        return (
            "With a REST API's Cognito authorizer a route without scopes takes ID tokens alone: 401 there.",
        )
    return ()


def compare_refusal(kind: FailureKind, scene: HttpScene) -> Sequence[str]:
    """Say where a REST API would decide otherwise on a token that is refused here."""
    if kind is FailureKind.WRONG_AUDIENCE:
        return (_AUDIENCE,)
    if kind is FailureKind.MISSING_SCOPE and scene.token.claims.get("token_use") == "id":
        return (
            "An ID token has no scope: it passes routes without scopes, and gets 403 here (401 from REST).",
        )
    return ()


def _say_audience(scene: HttpScene) -> str:
    claims = scene.token.claims
    claim = "aud" if claims.get("aud") is not None else "client_id"
    return f"{claim} {quote(claims.get(claim))}; the audience is {list_some(scene.audience)}"


_PASSED: Final[Mapping[StepName, str]] = {
    StepName.HEADER: "one token, bare or behind Bearer",
    StepName.FORM: "three parts: header, payload and signature",
    StepName.ALGORITHM: "signed with RS256",
    StepName.CONTENTS: "the payload is a JSON object",
    StepName.SIGNATURE: "made with this key, and nothing has been changed since",
}
_SAID: Final[Mapping[StepName, Callable[[HttpScene], str]]] = {
    StepName.ISSUER: lambda scene: (
        f"issuer {quote(scene.token.claims.get('iss'))}; accepted: {list_some(scene.issuers)}"
    ),
    StepName.KEY: lambda scene: f"key {quote(scene.token.kid)}",
    StepName.KIND: lambda scene: "" if "token_use" not in scene.token.claims else scene.token.kind,
    StepName.CLIENT: _say_audience,
    StepName.START: lambda scene: f"issued {scene.token.describe_time('iat', scene.now)}",
    StepName.EXPIRY: lambda scene: f"good until {scene.token.describe_time('exp', scene.now)}",
    StepName.SCOPES: lambda scene: (
        f"scope {quote(' '.join(find_scopes(scene.token.claims)))};"
        f" any one of {list_some(scene.scopes)} is enough"
    ),
}
