"""An app client and a user as the pool describes them, and the refusal that they may meet."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class RefusalError(Exception):
    """A guard refuses a call: `kind` is the name of Cognito's exception, `message` is its text."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


def not_authorized(message: str) -> RefusalError:
    """Return the refusal of who may not."""
    return RefusalError("NotAuthorizedException", message)


def invalid_parameter(message: str) -> RefusalError:
    """Return the refusal of what makes no sense."""
    return RefusalError("InvalidParameterException", message)


def unknown_client(client_id: str) -> RefusalError:
    """Return the refusal of an app client that is not there."""
    return RefusalError("ResourceNotFoundException", f"User pool client {client_id} does not exist.")


def missing(name: str) -> RefusalError:
    """Return the refusal of a call without a parameter that it needs (recorded)."""
    return invalid_parameter(f"Missing required parameter {name}")


@dataclass(frozen=True, slots=True)
class AppClient:
    """An app client and its pool, each as Cognito describes it."""

    pool: Mapping[str, Any]
    settings: Mapping[str, Any]

    @property
    def pool_id(self) -> str:
        """The id of the pool."""
        return str(self.pool["Id"])

    @property
    def client_id(self) -> str:
        """The id of the app client."""
        return str(self.settings["ClientId"])

    @property
    def secret(self) -> str | None:
        """The secret, where it has one."""
        return self.settings.get("ClientSecret") or None

    @property
    def flows(self) -> frozenset[str]:
        """The ExplicitAuthFlows, by their new names or their old ones."""
        return frozenset(self.settings.get("ExplicitAuthFlows") or ())

    @property
    def may_ask_for_factor(self) -> bool:
        """Whether the pool asks anybody for a second factor."""
        return (self.pool.get("MfaConfiguration") or "OFF") != "OFF"

    @property
    def asks_everybody(self) -> bool:
        """Whether the pool asks everybody for a second factor: what is not known counts as that."""
        return self.may_ask_for_factor and self.pool.get("MfaConfiguration") != "OPTIONAL"

    @property
    def grace(self) -> int | None:
        """Seconds for which a rotated refresh token stays good, or None where refresh tokens do not rotate.

        https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RefreshTokenRotationType.html
        """
        rotation = self.settings.get("RefreshTokenRotation") or {}
        rotates = rotation.get("Feature") == "ENABLED"
        return int(rotation.get("RetryGracePeriodSeconds") or 0) if rotates else None

    def has_secret(self, sent: str) -> bool:
        """Say whether the client's secret is sent; one without a secret needs none."""
        return self.secret is None or hmac.compare_digest(self.secret.encode(), sent.encode())

    def hash_secret(self, username: str) -> str:
        """Return the SECRET_HASH for a user's name.

        https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash
        """
        digest = hmac.digest((self.secret or "").encode(), f"{username}{self.client_id}".encode(), "sha256")
        return base64.b64encode(digest).decode()

    def check_secret_hash(self, username: str, sent: str) -> None:
        """Raise RefusalError where the client has a secret, and the hash is missing or wrong."""
        if self.secret is None:
            return
        if not sent:
            why = f"Client {self.client_id} is configured with secret but SECRET_HASH was not received"
            raise not_authorized(why)
        if not hmac.compare_digest(self.hash_secret(username).encode(), sent.encode()):
            why = f"Unable to verify secret hash for client {self.client_id}"
            raise not_authorized(why)


@dataclass(frozen=True, slots=True)
class User:
    """A user of a pool: `name` is what the pool calls them, `sub` never changes and is nobody else's.

    `created_at` is in Unix seconds.
    """

    name: str
    sub: str
    status: str
    is_enabled: bool
    attributes: Mapping[str, str] = field(default_factory=dict)
    created_at: float = 0.0

    @classmethod
    def read(cls, described: Mapping[str, Any]) -> User:
        """Return the user that AdminGetUser, GetUser or ListUsers describes."""
        attributes = read_pairs(described.get("UserAttributes") or described.get("Attributes"))
        name = str(described["Username"])
        status, is_enabled = str(described.get("UserStatus", "")), described.get("Enabled") is not False
        created_at = float(described.get("UserCreateDate") or 0)
        return cls(name, attributes.get("sub", name), status, is_enabled, attributes, created_at)


def read_pairs(value: Any) -> dict[str, str]:
    """Return what a list of `Name` and `Value` holds; of several of one name, the first."""
    pairs = [one for one in value or () if isinstance(one, dict)]
    return {str(one.get("Name")): str(one.get("Value", "")) for one in reversed(pairs)}
