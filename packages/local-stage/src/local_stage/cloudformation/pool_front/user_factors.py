"""The second factors of users: which they have turned on, which one they prefer, and which can be asked for.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa-sms-email-message.html
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SetUserMFAPreference.html
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SetUserPoolMfaConfig.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from local_stage.cloudformation.pool_front.accounts import (
    AppClient,
    RefusalError,
    User,
    invalid_parameter,
    missing,
)
from local_stage.cloudformation.pool_front.exchange import Call, Next, Reply
from local_stage.cloudformation.pool_front.front_state import FrontState, SentFactors
from local_stage.cloudformation.pool_front.local_pools import LocalPools
from local_stage.cloudformation.pool_front.pool_factors import ADDRESSES, complete_email, read_factors
from local_stage.cloudformation.pool_front.refresh_tokens import read_claims
from local_stage.cloudformation.pool_settings import EMAIL, SMS, TOTP

_SETTINGS: Final[Mapping[str, str]] = {
    "SMSMfaSettings": SMS,
    "SoftwareTokenMfaSettings": TOTP,
    "EmailMfaSettings": EMAIL,
}
_SHOWN: Final = ("UserMFASettingList", "PreferredMfaSetting")


class UserFactors:
    """Keeps what users have turned on in MiniStack's place, which keeps nothing about email."""

    def __init__(self, pools: LocalPools, state: FrontState) -> None:
        self._pools = pools
        self._state = state

    async def __call__(self, call: Call, go_on: Next) -> Reply:
        """Return the reply. Raises RefusalError for a factor that the pool or the user does not have."""
        match call.operation:
            case "SetUserMFAPreference":
                return await self._set_own(call)
            case "AdminSetUserMFAPreference":
                pool_id = call.find_text("UserPoolId")
                if user := await self._pools.find_user(pool_id, call.find_text("Username")):
                    return await self._prefer(pool_id, user, call)
                raise RefusalError("UserNotFoundException", "User does not exist.")
            case "GetUser" | "AdminGetUser":
                return self._show(await go_on(call))
            case "SetUserPoolMfaConfig":
                return await go_on(call.replace(complete_email(call.parameters)))
        return await go_on(call)

    def asks(self, client: AppClient, user: User) -> bool:
        """Say whether the pool of an app client asks a user for a second factor.

        A user of another identity provider gives it there.
        """
        if user.status == "EXTERNAL_PROVIDER":
            return False
        return client.asks_everybody or (client.may_ask_for_factor and bool(self.list_enabled(user)))

    def list_enabled(self, user: User) -> list[str]:
        """Return the factors that a user has turned on."""
        factor, sent = self._state.factors.get(user.sub), self._find_sent(user)
        return [*([TOTP] if factor and factor.is_enabled else []), *sent.enabled]

    async def list_to_give(self, pool: Mapping[str, Any], user: User) -> Sequence[str]:
        """Return the factors of which a user has to give one, none where none can be asked for.

        It is the one that the user prefers, or each that is turned on; of who has turned none on, each that
        there is, since an address needs no setting up.
        """
        usable = await self.list_usable(pool, user)
        enabled = self.list_enabled(user)
        preferred = self._find_preferred(user)
        if preferred in enabled and preferred in usable:
            return [preferred]
        return [factor for factor in usable if factor in enabled] if enabled else usable

    async def list_usable(self, pool: Mapping[str, Any], user: User) -> Sequence[str]:
        """Return the factors that a user could give: an app that is set up, and addresses to send to."""
        of_pool = await self.read_pool(pool)
        has = user.attributes.get
        sent = [factor for factor, name in ADDRESSES.items() if factor in of_pool and has(name)]
        return [*([TOTP] if user.sub in self._state.factors else []), *sent]

    def turn_on(self, user: User, factor: str) -> None:
        """Turn one more factor on for a user."""
        self._keep(user, {*self.list_enabled(user), factor}, self._find_preferred(user))

    async def list_addresses(self, client: AppClient, user: User) -> frozenset[str]:
        """Return the attributes with an address to which a user's second factor may be sent.

        A code that replaces a forgotten password does not go there as well, but for a phone number where the
        pool says nothing of recovery:
        https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_cognito.AccountRecovery.html
        """
        if not self.asks(client, user):
            return frozenset()
        factors = set(await self.list_to_give(client.pool, user))
        if not (client.pool.get("AccountRecoverySetting") or {}).get("RecoveryMechanisms"):
            factors.discard(SMS)
        return frozenset(ADDRESSES[factor] for factor in factors if factor in ADDRESSES)

    async def read_pool(self, pool: Mapping[str, Any]) -> frozenset[str]:
        """Return the factors that a pool has turned on."""
        asked = await self._pools.ask("GetUserPoolMfaConfig", UserPoolId=str(pool["Id"]))
        return read_factors(pool, asked.content)

    async def _set_own(self, call: Call) -> Reply:
        token = call.find_text("AccessToken")
        if not token:
            raise missing("AccessToken")
        user = await self._pools.find_owner(token)
        pool_id = str(read_claims(token).get("iss")).rpartition("/")[2]
        return await self._prefer(pool_id, user, call)

    async def _prefer(self, pool_id: str, user: User, call: Call) -> Reply:
        """Set what a call says of each factor, and nothing where one of them cannot be set."""
        settings = {factor: _read(call, name) for name, factor in _SETTINGS.items()}
        chosen = [factor for factor, setting in settings.items() if setting.get("PreferredMfa")]
        if len(chosen) > 1:
            # That there can be one alone is documented, the text is not.
            raise invalid_parameter("Only one MFA factor can be set as preferred.")
        for factor, setting in settings.items():
            if setting.get("Enabled"):
                await self._check_settable(pool_id, user, factor)
        # From here on nobody else changes what the user has turned on.
        enabled, preferred = set(self.list_enabled(user)), self._find_preferred(user)
        for factor, setting in settings.items():
            if setting.get("Enabled"):
                enabled.add(factor)
            elif "Enabled" in setting:
                enabled.discard(factor)
            if setting.get("PreferredMfa") is False and preferred == factor:
                preferred = None
        preferred = chosen[0] if chosen else preferred
        self._keep(user, enabled, preferred if preferred in enabled else None)
        return Reply.of({})

    async def _check_settable(self, pool_id: str, user: User, factor: str) -> None:
        if factor == TOTP:
            if user.sub not in self._state.factors:
                raise invalid_parameter("User has not verified software token mfa")
            return
        pool = await self._pools.find_pool(pool_id)
        if pool is None or factor not in await self.read_pool(pool):
            raise invalid_parameter(f"{factor} is not a second factor of this user pool.")
        if not user.attributes.get(ADDRESSES[factor]):
            # What people report of SMS_MFA.
            raise invalid_parameter(f"User does not have delivery config set to turn on {factor}")

    def _keep(self, user: User, enabled: set[str], preferred: str | None) -> None:
        if factor := self._state.factors.get(user.sub):
            factor.is_enabled, factor.is_preferred = TOTP in enabled, preferred == TOTP
        sent = [one for one in ADDRESSES if one in enabled]
        self._state.sent_factors[user.sub] = SentFactors(sent, None if preferred == TOTP else preferred)
        self._state.save()

    def _find_sent(self, user: User) -> SentFactors:
        return self._state.sent_factors.get(user.sub) or SentFactors()

    def _find_preferred(self, user: User) -> str | None:
        factor = self._state.factors.get(user.sub)
        return TOTP if factor and factor.is_preferred else self._find_sent(user).preferred

    def _show(self, reply: Reply) -> Reply:
        if reply.refusal is not None:
            return reply
        user = User.read(reply.content)
        enabled, preferred = self.list_enabled(user), self._find_preferred(user)
        others = {name: value for name, value in reply.content.items() if name not in _SHOWN}
        shown = {name: value for name, value in zip(_SHOWN, (enabled, preferred), strict=True) if value}
        return reply.change({**others, **shown})


def _read(call: Call, name: str) -> Mapping[str, Any]:
    settings = call.parameters.get(name)
    return settings if isinstance(settings, Mapping) else {}
