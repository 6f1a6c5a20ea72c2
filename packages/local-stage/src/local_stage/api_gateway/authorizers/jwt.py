"""A JWT authorizer of an HTTP API: whose tokens open a route, whatever the issuer.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from local_stage.api_gateway.authorizers.authorizer import Authorization, AuthorizationRequest
from local_stage.api_gateway.authorizers.jwt_checks import (
    AUTHORIZATION,
    CHECKS,
    JwtEvidence,
    TokenSource,
    find_scopes,
)
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http_error import forbidden, unauthorized
from local_stage.cognito.user_pool import UserPoolArn
from local_stage.jwt.checks import warn_of_clock
from local_stage.jwt.judgement import FailureKind, Judgement, judge
from local_stage.jwt.jwks import Clock, JsonWebKeySet, SignatureVerifier
from local_stage.jwt.passed_tokens import PassedTokens

_DESCRIPTIONS: Final[Mapping[FailureKind, str]] = {
    FailureKind.MALFORMED: "token contains an invalid number of segments",
    FailureKind.WRONG_AUDIENCE: "the token does not have a valid audience",
    FailureKind.KEYS_UNAVAILABLE: "OIDC discovery endpoint communication error",
    FailureKind.EXPIRED: "the token has expired",
    FailureKind.NOT_YET_VALID: "the token is not valid yet",
    FailureKind.UNKNOWN_ISSUER: "the token does not have a valid issuer",
    FailureKind.UNKNOWN_KEY: "unable to find the key that signed the token",
    FailureKind.INVALID_SIGNATURE: "the token does not have a valid signature",
    FailureKind.UNSUPPORTED_HEADER: "the token's signing method is invalid",
}
"""What `error_description` says. The first three are recorded; the others are unverified, as is the rest."""

_ANY_OTHER: Final = "the token has an invalid claim"
_COMPACT_JSON: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class JwtAuthorizerSettings:
    """What the template says of a JWT authorizer: whose tokens it takes, and issued to whom."""

    name: str
    issuer: str
    audience: tuple[str, ...]
    token_source: TokenSource = AUTHORIZATION
    closed_because: str | None = None
    """Why nobody is let in for any issuer, as a clause without a full stop, or None."""

    @property
    def identity_source(self) -> str | None:
        """The header that carries the token, None where the query does."""
        return self.token_source.header


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """The `iss` that an authorizer asks for, and the keys that sign its tokens.

    `note` ends a sentence on what is not as the template says: without keys none of its tokens passes.
    `audience` takes the place of the authorizer's own where the local pool `stand_in_arn` stands in for it.
    """

    url: str
    keys: JsonWebKeySet
    note: str | None = None
    audience: tuple[str, ...] | None = None
    stand_in_arn: str | None = None


class JwtAuthorizer:
    """Lets a request through with its verified claims, or refuses it as API Gateway does."""

    def __init__(self, settings: JwtAuthorizerSettings, issuer: TrustedIssuer, clock: Clock) -> None:
        """Accept the tokens of one issuer, which may be another than the settings name."""
        self.settings = settings
        self.issuer = issuer
        audience = settings.audience if issuer.audience is None else issuer.audience
        self._judged_by = replace(settings, audience=audience)
        self._key_sets = {issuer.url: issuer.keys}
        self._clock = clock
        self._verifier = SignatureVerifier()
        self._passed: PassedTokens[Authorization] = PassedTokens(clock)

    @property
    def issuers(self) -> tuple[str, ...]:
        """The `iss` of the tokens that are accepted."""
        return (self.issuer.url,)

    @property
    def pool_notes(self) -> tuple[str, ...]:
        """A sentence on an issuer that is not simply the template's, its keys known."""
        return (
            () if self.issuer.note is None else (f"The authorizer {self.settings.name} {self.issuer.note}",)
        )

    def describe(self, local_pool_arns: Iterable[str]) -> dict[str, Any]:
        """Return the authorizer as JSON can hold it, for commands that look for a pool and an app client."""
        issuer = self.issuer
        arns = [arn for arn in local_pool_arns if UserPoolArn.parse(arn).issuer == issuer.url]
        if issuer.stand_in_arn is not None:
            arns.append(issuer.stand_in_arn)
        return {
            "name": self.settings.name,
            "identity_source": self.settings.identity_source,
            "validation_expression": None,
            "user_pool_arns": arns,
            "local_user_pool_arns": arns,
            "audience": list(self._judged_by.audience),
        }

    async def authorize(self, asked: AuthorizationRequest) -> Authorization:
        """Return what the function's event gets of the caller: `{"jwt": {"claims": {…}, "scopes": […]}}`.

        Raises HttpApiError: 403 for a good token without the route's scope, 401 for every other refusal.
        """
        sent = self._judged_by.token_source.find(asked.request)
        if (passed := await self._passed.find(sent, asked.scopes)) is not None:
            return passed
        evidence = self._gather(asked)
        judgement = await judge(CHECKS, evidence)
        if judgement.claims is None:
            raise refusal_of(judgement, asked.scopes)
        warn_of_clock(judgement.claims, evidence.now)
        rendered = render_claims(judgement.claims)
        # A route without scopes has null here, whatever the token has (recorded).
        scopes = find_scopes(judgement.claims) if asked.scopes else None
        context = {"jwt": {"claims": rendered, "scopes": scopes}}
        authorization = Authorization(rendered.get("sub", ""), context, {"claims": rendered})
        self._passed.add(evidence, authorization)
        return authorization

    async def judge(self, asked: AuthorizationRequest) -> Judgement:
        """Return what came of each check on the request's token."""
        return await judge(CHECKS, self._gather(asked))

    def _gather(self, asked: AuthorizationRequest) -> JwtEvidence:
        return _gather(self._judged_by, asked, self._key_sets, self._clock(), self._verifier)


