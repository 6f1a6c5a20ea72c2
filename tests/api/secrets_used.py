"""Everything that a run has said to Cognito, or heard from it, and that no log may repeat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

PASSWORDS = frozenset({"Password", "PASSWORD", "ClientSecret", "SECRET_HASH"})
TOKENS = frozenset({"IdToken", "AccessToken", "RefreshToken", "REFRESH_TOKEN", "Token", "Session"})
NAMES = frozenset({"Username", "USERNAME"})
IMPERSONAL_ATTRIBUTES = frozenset({"sub", "email_verified"})
"""The stage logs `sub`, and nothing else of a person."""


class SecretsUsed:
    """Listens to a client of Cognito; `passwords`, `tokens` and `personal` grow while the run goes on."""

    def __init__(self) -> None:
        self.passwords: set[str] = set()
        self.tokens: set[str] = set()
        self.personal: set[str] = set()
        self._by_name = {
            **dict.fromkeys(PASSWORDS, self.passwords),
            **dict.fromkeys(TOKENS, self.tokens),
            **dict.fromkeys(NAMES, self.personal),
        }

    def listen_to(self, cognito: CognitoIdentityProviderClient) -> None:
        """Hear every request's parameters and every answer, by botocore's own events."""
        cognito.meta.events.register("provide-client-params.cognito-idp", self._hear_request)
        cognito.meta.events.register("after-call.cognito-idp", self._hear_answer)

    def _hear_request(self, params: Mapping[str, Any], **_: Any) -> None:
        self._hear(params)

    def _hear_answer(self, parsed: Mapping[str, Any], **_: Any) -> None:
        self._hear(parsed)

    def _hear(self, said: Any) -> None:
        match said:
            case {"Name": str(name), "Value": str(value)} if name not in IMPERSONAL_ATTRIBUTES:
                self.personal.add(value)
            case dict():
                for name, value in said.items():
                    self._keep(name, value)
            case list():
                for value in said:
                    self._hear(value)

    def _keep(self, name: str, value: Any) -> None:
        kept = self._by_name.get(name)
        if isinstance(value, str) and kept is not None:
            kept.add(value)
        else:
            self._hear(value)
