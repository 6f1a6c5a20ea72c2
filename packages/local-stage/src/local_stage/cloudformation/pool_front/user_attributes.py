"""Which attributes a call may write: those of the pool's schema, and a user fewer than an administrator.

MiniStack puts every attribute into the ID token, and knows users by `sub`. The texts are Cognito's, as people
report them.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from local_stage.cloudformation.pool_front.accounts import (
    AppClient,
    RefusalError,
    invalid_parameter,
    not_authorized,
)
from local_stage.cloudformation.pool_front.exchange import Call, Next, Reply
from local_stage.cloudformation.pool_front.local_pools import LocalPools

_CREATIONS: Final = frozenset({"AdminCreateUser", "SignUp"})
_UPDATES: Final = frozenset({"AdminUpdateUserAttributes", "UpdateUserAttributes"})
_DELETIONS: Final = frozenset({"AdminDeleteUserAttributes", "DeleteUserAttributes"})
_ATTRIBUTES: Final = "UserAttributes"
_ADDRESSES: Final = ("email", "phone_number")
_VERIFIED: Final = frozenset(f"{address}_verified" for address in _ADDRESSES)
_DEVELOPERS: Final = "dev:"


class UserAttributes:
    """Lets administrators write what the pool's schema has, and users what their app client may write."""

    def __init__(self, pools: LocalPools) -> None:
        self._pools = pools

    async def __call__(self, call: Call, go_on: Next) -> Reply:
        """Return the pool's reply. Raises RefusalError for an attribute that the caller may not write."""
        if call.operation not in _CREATIONS | _UPDATES | _DELETIONS:
            return await go_on(call)
        names = [*_read(call)]
        if call.operation == "SignUp" and call.pool is not None:
            _check_required(call.pool, names)
        if not names:
            return await go_on(call)
        is_admins = call.operation.startswith("Admin")
        if not is_admins:
            await self._check_client(call)
        if call.pool is None:
            why = f"User pool {call.find_text('UserPoolId')} does not exist."
            raise RefusalError("ResourceNotFoundException", why)
        check_attributes(call.pool, names, is_update=call.operation not in _CREATIONS)
        if call.client is not None and not is_admins:
            _check_writable(call.client, names)
        return await go_on(await self._unverify(call) if call.operation in _UPDATES else call)

    async def _check_client(self, call: Call) -> None:
        """Raise RefusalError where the access token is not good, or the app client is not there."""
        if call.operation != "SignUp":
            await self._pools.find_owner(call.find_text("AccessToken"))
        if call.client is None:
            raise RefusalError("ResourceNotFoundException", "User pool client does not exist.")

    async def _unverify(self, call: Call) -> Call:
        """Return the call with each address that it changes as not verified, unless it says so itself."""
        is_users = call.operation == "UpdateUserAttributes"
        names = ("AccessToken",) if is_users else ("UserPoolId", "Username")
        question = "GetUser" if is_users else "AdminGetUser"
        reply = await self._pools.ask(question, **{name: call.find_text(name) for name in names})
        known = {one["Name"]: one.get("Value") for one in reply.content.get(_ATTRIBUTES, ())}
        written = _read(call)
        unverified = [
            {"Name": f"{address}_verified", "Value": "false"}
            for address in _ADDRESSES
            if address in written and f"{address}_verified" not in written
            if written[address] != known.get(address)
        ]
        return call.change(_ATTRIBUTES, [*call.parameters[_ATTRIBUTES], *unverified])


def check_attributes(pool: Mapping[str, Any], names: Iterable[str], *, is_update: bool = False) -> None:
    """Raise RefusalError for an attribute that nobody may write in a pool, or change once it is there."""
    schema = {one["Name"]: one for one in pool.get("SchemaAttributes") or ()}
    for name in names:
        if name == "sub":
            raise invalid_parameter(f"Cannot modify the non-mutable attribute {name}")
        if name not in schema:
            raise invalid_parameter(f"user.{name}: Attribute does not exist in the schema.\n")
        if is_update and not schema[name].get("Mutable"):
            raise invalid_parameter(f"user.{name}: Attribute cannot be updated.\n")


def _check_required(pool: Mapping[str, Any], names: Iterable[str]) -> None:
    """Raise RefusalError where somebody signs up without what the schema requires.

    A user whom an administrator makes may lack it, and who signs in by address gives that as the name.
    """
    given = {"sub", *names, *(pool.get("UsernameAttributes") or ())}
    for one in pool.get("SchemaAttributes") or ():
        if one.get("Required") and one["Name"] not in given:
            why = f"Attributes did not conform to the schema: {one['Name']}: The attribute is required\n"
            raise invalid_parameter(why)


def _check_writable(client: AppClient, names: Iterable[str]) -> None:
    """Raise RefusalError for an attribute that users do not write by an app client.

    Where the client names none, they write the standard ones:
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html
    """
    writable = client.settings.get("WriteAttributes")
    for name in names:
        is_writable = name in writable if writable else ":" not in name
        if name in _VERIFIED or name.startswith(_DEVELOPERS) or not is_writable:
            raise not_authorized("A client attempted to write unauthorized attribute")


def _read(call: Call) -> dict[str, str]:
    """Return the attributes that a call writes; of one that it deletes the value is empty.

    Raises RefusalError where they have another form.
    """
    if call.operation in _DELETIONS:
        names = call.parameters.get("UserAttributeNames") or []
        given: Any = [{"Name": name, "Value": ""} for name in names] if isinstance(names, list) else names
    else:
        given = call.parameters.get(_ATTRIBUTES) or []
    attributes: dict[str, str] = {}
    for one in given if isinstance(given, list) else [given]:
        name, value = (one.get("Name"), one.get("Value")) if isinstance(one, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(value, str):
            raise RefusalError("SerializationException", "An attribute has a Name and a Value, both text.")
        attributes[name] = value
    return attributes
