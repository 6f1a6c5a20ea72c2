"""A COGNITO_USER_POOLS authorizer: who may call a method.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from local_stage.api_gateway.authorizers.authorizer import Authorization, AuthorizationRequest
from local_stage.api_gateway.authorizers.identity_source import compile_expression
from local_stage.api_gateway.exchange import MONTHS, WEEKDAYS
from local_stage.api_gateway.gateway_error import (
    GatewayError,
    authorizer_configuration_error,
    expired_token,
    unauthorized,
)
from local_stage.cognito.token_checks import CHECKS, CognitoEvidence
from local_stage.cognito.user_pool import REMEDY_OF_UNKNOWN, ClosedPool, UserPool
from local_stage.errors import TemplateError
from local_stage.jwt.checks import warn_of_clock
from local_stage.jwt.judgement import FailureKind, Judgement, judge
from local_stage.jwt.jwks import Clock, SignatureVerifier
from local_stage.jwt.passed_tokens import PassedTokens

_DATE_CLAIMS: Final = frozenset({"exp", "iat"})
_COMPACT_JSON: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class CognitoAuthorizerSettings:
    """What the template says of a COGNITO_USER_POOLS authorizer.

    `identity_source` is the name of the header that carries the token. `validation_expression` is the regular
    expression that a token's `aud` has to match, or None.
    """

    name: str
    user_pool_arns: tuple[str, ...]
    identity_source: str = "Authorization"
    validation_expression: str | None = None
    closed_because: str | None = None
    """Why nobody is let in whatever the pools are, as a clause without a full stop, or None."""


class CognitoAuthorizer:
    """Lets a request through with its verified claims, or refuses it as API Gateway does."""

    def __init__(
        self,
        settings: CognitoAuthorizerSettings,
        user_pools: Iterable[UserPool],
        clock: Clock,
        *,
        closed: Iterable[ClosedPool] = (),
    ) -> None:
        """Accept the tokens of any one of `user_pools`, whatever their app client.

        `closed` are further pools of the authorizer whose keys are not known: none of their tokens passes
        until the keys are there.

        Raises:
            StartError: no user pool, or a validation expression that this stage cannot enforce.
        """
        self.name = settings.name
        self.closed = tuple(closed)
        """The pools whose keys were not known when the stage started."""
        if settings.closed_because is not None:
            user_pools, self.closed = (), (ClosedPool("", settings.closed_because, None, REMEDY_OF_UNKNOWN),)
        late = [pool.pool for pool in self.closed if pool.pool is not None]
        self.user_pools = (*user_pools, *late)
        """The pools whose tokens pass, those of closed pools once their keys are there."""
        self._header = settings.identity_source
        self._key_sets = {pool.issuer: pool.keys for pool in self.user_pools}
        self._audience = _compile_expression(settings)
        self._clock = clock
        self._verifier = SignatureVerifier()
        self._passed: PassedTokens[Authorization] = PassedTokens(clock)
        if not self._key_sets and not self.closed:
            raise TemplateError(
                "no user pool to accept tokens from",
                property_path=f"Auth.Authorizers.{settings.name}.UserPoolArn",
            )

    @property
    def issuers(self) -> tuple[str, ...]:
        """The `iss` of each user pool whose tokens are accepted."""
        return tuple(self._key_sets)

    @property
    def pool_notes(self) -> tuple[str, ...]:
        """A sentence on each pool that is not simply the one of the template, its keys known."""
        closed = (
            f"The authorizer {self.name} is closed: no token passes, since {pool.why}; {pool.remedy}."
            for pool in self.closed
        )
        stood_in = (
            f"The local user pool {pool.arn.pool_id} stands in for {pool.stands_in_for} of the authorizer"
            f" {self.name}: the local one's tokens pass, and no others."
            for pool in self.user_pools
            if pool.stands_in_for is not None
        )
        return (*closed, *stood_in)

    async def authorize(self, asked: AuthorizationRequest) -> Authorization:
        """Return what the function's event gets of the caller: `{"claims": {…}}`, all of them texts.

        The claims of a token are put into texts once; whether it is good is judged at each request. Nobody
        may change what is returned.

        Raises:
            GatewayError: UNAUTHORIZED for every token that is not, with a message of its own for one that has
                only expired; AUTHORIZER_CONFIGURATION_ERROR, "failing to connect to a custom or Amazon
                Cognito authorizer", while no key of the token's user pool could ever be fetched. Source:
                https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
        """
        sent = asked.request.header_values(self._header)
        if (passed := await self._passed.find(sent, asked.scopes)) is not None:
            return passed
        evidence = self._gather(asked)
        judgement = await judge(CHECKS, evidence)
        if judgement.claims is None:
            raise refusal_of(judgement)
        warn_of_clock(judgement.claims, evidence.now)
        rendered = render_claims(judgement.claims)
        context = {"claims": rendered}
        authorization = Authorization(rendered["sub"], context, context)
        self._passed.add(evidence, authorization)
        return authorization

    async def judge(self, asked: AuthorizationRequest) -> Judgement:
        """Return what came of each check on the request's token."""
        return await judge(CHECKS, self._gather(asked))

    def _gather(self, asked: AuthorizationRequest) -> CognitoEvidence:
        return CognitoEvidence(
            sent=[*asked.request.header_values(self._header)],
            header_name=self._header,
            wanted=_wanted(asked),
            key_sets=self._key_sets,
            now=self._clock(),
            scopes=asked.scopes,
            verifier=self._verifier,
            audience=self._audience,
            closed=self.closed,
        )


