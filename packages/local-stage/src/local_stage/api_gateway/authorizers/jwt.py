"""A JWT authorizer of an HTTP API: whose tokens open a route, whatever the issuer.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from local_stage.api_gateway.authorizers.authorizer import Authorization, AuthorizationRequest
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http_error import forbidden, unauthorized
from local_stage.api_gateway.http_message import HttpRequest, decode_query
from local_stage.jwt.checks import (
    check_algorithm,
    check_contents,
    check_expiry,
    check_form,
    check_issuer,
    check_key,
    check_not_before,
    check_signature,
    invalid_claim,
    list_some,
)
from local_stage.jwt.jose import quote
from local_stage.jwt.judgement import Check, Claims, Evidence, Failure, FailureKind, Finding, Judgement, judge
from local_stage.jwt.jwks import Clock, JsonWebKeySet, SignatureVerifier

_SENT: Final = re.compile(r"(?:Bearer )?([!-+\--~]+)")
"""The bare token and `Bearer <token>` are good (documented); `bearer` is unverified, and refused."""

_HEADER: Final = "header"
_IDENTITY_SOURCE: Final = re.compile(
    r"\$request\.(?P<position>header|querystring)\.(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+)"
)

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
class IdentitySource:
    """Where the token stands in a request: `$request.header.NAME` or `$request.querystring.NAME`."""

    position: str
    name: str

    @classmethod
    def parse(cls, expression: str) -> IdentitySource | None:
        """Return the source that an expression names, or None for one that no JWT authorizer takes."""
        match = _IDENTITY_SOURCE.fullmatch(expression)
        return cls(**match.groupdict()) if match else None

    @property
    def header(self) -> str | None:
        """The header that carries the token, None where the query does."""
        return self.name if self.position == _HEADER else None

    def find(self, request: HttpRequest) -> list[str]:
        """Return every value that the request has there; names of headers match without regard to case."""
        if self.position == _HEADER:
            return [*request.header_values(self.name)]
        return [value for name, value in decode_query(request.query) if name == self.name]


@dataclass(frozen=True, slots=True)
class JwtAuthorizerSettings:
    """What the template says of a JWT authorizer: whose tokens it takes, and issued to whom."""

    name: str
    issuer: str
    audience: tuple[str, ...]
    identity_source: IdentitySource = IdentitySource(_HEADER, "Authorization")

    @property
    def header(self) -> str | None:
        """The header that carries the token, None where the query does."""
        return self.identity_source.header


@dataclass(slots=True, kw_only=True)
class JwtEvidence(Evidence):
    """Evidence with the audience, of which the token has to name one."""

    audience: Sequence[str]


def _check_identity_source(evidence: JwtEvidence) -> Finding:
    """Ask for one token, bare or behind `Bearer`."""
    name, sent = evidence.header_name, evidence.sent
    remedy = f"send it in {name}, once, bare or behind Bearer"
    if len(sent) != 1:
        reason = f"{len(sent)} values of {name}, which may disagree" if sent else f"no {name}"
        return Failure(FailureKind.IDENTITY_SOURCE, reason, remedy)
    match = _SENT.fullmatch(sent[0])
    if match is None:
        return Failure(FailureKind.MALFORMED, f"{name} holds more, or less, than one token", remedy)
    evidence.text = match[1]
    return None


def _check_audience(evidence: JwtEvidence) -> Finding:
    """Ask for an `aud` that is one of the audience, or for such a `client_id` in a token without `aud`.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-jwt.html
    """
    payload = evidence.token.payload
    claim = "aud" if payload.get("aud") is not None else "client_id"
    value = payload.get(claim)
    named = value if isinstance(value, list) else [value]
    if {one for one in named if isinstance(one, str) and one} & {*evidence.audience}:
        return None
    if value is None:
        return invalid_claim("aud", None, "one of the authorizer's audience (or client_id, without aud)")
    reason = f"{claim} is {quote(value)}; the authorizer's audience is {list_some(evidence.audience)}"
    remedy = "get a token of that app client, or add this one to JwtConfiguration.audience"
    return Failure(FailureKind.WRONG_AUDIENCE, reason, remedy)


def _check_scopes(evidence: JwtEvidence) -> Finding:
    """Ask for any one of the route's scopes, where it has some."""
    granted = find_scopes(evidence.token.payload)
    if not evidence.scopes or {*granted}.intersection(evidence.scopes):
        return None
    wanted = list_some(evidence.scopes)
    reason = f"the token has scope {quote(' '.join(granted))}, the route asks for any of {wanted}"
    remedy = "send an access token with that scope: an ID token has none"
    return Failure(FailureKind.MISSING_SCOPE, reason, remedy)


