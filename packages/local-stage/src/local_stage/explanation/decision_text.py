"""A sentence on each decision, for a person who sees tokens for the first time.

Where a decision is passed the sentence says what was found. Where it is not made the sentence says what the
token says. Where it has failed the sentence says why, and another one is the remedy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizerSettings
from local_stage.explanation.decoded_token import DecodedToken, name_user_pool
from local_stage.explanation.explanation import Outcome, Step, StepName
from local_stage.explanation.verdicts import list_names
from local_stage.jwt.jose import quote
from local_stage.jwt.judgement import Failure, FailureKind

OWN_SCOPE: Final = "aws.cognito.signin.user.admin"
"""The one scope of the access tokens that InitiateAuth gives."""

_EMPTY: Final = frozenset({"null", "None", "undefined"})
"""What programs write where there is no token."""
_SCHEMES: Final = frozenset({"Bearer", "bearer"})

type Described = tuple[str, str]
"""Why, and the remedy in one sentence."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that the decisions on one token are about; `now` is in Unix seconds."""

    authorizer: CognitoAuthorizerSettings
    issuers: Sequence[str]
    scopes: Sequence[str]
    groups: Sequence[str]
    sent: Sequence[str]
    token: DecodedToken
    now: float

    @property
    def wanted_kind(self) -> str:
        """The kind of token that the route takes."""
        return "an access token" if self.scopes else "an ID token"

    @property
    def pools(self) -> str:
        """The accepted user pools."""
        return " or ".join(map(name_user_pool, self.issuers)) or "not known"


def describe_step(name: StepName, outcome: Outcome, scene: Scene) -> Step:
    """Return a decision that has not failed, with a sentence on it; the sentence may be empty."""
    match outcome:
        case Outcome.PASSED:
            return Step(name, outcome, _PASSED.get(name, _SAID.get(name, _say_nothing))(scene))
        case Outcome.NOT_CHECKED:
            return Step(name, outcome, _NOT_CHECKED[name](scene))
    said = _SAID.get(name, _say_nothing)(scene) if scene.token.claims else ""
    return Step(name, outcome, f"the token says: {said}" if said else "")


def _say_nothing(_: Scene) -> str:
    return ""


def _pass_header(scene: Scene) -> str:
    behind = "behind Bearer" if re.match("[Bb]earer ", scene.sent[0]) else "without Bearer"
    return f"one {scene.authorizer.identity_source} header with one token in it, {behind}"


def _pass_client(scene: Scene) -> str:
    expression = scene.authorizer.validation_expression
    accepted = f"matches {quote(expression)}" if expression else "every app client of the pool is accepted"
    return f"{scene.token.client_id}; {accepted}"


def describe_failure(failure: Failure, scene: Scene) -> Described:
    """Return why a check fails, and the remedy in one sentence."""
    describe = _DESCRIPTIONS.get(failure.kind, _repeat)
    return describe(failure, scene)


def _repeat(failure: Failure, _: Scene) -> Described:
    return failure.reason, f"{failure.remedy[:1].upper()}{failure.remedy[1:]}."


def _describe_header(failure: Failure, scene: Scene) -> Described:
    words = _last_words(scene)
    described = _describe_no_token(scene)
    if described is None and words and words[0] not in _SCHEMES:
        remedy = f"Send {scene.authorizer.identity_source}: Bearer <token>, or the token alone."
        return _repeat(failure, scene)[0], remedy
    return described or _repeat(failure, scene)


def _describe_malformed(failure: Failure, scene: Scene) -> Described:
    return _describe_no_token(scene) or _repeat(failure, scene)


def _describe_no_token(scene: Scene) -> Described | None:
    words = _last_words(scene)
    last = words[-1] if words else ""
    if last.startswith("$"):
        why = f"the name of a shell variable ({last[:40]!a}) instead of what is in it"
        return (
            why,
            "Use double quotes around the header: in single quotes a shell leaves a variable as it is.",
        )
    if scene.sent and (last in _EMPTY or not set(words).difference(_SCHEMES)):
        why = "no token in the header: the variable or field that should hold it was empty"
        remedy = (
            "See what the sign-in has answered: a challenge, as NEW_PASSWORD_REQUIRED, comes without tokens."
        )
        return why, remedy
    return None


def _describe_kind(_: Failure, scene: Scene) -> Described:
    if not scene.scopes:
        why = "an access token; the route has no scopes, so API Gateway takes ID tokens only"
        remedy = "Send the ID token of the same sign-in (IdToken beside AccessToken)"
        return why, f"{remedy}, or set AuthorizationScopes on a route that is meant for access tokens."
    why = f"an ID token; the route has {_scopes(scene)}, so API Gateway takes access tokens only"
    remedy = (
        f"Send an access token with {_scopes(scene)}: the token endpoint gives one, InitiateAuth does not."
    )
    return why, remedy


