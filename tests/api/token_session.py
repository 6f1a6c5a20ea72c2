"""A caller's tokens, renewed before they expire, so that a suite may run for longer than they live."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
from mypy_boto3_cognito_idp.type_defs import AuthenticationResultTypeTypeDef

from tests.http_session import new_http_session

RENEWAL_MARGIN = 240.0
"""Seconds before the expiry from which a token is not used any more; Cognito's shortest life is 300."""

type Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Tokens:
    """What Cognito has issued; `lifetime` is in seconds. A machine has an access token only."""

    access: str
    lifetime: float
    id: str | None = None
    refresh: str | None = None


type Issue = Callable[[Tokens | None], Tokens]
"""Gets tokens: the first ones for None, else new ones in place of those given."""


class TokenSession:
    """Gets its first tokens when one is asked for, and new ones in time."""

    def __init__(self, issue: Issue, clock: Clock) -> None:
        self._issue = issue
        self._clock = clock
        self._tokens: Tokens | None = None
        self._renew_at = 0.0

    @property
    def access_token(self) -> str:
        return self.tokens().access

    @property
    def id_token(self) -> str:
        token = self.tokens().id
        assert token is not None, "a machine has no ID token"
        return token

    def tokens(self) -> Tokens:
        """Return tokens that are good for some minutes yet."""
        if self._tokens is None or self._clock() >= self._renew_at:
            asked_at = self._clock()
            self._tokens = self._issue(self._tokens)
            self._renew_at = asked_at + self._tokens.lifetime - RENEWAL_MARGIN
        return self._tokens


def user_session(
    cognito: CognitoIdentityProviderClient, client_id: str, username: str, password: str, clock: Clock
) -> TokenSession:
    """Return the session of a person, who signs in with the password and then uses the refresh token."""

    def issue(old: Tokens | None) -> Tokens:
        if old is None or old.refresh is None:
            parameters = {"USERNAME": username, "PASSWORD": password}
            answer = cognito.initiate_auth(
                AuthFlow="USER_PASSWORD_AUTH", ClientId=client_id, AuthParameters=parameters
            )
            return _read(answer["AuthenticationResult"])
        # Where refresh tokens are rotated, InitiateAuth takes none.
        renewed = cognito.get_tokens_from_refresh_token(RefreshToken=old.refresh, ClientId=client_id)
        return _read(renewed["AuthenticationResult"], refresh=old.refresh)

    return TokenSession(issue, clock)


def machine_session(
    token_endpoint: str, client_id: str, client_secret: str, scope: str, clock: Clock
) -> TokenSession:
    """Return the session of a machine, by client credentials (RFC 6749, section 4.4)."""

    def issue(_: Tokens | None) -> Tokens:
        answer = new_http_session(token_endpoint).post(
            token_endpoint,
            data={"grant_type": "client_credentials", "scope": scope},
            auth=(client_id, client_secret),
            timeout=30,
        )
        answer.raise_for_status()
        issued = answer.json()
        return Tokens(access=issued["access_token"], lifetime=issued["expires_in"])

    return TokenSession(issue, clock)


def _read(result: AuthenticationResultTypeTypeDef, refresh: str | None = None) -> Tokens:
    return Tokens(
        access=result["AccessToken"],
        lifetime=result["ExpiresIn"],
        id=result["IdToken"],
        # Cognito answers a refresh without a new refresh token unless the client rotates them.
        refresh=result.get("RefreshToken", refresh),
    )