async def judge_without_pools(
    asked: AuthorizationRequest, settings: CognitoAuthorizerSettings, now: float
) -> Judgement:
    """Return what came of the checks that need no user pool; no token has claims here.

    Raises StartError for a validation expression that this stage cannot enforce.
    """
    evidence = CognitoEvidence(
        sent=[*asked.request.header_values(settings.identity_source)],
        header_name=settings.identity_source,
        wanted=_wanted(asked),
        key_sets=None,
        now=now,
        scopes=asked.scopes,
        verifier=SignatureVerifier(limit=0),
        audience=_compile_expression(settings),
    )
    return await judge(CHECKS, evidence)


def _wanted(asked: AuthorizationRequest) -> str:
    return "access token" if asked.scopes else "ID token"


def refusal_of(judgement: Judgement) -> GatewayError:
    """Return the refusal of a request whose token has no claims; `verify` says which of three it is."""
    failure = judgement.failure
    if failure is None:
        # Never so while the user pools are known; whatever the cause, nobody is let in.
        return authorizer_configuration_error(f"not checked: {', '.join(judgement.not_checked)}")
    match failure.kind:
        case FailureKind.EXPIRED:
            return expired_token(str(failure))
        case FailureKind.KEYS_UNAVAILABLE:
            return authorizer_configuration_error(str(failure))
    return unauthorized(str(failure))


def _compile_expression(settings: CognitoAuthorizerSettings) -> re.Pattern[str] | None:
    """Compile the validation expression, which the whole `aud` has to match.

    AWS says only that it matches `aud` against it; a part of `aud` would let other clients in.
    https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html
    """
    if settings.validation_expression is None:
        return None
    try:
        return compile_expression(settings.validation_expression)
    except ValueError as error:
        raise TemplateError(
            str(error), property_path=f"Auth.Authorizers.{settings.name}.Identity.ValidationExpression"
        ) from error


def render_claims(claims: Mapping[str, Any]) -> dict[str, str]:
    """Return verified claims as `requestContext.authorizer.claims` holds them: in order, all of them strings.

    `exp` and `iat` become dates (`Tue Jun 18 15:00:04 UTC 2024`), booleans `true` and `false`, numbers
    decimal digits; the elements of a list are joined by commas without blanks or brackets, objects are
    compact JSON (recorded for `cognito:groups`, `cognito:roles` and `identities`).

    Unverified: a comma inside a group stays, so that `a,b` may be one group or two; a float is Python's
    shortest decimal; a nested object or list is compact JSON; a claim that is null is left out rather than
    called `null`.
    """
    return {
        name: _render_date(value) if name in _DATE_CLAIMS else _render(value)
        for name, value in claims.items()
        if value is not None
    }


def _render(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ",".join(_render_element(element) for element in value)
    return _render_element(value)


def _render_element(value: object) -> str:
    return value if isinstance(value, str) else _COMPACT_JSON.encode(value)


def _render_date(value: object) -> str:
    """Return Java's `Date.toString()` of Unix seconds, in English and UTC; anything else as other claims."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _render(value)
    try:
        at = time.gmtime(value)
    except (OverflowError, OSError, ValueError):
        return _render(value)
    clock = f"{at.tm_hour:02}:{at.tm_min:02}:{at.tm_sec:02}"
    return f"{WEEKDAYS[at.tm_wday]} {MONTHS[at.tm_mon]} {at.tm_mday:02} {clock} UTC {at.tm_year}"
