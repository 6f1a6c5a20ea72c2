"""The tokens that cases send, by name: real ones of the stack's user pools, and forgeries of them.

What only the pool's private key can sign (`signed_token`, an expired token at once) is there where the pool
is a local one.
"""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property
from typing import Any, Final, Protocol
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from tests.tokens import TokenSigner, decode_part, encode_json, make_rsa_key

TWO_HOURS: Final = 7200


class PoolKeys(Protocol):
    """A user pool's private keys, where they are at hand."""

    def sign(self, token: str, payload: Mapping[str, Any]) -> str:
        """Sign a payload with the key that has signed the token."""


class Person:
    """A user of a pool, signed in through its app clients by password."""

    def __init__(self, cognito: Any, user_pool_id: str) -> None:
        self.name = f"conformance-{secrets.token_hex(6)}"
        self._cognito = cognito
        self._user = {"UserPoolId": user_pool_id, "Username": self.name}
        self._password = f"Aa1!{secrets.token_urlsafe(12)}"
        email = {"Name": "email", "Value": f"{self.name}@example.com"}
        verified = {"Name": "email_verified", "Value": "true"}
        cognito.admin_create_user(**self._user, UserAttributes=[email, verified], MessageAction="SUPPRESS")
        cognito.admin_set_user_password(**self._user, Password=self._password, Permanent=True)
        for group in cognito.list_groups(UserPoolId=user_pool_id)["Groups"]:
            cognito.admin_add_user_to_group(**self._user, GroupName=group["GroupName"])

    def sign_in(self, client_id: str) -> Mapping[str, str]:
        """Return `IdToken`, `AccessToken` and `RefreshToken`."""
        response = self._cognito.initiate_auth(
            ClientId=client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": self.name, "PASSWORD": self._password},
        )
        tokens: Mapping[str, str] = response["AuthenticationResult"]
        return tokens

    def sign_out(self) -> None:
        """Sign out everywhere."""
        self._cognito.admin_user_global_sign_out(**self._user)

    def disable(self) -> None:
        """Keep the user from signing in again."""
        self._cognito.admin_disable_user(**self._user)

    def delete(self) -> None:
        """Delete the user, if it is still there."""
        with suppress(self._cognito.exceptions.UserNotFoundException):
            self._cognito.admin_delete_user(**self._user)


class Tokens:
    """The tokens of one stack. What they need is made when first asked for and deleted by `close`."""

    def __init__(
        self, cognito: Any, outputs: Mapping[str, str], token_endpoint: str, keys: PoolKeys | None
    ) -> None:
        self._cognito = cognito
        self._outputs = outputs
        self._token_endpoint = token_endpoint
        self._keys = keys
        self._people: list[Person] = []
        self._found: dict[str, str | None] = {}
        self._names: dict[str, Callable[[], str | None]] = {
            "id_token": lambda: self._signed_in["IdToken"],
            "access_token": lambda: self._signed_in["AccessToken"],
            "refresh_token": lambda: self._signed_in["RefreshToken"],
            "second_client_id_token": self._second_client_id_token,
            "signed_out_id_token": lambda: self._id_token_of_one_who_then(Person.sign_out),
            "disabled_id_token": lambda: self._id_token_of_one_who_then(Person.disable),
            "other_pool_id_token": self._other_pool_id_token,
            "machine_read_token": lambda: self._machine_token("conformance/read"),
            "machine_write_token": lambda: self._machine_token("conformance/write"),
            "expired_id_token": lambda: self._expired("IdToken"),
            "expired_access_token": lambda: self._expired("AccessToken"),
            "tampered_id_token": lambda: _tamper(self._signed_in["IdToken"]),
            "tampered_expired_id_token": lambda: _tamper_found(self.find("expired_id_token")),
            "forged_id_token": lambda: _forge(self._signed_in["IdToken"]),
            "foreign_id_token": lambda: _forge(self._signed_in["IdToken"], iss="https://issuer.example"),
            "unsigned_id_token": lambda: _unsign(self._signed_in["IdToken"]),
        }

    def find(self, name: str, claims: Mapping[str, Any] | None = None) -> str | None:
        """Return the token of a name, or None where there can be none; `claims` are for `signed_token`."""
        if name == "signed_token":
            return self._sign(claims or {})
        if name not in self._found:
            self._found[name] = self._names[name]()
        return self._found[name]

    def close(self) -> None:
        """Delete everybody who was made for a token."""
        for person in self._people:
            person.delete()

    @cached_property
    def _signed_in(self) -> Mapping[str, str]:
        return self._new_person("UserPoolId").sign_in(self._outputs["UserPoolClientId"])

    def _new_person(self, pool: str) -> Person:
        person = Person(self._cognito, self._outputs[pool])
        self._people.append(person)
        return person

    def _second_client_id_token(self) -> str:
        return self._new_person("UserPoolId").sign_in(self._outputs["SecondClientId"])["IdToken"]

    def _other_pool_id_token(self) -> str:
        return self._new_person("OtherUserPoolId").sign_in(self._outputs["OtherUserPoolClientId"])["IdToken"]

    def _id_token_of_one_who_then(self, leave: Callable[[Person], None]) -> str:
        person = self._new_person("UserPoolId")
        token = person.sign_in(self._outputs["UserPoolClientId"])["IdToken"]
        leave(person)
        return token

    def _machine_token(self, scope: str) -> str:
        client_id = self._outputs["MachineClientId"]
        client = self._cognito.describe_user_pool_client(
            UserPoolId=self._outputs["UserPoolId"], ClientId=client_id
        )["UserPoolClient"]
        credentials = base64.b64encode(f"{client_id}:{client['ClientSecret']}".encode()).decode()
        request = Request(  # noqa: S310 - the stack's own endpoint
            self._token_endpoint,
            urlencode({"grant_type": "client_credentials", "scope": scope}).encode(),
            {"Authorization": f"Basic {credentials}", "Content-Type": "application/x-www-form-urlencoded"},
        )
        with urlopen(request, timeout=10) as response:  # noqa: S310 - as above
            return str(json.load(response)["access_token"])

    def _expired(self, kind: str) -> str:
        """Return a token that has expired: two hours ago or, without the keys to sign one, when it does."""
        token = self._signed_in[kind]
        payload = decode_part(token, 1)
        if self._keys is None:
            while time.time() <= payload["exp"]:
                time.sleep(1)
            return token
        times = {name: payload[name] - TWO_HOURS for name in ("auth_time", "iat", "exp")}
        return self._keys.sign(token, payload | times)

    def _sign(self, claims: Mapping[str, Any]) -> str | None:
        if self._keys is None:
            return None
        token = self._signed_in["IdToken"]
        return self._keys.sign(token, decode_part(token, 1) | dict(claims))


def _tamper(token: str) -> str:
    """Return the token with a letter in the middle of its signature changed."""
    position = (token.rindex(".") + len(token)) // 2
    return token[:position] + ("A" if token[position] != "A" else "B") + token[position + 1 :]


def _tamper_found(token: str | None) -> str | None:
    return None if token is None else _tamper(token)


def _forge(token: str, **claims: Any) -> str:
    """Return a token of the same header, signed with a key that nobody knows."""
    payload = decode_part(token, 1) | claims
    forger = TokenSigner(payload["iss"], decode_part(token, 0)["kid"], key=make_rsa_key("forger"))
    return forger.sign(payload)


def _unsign(token: str) -> str:
    """Return a token that says of itself that it needs no signature."""
    return f"{encode_json(decode_part(token, 0) | {'alg': 'none'})}.{token.split('.')[1]}."