def _describe_scope(failure: Failure, scene: Scene) -> Described:
    if scene.token.claims.get("scope") != OWN_SCOPE:
        return _repeat(failure, scene)
    why = f"an access token of InitiateAuth, which only ever has the scope {OWN_SCOPE}"
    remedy = f"Get one with {_scopes(scene)} from the token endpoint"
    return (
        f"{why}; the route asks for {_scopes(scene)}",
        f"{remedy}: by client_credentials for a machine, by the login page's code for a person.",
    )


def _describe_issuer(failure: Failure, scene: Scene) -> Described:
    if not scene.issuers:
        return _repeat(failure, scene)
    why = f"a token of the user pool {scene.token.user_pool_id}; the authorizer accepts {scene.pools}"
    return why, f"Sign in to {scene.pools}: a pool that was made anew has another id, and other keys."


def _describe_key(failure: Failure, scene: Scene) -> Described:
    why, _ = _repeat(failure, scene)
    return why, "Sign in again; if that does not help, the token is not of the pool that it names."


def _describe_signature(_: Failure, __: Scene) -> Described:
    why = (
        "not the user pool's signature of this very token: some of it was changed or cut off, or it is forged"
    )
    return why, "Send the token unchanged and whole, as the user pool has issued it."


def _describe_expiry(_: Failure, scene: Scene) -> Described:
    why = f"it was good until {scene.token.describe_time('exp', scene.now)}"
    return why, "Sign in again, or get a new token with the refresh token."


def _last_words(scene: Scene) -> list[str]:
    return scene.sent[-1].split() if scene.sent else []


def _scopes(scene: Scene) -> str:
    return f"the scope {' or '.join(scene.scopes)}"


_PASSED: Final[Mapping[StepName, Callable[[Scene], str]]] = {
    StepName.HEADER: _pass_header,
    StepName.FORM: lambda _: "three parts: header, payload and signature",
    StepName.ALGORITHM: lambda _: "signed with RS256, as every user pool signs",
    StepName.CONTENTS: lambda _: "the payload is a JSON object",
    StepName.ISSUER: lambda scene: f"the user pool {scene.token.user_pool_id}, which the authorizer accepts",
    StepName.KEY: lambda scene: f"the user pool publishes the key {quote(scene.token.kid)}",
    StepName.SIGNATURE: lambda _: "made with this key, and nothing has been changed since",
    StepName.KIND: lambda scene: f"{scene.token.kind}, as the route takes",
    StepName.CLIENT: _pass_client,
    StepName.SCOPES: lambda scene: f"{scene.token.scopes}; any one of {list_names(scene.scopes)} is enough",
}
_SAID: Final[Mapping[StepName, Callable[[Scene], str]]] = {
    StepName.ISSUER: lambda scene: f"user pool {scene.token.user_pool_id}; accepted: {scene.pools}",
    StepName.KEY: lambda scene: f"key {quote(scene.token.kid)}",
    StepName.KIND: lambda scene: f"{scene.token.kind}; the route takes {scene.wanted_kind}",
    StepName.SUBJECT: lambda scene: scene.token.subject,
    StepName.START: lambda scene: f"issued {scene.token.describe_time('iat', scene.now)}",
    StepName.CLIENT: lambda scene: f"app client {scene.token.client_id}",
    StepName.SCOPES: lambda scene: f"{scene.token.scopes}; the route asks for {list_names(scene.scopes)}",
    StepName.EXPIRY: lambda scene: f"good until {scene.token.describe_time('exp', scene.now)}",
    StepName.GROUP: lambda scene: (
        f"groups {list_names(scene.token.groups)}; asked for: {list_names(scene.groups)}"
    ),
}
_NOT_CHECKED: Final[Mapping[StepName, Callable[[Scene], str]]] = {
    StepName.ISSUER: lambda scene: (
        f"the token says: user pool {scene.token.user_pool_id}; which one is accepted is not known here"
    ),
    StepName.KEY: lambda _: "only the user pool knows",
    StepName.SIGNATURE: lambda _: "only the user pool's key can tell",
}
_DESCRIPTIONS: Final[Mapping[FailureKind, Callable[[Failure, Scene], Described]]] = {
    FailureKind.IDENTITY_SOURCE: _describe_header,
    FailureKind.MALFORMED: _describe_malformed,
    FailureKind.WRONG_KIND: _describe_kind,
    FailureKind.MISSING_SCOPE: _describe_scope,
    FailureKind.UNKNOWN_ISSUER: _describe_issuer,
    FailureKind.UNKNOWN_KEY: _describe_key,
    FailureKind.INVALID_SIGNATURE: _describe_signature,
    FailureKind.EXPIRED: _describe_expiry,
}
