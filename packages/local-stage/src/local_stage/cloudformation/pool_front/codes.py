"""Codes that confirm a new user, a new password or an address: random, for a while, and told in the log.

MiniStack gives everybody the same ones, and verifies no address; the local pool sends nothing.
https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_VerifyUserAttribute.html
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ForgotPassword.html
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AccountRecoverySettingType.html
https://docs.aws.amazon.com/cognito/latest/developerguide/limits.html#limits-hard
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from local_stage.cloudformation.pool_front.accounts import (
    RefusalError,
    User,
    invalid_parameter,
    not_authorized,
    read_pairs,
    unknown_client,
)
from local_stage.cloudformation.pool_front.exchange import Call, Next, Reply
from local_stage.cloudformation.pool_front.local_pools import LocalPools
from local_stage.cloudformation.pool_front.self_sign_up import mask
from local_stage.cloudformation.pool_front.sent_codes import MOST_WRONG, is_same, make_code, tell_code
from local_stage.cloudformation.pool_front.triggers.trigger_call import CALL
from local_stage.cloudformation.pool_front.user_factors import UserFactors

_SIGN_UP: Final = "confirm the sign-up"
_PASSWORD: Final = "replace the forgotten password"  # noqa: S105 - what a code is for
_SENT_BY: Final[Mapping[str, str]] = {
    "AdminResetUserPassword": _PASSWORD,
    "ForgotPassword": _PASSWORD,
    "ResendConfirmationCode": _SIGN_UP,
    "SignUp": _SIGN_UP,
}
_CONFIRMED_BY: Final[Mapping[str, str]] = {"ConfirmForgotPassword": _PASSWORD, "ConfirmSignUp": _SIGN_UP}
_OF_THE_POOL: Final[Mapping[str, str]] = {"ConfirmForgotPassword": "654321", "ConfirmSignUp": "123456"}
"""What MiniStack itself asks for; the front puts it in place of a code that is right."""
_ADDRESSES: Final = ("email", "phone_number")
_HOUR: Final = 3600.0
_LIVES: Final[Mapping[str, float]] = {_PASSWORD: _HOUR}
"""Seconds for which a code is good, a day where nothing stands here."""
_NO_RECOVERY: Final = frozenset({"EXTERNAL_PROVIDER", "FORCE_CHANGE_PASSWORD"})
"""The users whose passwords are not theirs to replace."""
_NOBODYS: Final = "****"
"""What MiniStack says of a name that is no address and that nobody has."""

type _Key = tuple[str, ...]
"""A pool's id, a user's `sub`, what the code is for, and the addresses that it may have gone to."""


@dataclass(slots=True)
class _Code:
    text: str
    ends_at: float
    wrong: int = 0


class Codes:
    """Makes a code wherever Cognito sends one, and lets none but that confirm anything."""

    def __init__(
        self, pools: LocalPools, factors: UserFactors, clock: Callable[[], float], tell: Callable[[str], None]
    ) -> None:
        """`clock` gives seconds that never go back; `tell` gets a sentence with each code."""
        self._pools = pools
        self._factors = factors
        self._clock = clock
        self._tell = tell
        self._codes: dict[_Key, _Code] = {}
        self._wanted: dict[_Key, str] = {}
        """The addresses that users have given and not verified yet, by pool, `sub` and attribute."""

    async def __call__(self, call: Call, go_on: Next) -> Reply:
        """Return the pool's reply. Raises RefusalError for a code that is not good."""
        if call.operation in _CONFIRMED_BY:
            return await self._confirm(call, go_on, _CONFIRMED_BY[call.operation])
        if call.operation == "GetUserAttributeVerificationCode":
            return await self._send(call)
        if call.operation == "VerifyUserAttribute":
            return await self._verify(call)
        if call.operation == "ForgotPassword" and (refused := await self._check_recovery(call)):
            return refused
        if call.operation == "UpdateUserAttributes":
            return await self._change(call, go_on)
        reply = await go_on(call)
        if reply.refusal is None and call.pool is not None and call.operation in _SENT_BY:
            await self._issue_by_name(call, call.pool, reply)
        return reply

    async def _check_recovery(self, call: Call) -> Reply | None:
        """Return the reply to who has forgotten a password and gets no code, None where the pool replies.

        Raises RefusalError where the app client may tell that there is such a user.
        """
        client, name = call.client, call.find_text("Username")
        if client is None:
            return None
        client.check_secret_hash(name, call.find_text("SecretHash"))
        user = await self._pools.find_user(client.pool_id, name)
        if user is None:
            return None
        addresses = [*_list_addresses(client.pool, _PASSWORD)]
        used = await self._factors.list_addresses(client, user)
        if user.status not in _NO_RECOVERY and any(
            _is_verified(user, one) for one in addresses if one not in used
        ):
            return None
        if client.settings.get("PreventUserExistenceErrors") == "ENABLED":
            # https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html
            details = {
                "Destination": mask(name) if "@" in name else _NOBODYS,
                "DeliveryMedium": "EMAIL",
                "AttributeName": "email",
            }
            if begun := CALL.get():
                begun.sends_nothing = True
            return Reply.of({"CodeDeliveryDetails": details})
        if user.status in _NO_RECOVERY:
            raise not_authorized("User password cannot be reset in the current state.")
        if not addresses:
            raise not_authorized("Contact administrator to reset password.")
        why = "Cannot reset password for the user as there is no registered/verified email or phone_number"
        raise invalid_parameter(why)

    async def _issue_by_name(self, call: Call, pool: Mapping[str, Any], reply: Reply) -> None:
        purpose = _SENT_BY[call.operation]
        user = await self._pools.find_user(str(pool["Id"]), call.find_text("Username"))
        if user is None or reply.content.get("UserConfirmed") is True:
            return
        if any(user.attributes.get(name) for name in _list_addresses(pool, purpose)):
            self._issue(_find_key(pool, user, purpose), user)

    async def _change(self, call: Call, go_on: Next) -> Reply:
        """Return the reply to a user's change, with the addresses to which Cognito would send a code.

        An address that is to be verified first stays as it is until then.
        """
        owner, pool = await self._find_owner(call)
        changed = read_pairs(call.parameters.get("UserAttributes"))
        addresses = [name for name in _ADDRESSES if changed.get(f"{name}_verified") == "false"]
        settings = pool.get("UserAttributeUpdateSettings") or {}
        first = settings.get("AttributesRequireVerificationBeforeUpdate") or ()
        wanted = {name: changed[name] for name in addresses if name in first and changed[name]}
        left_out = {*wanted, *(f"{name}_verified" for name in wanted)}
        written = [{"Name": name, "Value": text} for name, text in changed.items() if name not in left_out]
        reply = await go_on(call.change("UserAttributes", written))
        if reply.refusal is not None:
            return reply
        details, owner = [], replace(owner, attributes={**owner.attributes, **changed})
        for name in changed:
            self._wanted.pop((str(pool["Id"]), owner.sub, name), None)
        for name in addresses:
            if name in wanted:
                self._wanted[str(pool["Id"]), owner.sub, name] = wanted[name]
            if name in wanted or name in _list_addresses(pool, _SIGN_UP):
                self._issue(_find_key(pool, owner, _verifying(name)), owner)
                details.append(_describe(name, owner))
        return reply.change({**reply.content, "CodeDeliveryDetailsList": details})

    def _issue(self, key: _Key, user: User) -> None:
        now = self._clock()
        self._codes = {one: code for one, code in self._codes.items() if code.ends_at > now}
        text = make_code()
        self._codes[key] = _Code(text, now + _LIVES.get(key[2], 24 * _HOUR))
        self._tell(tell_code(user, key[2], text))

    def _take(self, key: _Key, sent: str) -> _Code:
        """Return a code that is right, which then is there no more.

        Raises RefusalError for one that is wrong, that has ended, or that was guessed at too often.
        """
        code = self._codes.get(key)
        if code is None or self._clock() >= code.ends_at:
            why = "Invalid code provided, please request a code again."
            raise RefusalError("ExpiredCodeException", why)
        if code.wrong >= MOST_WRONG:
            why = "Attempt limit exceeded, please try after some time."
            raise RefusalError("LimitExceededException", why)
        if not is_same(code.text, sent):
            code.wrong += 1
            why = "Invalid verification code provided, please try again."
            raise RefusalError("CodeMismatchException", why)
        return self._codes.pop(key)

    async def _confirm(self, call: Call, go_on: Next, purpose: str) -> Reply:
        client, name = call.client, call.find_text("Username")
        if client is None:
            raise unknown_client(call.find_text("ClientId"))
        client.check_secret_hash(name, call.find_text("SecretHash"))
        user = await self._pools.find_user(client.pool_id, name)
        if user is None or (purpose == _SIGN_UP and user.status != "UNCONFIRMED"):
            # MiniStack says what there is to say, and gets no code that it would take.
            return await go_on(call.change("ConfirmationCode", "-"))
        key = _find_key(client.pool, user, purpose)
        code, is_confirmed = self._take(key, call.find_text("ConfirmationCode")), False
        try:
            reply = await go_on(call.change("ConfirmationCode", _OF_THE_POOL[call.operation]))
            is_confirmed = reply.refusal is None
        finally:
            if not is_confirmed:
                self._codes.setdefault(key, code)
        if is_confirmed:
            for address in _list_addresses(client.pool, purpose):
                if purpose == _SIGN_UP and user.attributes.get(address):
                    await self._set_verified(client.pool, user, address)
                    break
        return reply

    async def _send(self, call: Call) -> Reply:
        """Return the reply to a user who wants to verify an address."""
        owner, pool = self._with_wanted(*await self._find_owner(call))
        name = call.find_text("AttributeName")
        if name not in _ADDRESSES or not owner.attributes.get(name):
            raise invalid_parameter(f"User has no {ascii(name)[1:-1]} that a code could be sent to.")
        self._issue(_find_key(pool, owner, _verifying(name)), owner)
        return Reply.of({"CodeDeliveryDetails": _describe(name, owner)})

    async def _verify(self, call: Call) -> Reply:
        owner, pool = self._with_wanted(*await self._find_owner(call))
        name = call.find_text("AttributeName")
        self._take(_find_key(pool, owner, _verifying(name)), call.find_text("Code"))
        self._wanted.pop((str(pool["Id"]), owner.sub, name), None)
        await self._set_verified(pool, owner, name)
        return Reply.of({})

    def _with_wanted(self, owner: User, pool: Mapping[str, Any]) -> tuple[User, Mapping[str, Any]]:
        """Return a user with the addresses that are still to be verified, and the pool."""
        keys = {name: (str(pool["Id"]), owner.sub, name) for name in _ADDRESSES}
        wanted = {name: self._wanted[key] for name, key in keys.items() if key in self._wanted}
        return replace(owner, attributes={**owner.attributes, **wanted}), pool

    async def _set_verified(self, pool: Mapping[str, Any], user: User, name: str) -> None:
        verified = {"Name": f"{name}_verified", "Value": "true"}
        address = {"Name": name, "Value": user.attributes[name]}
        named = {"UserPoolId": str(pool["Id"]), "Username": user.name}
        await self._pools.order("AdminUpdateUserAttributes", UserAttributes=[address, verified], **named)

    async def _find_owner(self, call: Call) -> tuple[User, Mapping[str, Any]]:
        """Return whose access token is sent, and the pool. Raises RefusalError."""
        owner = await self._pools.find_owner(call.find_text("AccessToken"))
        if call.pool is None:
            raise RefusalError("ResourceNotFoundException", "User pool does not exist.")
        return owner, call.pool


