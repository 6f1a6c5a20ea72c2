"""The checks of a JWT authorizer, in their order: whether an issuer's token is good for a route.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

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
from local_stage.jwt.judgement import Check, Evidence, Failure, FailureKind, Finding

_SENT: Final = re.compile(r"(?:Bearer )?([!-+\--~]+)")
"""The bare token and `Bearer <token>` are good (documented); `bearer` is unverified, and refused."""

_HEADER: Final = "header"
_IDENTITY_SOURCE: Final = re.compile(
    r"\$request\.(?P<position>header|querystring)\.(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+)"
)


@dataclass(frozen=True, slots=True)
class TokenSource:
    """Where the token stands in a request: `$request.header.NAME` or `$request.querystring.NAME`."""

    position: str
    name: str

    @classmethod
    def parse(cls, expression: str) -> TokenSource | None:
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


AUTHORIZATION: Final = TokenSource(_HEADER, "Authorization")


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


def _check_issuer(evidence: JwtEvidence) -> Finding:
    """Ask for the one issuer that is accepted, to the letter."""
    failure = check_issuer(evidence)
    if not isinstance(failure, Failure) or failure.kind is not FailureKind.UNKNOWN_ISSUER:
        return failure
    accepted, issuer = list_some([*(evidence.key_sets or ())]), evidence.token.payload.get("iss")
    reason = f"token of another issuer (iss {quote(issuer)}): the authorizer accepts {accepted}"
    return Failure(
        failure.kind, reason, "get a token of that issuer; each letter counts, and a slash at the end"
    )


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


def _check_kind(evidence: JwtEvidence) -> Finding:
    """Refuse a refresh token, which is signed where the local AWS issues it and encrypted on AWS.

    Between ID and access tokens a JWT authorizer makes no difference.
    """
    if evidence.token.payload.get("token_use") != "refresh":
        return None
    return Failure(FailureKind.MALFORMED, "this is a refresh token", "send the ID or access token")


CHECKS: Final[tuple[Check[JwtEvidence], ...]] = (
    Check("header", _check_identity_source),
    Check("form", check_form),
    Check("algorithm", check_algorithm),
    Check("contents", check_contents),
    Check("issuer", _check_issuer),
    Check("key", check_key),
    Check("signature", check_signature),
    Check("kind", _check_kind),
    Check("client", _check_audience),
    Check("start", check_not_before),
    Check("expiry", check_expiry),
    Check("scopes", _check_scopes),
)
"""In the order in which they are made: scopes come last, as only a caller who is known gets 403.

The ID token of a pool opens a route without scopes as its access token does.
"""


def find_scopes(payload: Mapping[str, Any]) -> list[str]:
    """Return the scopes of a token: those of `scope`, parted by blanks, or of `scp`, a text or a list.

    That `scp` counts only without `scope` is unverified.
    """
    value = payload.get("scope", payload.get("scp"))
    named = value if isinstance(value, list) else str(value or "").split(" ")
    return [scope for scope in named if isinstance(scope, str) and scope]
