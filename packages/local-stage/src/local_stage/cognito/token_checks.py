"""The checks of a COGNITO_USER_POOLS authorizer, in their order: whether a pool's token is good for a method.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html
https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from local_stage.cognito.user_pool import ClosedPool, find_user_pool_id
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
    require_second,
    require_text,
)
from local_stage.jwt.jose import quote
from local_stage.jwt.judgement import Check, Evidence, Failure, FailureKind, Finding

_SENT: Final = re.compile(r"(?:[Bb]earer )?([!-+\--~]+)")
"""API Gateway takes the raw token and `Bearer <token>`; `bearer` is unverified, all else is refused."""


@dataclass(slots=True, kw_only=True)
class CognitoEvidence(Evidence):
    """Evidence with the authorizer's validation expression, which the whole `aud` has to match, or None.

    `closed` are the authorizer's pools whose keys were not known when the stage started.
    """

    audience: re.Pattern[str] | None
    closed: Sequence[ClosedPool] = ()


def _check_header(evidence: CognitoEvidence) -> Finding:
    """Ask for one header with one token in it, raw or behind `Bearer`."""
    name, sent = evidence.header_name, evidence.sent
    remedy = f'send "{name}: <{evidence.wanted}>"'
    if len(sent) != 1:
        reason = f"{len(sent)} {name} headers, which may disagree" if sent else f"no {name} header"
        return Failure(FailureKind.IDENTITY_SOURCE, reason, f"{remedy} once" if sent else remedy)
    match = _SENT.fullmatch(sent[0])
    if match is None:
        reason = f"{name} header holds more, or less, than one token"
        return Failure(FailureKind.IDENTITY_SOURCE, reason, remedy)
    evidence.text = match[1]
    return None


def _check_issuer(evidence: CognitoEvidence) -> Finding:
    """Ask for an issuer that is accepted or, while the accepted ones are not known, for any user pool's."""
    issuer = evidence.token.payload.get("iss")
    if evidence.key_sets is not None and not evidence.key_sets:
        return _fail_closed(evidence.closed)
    if evidence.key_sets is None and isinstance(issuer, str) and issuer and not find_user_pool_id(issuer):
        reason = f"the issuer {quote(issuer)} is no user pool's"
        return Failure(FailureKind.UNKNOWN_ISSUER, reason, "send a token that a user pool has issued")
    return check_issuer(evidence)


async def _check_key(evidence: CognitoEvidence) -> Finding:
    """Ask for a `kid` that the pool publishes; a pool without keys since the start lets nobody in."""
    finding = await check_key(evidence)
    if isinstance(finding, Failure) and finding.kind is FailureKind.KEYS_UNAVAILABLE:
        keys = evidence.key_set
        closed = [pool for pool in evidence.closed if pool.pool is not None and pool.pool.keys is keys]
        return _fail_closed(closed) if closed else finding
    return finding


def _fail_closed(closed: Sequence[ClosedPool]) -> Failure:
    reason = f"no token passes: {'; '.join(pool.why for pool in closed)}"
    return Failure(FailureKind.CLOSED, reason, closed[0].remedy)


def _check_kind(evidence: CognitoEvidence) -> Finding:
    """Ask for an ID token on a method without scopes, for an access token on one with scopes."""
    token_use, scopes = evidence.token.payload.get("token_use"), evidence.scopes
    if token_use not in ("id", "access"):
        remedy = "send the ID token, or the access token where the method has scopes"
        return invalid_claim("token_use", token_use, "id or access", remedy)
    if token_use == ("access" if scopes else "id"):
        return None
    if scopes:
        reason, remedy = "ID token on a method with scopes", f"send an access token with {list_some(scopes)}"
    else:
        reason, remedy = (
            "access token on a method without scopes",
            "send the ID token or set AuthorizationScopes",
        )
    return Failure(FailureKind.WRONG_KIND, reason, remedy)


def _check_subject(evidence: CognitoEvidence) -> Finding:
    """Ask whom the token is for."""
    return require_text(evidence.token.payload, "sub")


def _check_start(evidence: CognitoEvidence) -> Finding:
    """Ask for a time of issue that has come, and for a time of sign-in that is one."""
    payload = evidence.token.payload
    failure = require_second(payload, "iat") or check_not_before(evidence)
    if failure is None and "auth_time" in payload:
        return require_second(payload, "auth_time")
    return failure


def _check_client(evidence: CognitoEvidence) -> Finding:
    """Ask for an app client, and for one that the validation expression matches where there is one.

    An access token has no `aud`: "this validation rejects the request due to the access token not containing
    the aud field", https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html
    """
    claim, audience = "client_id" if evidence.scopes else "aud", evidence.audience
    failure = require_text(evidence.token.payload, claim)
    if failure or audience is None:
        return failure
    expected = f"the authorizer's validation expression {quote(audience.pattern)}"
    if evidence.scopes:
        reason = f"access token, which has no aud to match {expected}"
        remedy = "send an ID token to a method without scopes, or remove the expression"
        return Failure(FailureKind.WRONG_AUDIENCE, reason, remedy)
    client_id = evidence.token.payload[claim]
    if audience.fullmatch(client_id):
        return None
    reason = f"aud {quote(client_id)} does not match {expected}"
    return Failure(FailureKind.WRONG_AUDIENCE, reason, "sign in with an app client that it matches")


def _check_scopes(evidence: CognitoEvidence) -> Finding:
    """Ask for any one of the method's scopes, where it has some.

    Scopes are separated by one blank each, and compared letter by letter (RFC 6749, section 3.3).
    """
    scopes, payload = evidence.scopes, evidence.token.payload
    if not scopes:
        return None
    if failure := require_text(payload, "scope"):
        return failure
    granted = payload["scope"]
    if set(granted.split(" ")).difference({""}).intersection(scopes):
        return None
    reason = f"access token has scope {quote(granted)}, the method asks for any of {list_some(scopes)}"
    return Failure(FailureKind.MISSING_SCOPE, reason, "ask the token endpoint for one")


CHECKS: Final[tuple[Check[CognitoEvidence], ...]] = (
    Check("header", _check_header),
    Check("form", check_form),
    Check("algorithm", check_algorithm),
    Check("contents", check_contents),
    Check("issuer", _check_issuer),
    Check("key", _check_key),
    Check("signature", check_signature),
    Check("kind", _check_kind),
    Check("subject", _check_subject),
    Check("start", _check_start),
    Check("client", _check_client),
    Check("scopes", _check_scopes),
    Check("expiry", check_expiry),
)
"""In the order in which they are made.

The signature comes before every claim that decides, so that a forger learns nothing of the rules. Expiry
comes last: only a caller whose token is good in all else learns that it has expired.
"""
