"""Which decision it was that went against a token, by the reason that the authorizer gave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from local_stage.api_gateway.authorizers.cognito import IdentitySourceError
from local_stage.explanation.explanation import StepName
from local_stage.jwt.jwks import KeysUnavailableError
from local_stage.jwt.token_error import (
    ExpiredTokenError,
    InvalidClaimError,
    InvalidSignatureError,
    MalformedTokenError,
    MissingScopeError,
    NotYetValidError,
    TokenError,
    UnknownIssuerError,
    UnknownKeyError,
    UnsupportedHeaderError,
    WrongAudienceError,
    WrongTokenUseError,
)

_STEPS: Final[Mapping[type[Exception], StepName]] = {
    IdentitySourceError: StepName.HEADER,
    UnsupportedHeaderError: StepName.ALGORITHM,
    UnknownIssuerError: StepName.ISSUER,
    KeysUnavailableError: StepName.KEY,
    UnknownKeyError: StepName.KEY,
    InvalidSignatureError: StepName.SIGNATURE,
    WrongTokenUseError: StepName.KIND,
    NotYetValidError: StepName.START,
    WrongAudienceError: StepName.CLIENT,
    MissingScopeError: StepName.SCOPES,
    ExpiredTokenError: StepName.EXPIRY,
}
_CLAIMS: Final[Mapping[str, StepName]] = {
    "iss": StepName.ISSUER,
    "token_use": StepName.KIND,
    "sub": StepName.SUBJECT,
    "iat": StepName.START,
    "nbf": StepName.START,
    "auth_time": StepName.START,
    "aud": StepName.CLIENT,
    "client_id": StepName.CLIENT,
    "scope": StepName.SCOPES,
    "exp": StepName.EXPIRY,
}


def find_failed_step(error: TokenError | KeysUnavailableError) -> StepName:
    """Return the decision that raised this error. Raises KeyError for one that nobody has placed yet."""
    match error:
        case InvalidClaimError():
            return _CLAIMS[error.claim]
        case MalformedTokenError():
            return StepName.CONTENTS if error.part in {"payload", "signature"} else StepName.FORM
    return _STEPS[type(error)]