def _find_key(pool: Mapping[str, Any], user: User, purpose: str) -> _Key:
    """Return the key of a user's code, which is another one as soon as the address is another."""
    addresses = [
        user.attributes.get(name, "")
        for name in _ADDRESSES
        if purpose in {_SIGN_UP, _PASSWORD, _verifying(name)}
    ]
    return (str(pool["Id"]), user.sub, purpose, *addresses)


def _verifying(name: str) -> str:
    return f"verify {name}"


def _list_addresses(pool: Mapping[str, Any], purpose: str) -> Iterator[str]:
    """Yield the attributes to which a code is sent: those that the pool verifies, or recovers by."""
    verified = pool.get("AutoVerifiedAttributes") or ()
    setting = pool.get("AccountRecoverySetting") or {}
    mechanisms = [one.get("Name") for one in setting.get("RecoveryMechanisms") or ()]
    for name in _ADDRESSES:
        recovers = not mechanisms or f"verified_{name}" in mechanisms
        if recovers if purpose == _PASSWORD else name in verified:
            yield name


def _is_verified(user: User, name: str) -> bool:
    return bool(user.attributes.get(name)) and user.attributes.get(f"{name}_verified") == "true"


def _describe(name: str, user: User) -> dict[str, str]:
    medium = "EMAIL" if name == "email" else "SMS"
    destination = mask(user.attributes.get(name, ""))
    return {"Destination": destination, "DeliveryMedium": medium, "AttributeName": name}
