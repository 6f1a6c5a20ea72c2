"""Why a decision went against a request, and what to do: for somebody who sees tokens for the first time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from local_stage.api_gateway.authorizers.cognito import IdentitySourceError
from local_stage.explanation.decoded_token import name_user_pool
from local_stage.explanation.described_step import Scene
from local_stage.jwt.jwks import KeysUnavailableError
from local_stage.jwt.token_error import (
    ExpiredTokenError,
    InvalidSignatureError,
    MalformedTokenError,
    MissingScopeError,
    TokenError,
    UnknownIssuerError,
    UnknownKeyError,
    WrongTokenUseError,
)

OWN_SCOPE: Final = "aws.cognito.signin.user.admin"
"""The one scope of the access tokens that InitiateAuth gives."""

_EMPTY: Final = frozenset({"null", "None", "undefined"})
"""What programs write where there is no token."""
_SCHEMES: Final = frozenset({"Bearer", "bearer"})

type Refusal = TokenError | KeysUnavailableError
type Described = tuple[str, str]
"""Why, and the remedy in one sentence."""


def describe_failure(error: Refusal, scene: Scene) -> Described:
    """Return why the token is refused, and the remedy in one sentence."""
    describe = _DESCRIPTIONS.get(type(error), _repeat)
    return describe(error, scene)


def _repeat(error: Refusal, _: Scene) -> Described:
    why, remedy = error.reason.rsplit("; ", 1)
    return why, f"{remedy[:1].upper()}{remedy[1:]}."


def _describe_header(error: IdentitySourceError, scene: Scene) -> Described:
    words = _last_words(scene)
    described = _describe_no_token(scene)
    if described is None and words and words[0] not in _SCHEMES:
        remedy = f"Send {scene.authorizer.identity_source}: Bearer <token>, or the token alone."
        return _repeat(error, scene)[0], remedy
    return described or _repeat(error, scene)


def _describe_malformed(error: MalformedTokenError, scene: Scene) -> Described:
    return _describe_no_token(scene) or _repeat(error, scene)


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


def _describe_kind(error: WrongTokenUseError, scene: Scene) -> Described:
    if error.expected == "id":
        why = "an access token; the route has no scopes, so API Gateway takes ID tokens only"
        remedy = "Send the ID token of the same sign-in (IdToken beside AccessToken)"
        return why, f"{remedy}, or set AuthorizationScopes on a route that is meant for access tokens."
    why = f"an ID token; the route has {_scopes(scene)}, so API Gateway takes access tokens only"
    remedy = (
        f"Send an access token with {_scopes(scene)}: the token endpoint gives one, InitiateAuth does not."
    )
    return why, remedy


def _describe_scope(error: MissingScopeError, scene: Scene) -> Described:
    if error.actual != OWN_SCOPE:
        return _repeat(error, scene)
    why = f"an access token of InitiateAuth, which only ever has the scope {OWN_SCOPE}"
    remedy = f"Get one with {_scopes(scene)} from the token endpoint"
    return (
        f"{why}; the route asks for {_scopes(scene)}",
        f"{remedy}: by client_credentials for a machine, by the login page's code for a person.",
    )


def _describe_issuer(error: UnknownIssuerError, scene: Scene) -> Described:
    actual = name_user_pool(error.actual)
    if not scene.issuers:
        return f"the issuer {actual} is no user pool's", "Send a token that a user pool has issued."
    why = f"a token of the user pool {actual}; the authorizer accepts {scene.pools}"
    return why, f"Sign in to {scene.pools}: a pool that was made anew has another id, and other keys."


def _describe_key(error: UnknownKeyError, scene: Scene) -> Described:
    why, _ = _repeat(error, scene)
    return why, "Sign in again; if that does not help, the token is not of the pool that it names."


def _describe_signature(_: InvalidSignatureError, __: Scene) -> Described:
    why = (
        "not the user pool's signature of this very token: some of it was changed or cut off, or it is forged"
    )
    return why, "Send the token unchanged and whole, as the user pool has issued it."


def _describe_expiry(_: ExpiredTokenError, scene: Scene) -> Described:
    why = f"it was good until {scene.token.describe_time('exp', scene.now)}"
    return why, "Sign in again, or get a new token with the refresh token."


def _last_words(scene: Scene) -> list[str]:
    return scene.sent[-1].split() if scene.sent else []


def _scopes(scene: Scene) -> str:
    return f"the scope {' or '.join(scene.scopes)}"


_DESCRIPTIONS: Final[Mapping[type[Exception], Callable[[Any, Scene], Described]]] = {
    IdentitySourceError: _describe_header,
    MalformedTokenError: _describe_malformed,
    WrongTokenUseError: _describe_kind,
    MissingScopeError: _describe_scope,
    UnknownIssuerError: _describe_issuer,
    UnknownKeyError: _describe_key,
    InvalidSignatureError: _describe_signature,
    ExpiredTokenError: _describe_expiry,
}