CHECKS: Final[tuple[Check[JwtEvidence], ...]] = (
    Check("header", _check_identity_source),
    Check("form", check_form),
    Check("algorithm", check_algorithm),
    Check("contents", check_contents),
    Check("issuer", check_issuer),
    Check("key", check_key),
    Check("signature", check_signature),
    Check("client", _check_audience),
    Check("start", check_not_before),
    Check("expiry", check_expiry),
    Check("scopes", _check_scopes),
)
"""In the order in which they are made: scopes come last, as only a caller who is known gets 403.

`token_use` is not asked for: the ID token of a pool opens a route without scopes as its access token does.
"""


class JwtAuthorizer:
    """Lets a request through with its verified claims, or refuses it as API Gateway does."""

    def __init__(
        self, settings: JwtAuthorizerSettings, keys: JsonWebKeySet, clock: Clock, *, issuer: str | None = None
    ) -> None:
        """Accept the tokens of one issuer, the settings' own or another, which these keys sign."""
        self.settings = settings
        self.issuer = issuer or settings.issuer
        self._key_sets = {self.issuer: keys}
        self._clock = clock
        self._verifier = SignatureVerifier()

    @property
    def issuers(self) -> tuple[str, ...]:
        """The `iss` of the tokens that are accepted."""
        return (self.issuer,)

    async def authorize(self, asked: AuthorizationRequest) -> Authorization:
        """Return what the function's event gets of the caller: `{"jwt": {"claims": {…}, "scopes": […]}}`.

        Raises HttpApiError: 403 for a good token without the route's scope, 401 for every other refusal.
        """
        judgement = await self.judge(asked)
        if judgement.claims is None:
            raise refusal_of(judgement, asked.scopes)
        return _build_authorization(judgement.claims, asked.scopes)

    async def judge(self, asked: AuthorizationRequest) -> Judgement:
        """Return what came of each check on the request's token."""
        return await _judge(self.settings, asked, self._key_sets, self._clock(), self._verifier)


async def judge_without_keys(
    asked: AuthorizationRequest, settings: JwtAuthorizerSettings, now: float
) -> Judgement:
    """Return what came of the checks that need no keys; no token has claims here."""
    return await _judge(settings, asked, None, now, SignatureVerifier(limit=0))


async def _judge(
    settings: JwtAuthorizerSettings,
    asked: AuthorizationRequest,
    key_sets: Mapping[str, JsonWebKeySet] | None,
    now: float,
    verifier: SignatureVerifier,
) -> Judgement:
    source = settings.identity_source
    evidence = JwtEvidence(
        sent=source.find(asked.request),
        header_name=source.name if source.header else f"the query's {source.name}",
        wanted="token",
        key_sets=key_sets,
        now=now,
        scopes=asked.scopes,
        verifier=verifier,
        audience=settings.audience,
    )
    return await judge(CHECKS, evidence)


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


def find_scopes(payload: Mapping[str, Any]) -> list[str]:
    """Return the scopes of a token: those of `scope`, parted by blanks, or of `scp`, a text or a list.

    That `scp` counts only without `scope` is unverified.
    """
    value = payload.get("scope", payload.get("scp"))
    named = value if isinstance(value, list) else str(value or "").split(" ")
    return [scope for scope in named if isinstance(scope, str) and scope]


def _build_authorization(claims: Claims, scopes: Sequence[str]) -> Authorization:
    rendered = render_claims(claims)
    # A route without scopes has null here, whatever the token has (recorded).
    context = {"jwt": {"claims": rendered, "scopes": find_scopes(claims) if scopes else None}}
    return Authorization(rendered.get("sub", ""), context, {"claims": rendered})


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