async def judge_without_keys(
    asked: AuthorizationRequest, settings: JwtAuthorizerSettings, now: float
) -> Judgement:
    """Return what came of the checks that need no keys; no token has claims here."""
    evidence = _gather(settings, asked, None, now, SignatureVerifier(limit=0))
    return await judge(CHECKS, evidence)


def _gather(
    settings: JwtAuthorizerSettings,
    asked: AuthorizationRequest,
    key_sets: Mapping[str, JsonWebKeySet] | None,
    now: float,
    verifier: SignatureVerifier,
) -> JwtEvidence:
    source = settings.token_source
    return JwtEvidence(
        sent=source.find(asked.request),
        header_name=source.name if source.header else f"the query's {source.name}",
        wanted="token",
        key_sets=key_sets,
        now=now,
        scopes=asked.scopes,
        verifier=verifier,
        audience=settings.audience,
    )


def refusal_of(judgement: Judgement, scopes: Sequence[str]) -> GatewayError:
    """Return the refusal of a request whose token has no claims, with its `www-authenticate`.

    The fields of the header are parted by blanks (recorded). What `scope` says beside `invalid_token` on a
    route with scopes is unverified.
    """
    failure = judgement.failure
    if failure is None:
        # Never so while the keys are known; whatever the cause, nobody is let in.
        reason = f"not checked: {', '.join(judgement.not_checked)}"
        return unauthorized(reason, challenge="Bearer")
    if failure.kind is FailureKind.IDENTITY_SOURCE:
        return unauthorized(str(failure), challenge="Bearer")
    wanted = " ".join(scopes)
    if failure.kind is FailureKind.MISSING_SCOPE:
        error, description = "insufficient_scope", f"expected scopes: [{wanted}]"
    else:
        error, description = "invalid_token", _DESCRIPTIONS.get(failure.kind, _ANY_OTHER)
    challenge = f'Bearer scope="{wanted}" error="{error}" error_description="{description}"'
    refuse = forbidden if failure.kind is FailureKind.MISSING_SCOPE else unauthorized
    return refuse(str(failure), challenge=challenge, authorizer_error=f"{error}: {description}")


def render_claims(claims: Mapping[str, Any]) -> dict[str, str]:
    """Return verified claims as HTTP APIs give them to functions: all of them texts, by name (recorded).

    Times stay Unix seconds, and a list is `[a b]`, other than with a REST API. What is null is left out, and
    an object is JSON; what stands in a list within a list is unverified.
    """
    return {name: _render(claims[name]) for name in sorted(claims) if claims[name] is not None}


def _render(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return f"[{' '.join(map(_render, value))}]"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _COMPACT_JSON.encode(value)
