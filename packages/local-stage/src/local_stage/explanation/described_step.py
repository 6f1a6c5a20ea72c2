"""A sentence on each decision: what was found where it is passed, and what the token says where it is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizerSettings
from local_stage.explanation.decoded_token import DecodedToken, name_user_pool
from local_stage.explanation.explanation import Outcome, Step, StepName
from local_stage.jwt.token_error import quote


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


def find_steps(scene: Scene) -> list[StepName]:
    """Return the decisions on a token for this route, in their order."""
    unused = {StepName.ROUTE}
    if not scene.scopes:
        unused.add(StepName.SCOPES)
    if not scene.groups:
        unused.add(StepName.GROUP)
    return [name for name in StepName if name not in unused]


def describe_step(name: StepName, outcome: Outcome, scene: Scene) -> Step:
    """Return a decision that did not go against the token, with its sentence."""
    if outcome is Outcome.PASSED:
        return Step(name, outcome, _describe_passed(name, scene))
    said = _describe_said(name, scene) if scene.token.claims else ""
    return Step(name, outcome, f"the token says: {said}" if said else "")


def describe_groups(scene: Scene) -> str:
    """Say which groups the token names, and which the function asks for."""
    return f"the token's groups: {_list(scene.token.groups)}; the function asks for {_list(scene.groups)}"


def _describe_passed(name: StepName, scene: Scene) -> str:
    return _PASSED.get(name, _SAID.get(name, _say_nothing))(scene)


def _describe_said(name: StepName, scene: Scene) -> str:
    return _SAID.get(name, _say_nothing)(scene)


def _say_nothing(_: Scene) -> str:
    return ""


def _pass_header(scene: Scene) -> str:
    behind = "behind Bearer" if re.match("[Bb]earer ", scene.sent[0]) else "without Bearer"
    return f"one {scene.authorizer.identity_source} header with one token in it, {behind}"


def _pass_client(scene: Scene) -> str:
    expression = scene.authorizer.validation_expression
    accepted = f"matches {quote(expression)}" if expression else "every app client of the pool is accepted"
    return f"{scene.token.client_id}; {accepted}"


def _list(names: Sequence[str]) -> str:
    return ", ".join(quote(name)[1:-1] for name in names) or "none"


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
    StepName.SCOPES: lambda scene: f"{scene.token.scopes}; any one of {_list(scene.scopes)} is enough",
    StepName.GROUP: describe_groups,
}
_SAID: Final[Mapping[StepName, Callable[[Scene], str]]] = {
    StepName.ISSUER: lambda scene: f"user pool {scene.token.user_pool_id}; accepted: {scene.pools}",
    StepName.KEY: lambda scene: f"key {quote(scene.token.kid)}",
    StepName.KIND: lambda scene: f"{scene.token.kind}; the route takes {scene.wanted_kind}",
    StepName.SUBJECT: lambda scene: scene.token.subject,
    StepName.START: lambda scene: f"issued {scene.token.describe_time('iat', scene.now)}",
    StepName.CLIENT: lambda scene: f"app client {scene.token.client_id}",
    StepName.SCOPES: lambda scene: f"{scene.token.scopes}; the route asks for {_list(scene.scopes)}",
    StepName.EXPIRY: lambda scene: f"good until {scene.token.describe_time('exp', scene.now)}",
    StepName.GROUP: lambda scene: f"groups {_list(scene.token.groups)}; asked for: {_list(scene.groups)}",
}
