"""Passwords that a user has had before, and temporary ones that have ended.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_PasswordPolicyType.html
That the current password counts among the previous ones stands in AWS's guide on password policies. The kinds
of the refusals are documented; the text of an ended password is what people report, the other is unverified.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Callable, Mapping
from hashlib import scrypt
from typing import Any, Final

from local_stage.cloudformation.pool_front.accounts import RefusalError, User, not_authorized, read_pairs
from local_stage.cloudformation.pool_front.challenges import NEW_PASSWORD, Sessions
from local_stage.cloudformation.pool_front.exchange import Call, Next, Reply
from local_stage.cloudformation.pool_front.front_state import FrontState, PastPasswords
from local_stage.cloudformation.pool_front.local_pools import LocalPools

_CREATIONS: Final[Mapping[str, str]] = {"AdminCreateUser": "TemporaryPassword", "SignUp": "Password"}
_CHANGES: Final[Mapping[str, str]] = {
    "AdminSetUserPassword": "Password",
    "ChangePassword": "ProposedPassword",
    "ConfirmForgotPassword": "Password",
}
"""What sets a user's password, and the parameter that has it."""
_MOST: Final = 24
"""Passwords that are remembered: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_PasswordPolicyType.html"""
_DAYS: Final = 7
_DAY: Final = 86_400.0

USED: Final = "Password has previously been used"
ENDED: Final = "Temporary password has expired and must be reset by an administrator."


class Passwords:
    """Refuses a password that the user has had already, and a temporary one that has ended."""

    def __init__(
        self, pools: LocalPools, sessions: Sessions, state: FrontState, clock: Callable[[], float]
    ) -> None:
        """`clock` gives Unix seconds."""
        self._pools = pools
        self._sessions = sessions
        self._state = state
        self._clock = clock

    async def __call__(self, call: Call, go_on: Next) -> Reply:
        """Return the pool's reply. Raises RefusalError for a password that must not be set, or has ended."""
        user, pool, password = await self._find(call)
        if user is not None and not _makes_permanent(call, user):
            self.check_new(user, pool, password)
        reply = await go_on(call)
        content = reply.content
        if content.get("ChallengeName") == NEW_PASSWORD and call.client is not None:
            name = str(content.get("ChallengeParameters", {}).get("USER_ID_FOR_SRP"))
            if owner := await self._pools.find_user(call.client.pool_id, name):
                self.check_temporary(owner, call.client.pool)
        elif reply.refusal is None and user is not None:
            is_temporary = (
                call.operation == "AdminSetUserPassword" and call.parameters.get("Permanent") is not True
            )
            if call.operation in _CHANGES:
                self._sessions.end(user.sub)
            self.note(user.sub, pool, password, is_temporary=is_temporary)
        elif reply.refusal is None and call.operation in _CREATIONS and call.pool is not None:
            self._note_creation(call, call.pool, content)
        elif reply.refusal is None and call.starts_sign_in:
            await self._note_sign_in(call)
        return reply

    def check_new(self, user: User, pool: Mapping[str, Any], password: str) -> None:
        """Raise RefusalError for a password that the user has, or has had before."""
        past, size = self._state.passwords.get(user.sub), _read(pool, "PasswordHistorySize", 0)
        if past is None or not size or not past.digests:
            return
        digest = _digest(password, past.salt)
        if any(hmac.compare_digest(digest, one) for one in past.digests[-size:]):
            raise RefusalError("PasswordHistoryPolicyViolationException", USED)

    def check_temporary(self, user: User, pool: Mapping[str, Any]) -> None:
        """Raise RefusalError where a user's temporary password has ended."""
        past = self._state.passwords.get(user.sub)
        set_at = past.temporary_at if past and past.temporary_at is not None else user.created_at
        if self._clock() >= set_at + _DAY * (_read(pool, "TemporaryPasswordValidityDays", _DAYS)):
            raise not_authorized(ENDED)

    def note(self, sub: str, pool: Mapping[str, Any], password: str, *, is_temporary: bool = False) -> None:
        """Remember a password that has been set. Raises MachineError where it cannot be kept."""
        past = self._state.passwords.get(sub)
        keeps = password and _read(pool, "PasswordHistorySize", 0)
        if past is None and not keeps and not is_temporary:
            return
        past = past or PastPasswords(base64.b64encode(secrets.token_bytes(16)).decode())
        past.temporary_at = self._clock() if is_temporary else None
        if keeps:
            past.digests = [*past.digests, _digest(password, past.salt)][-_MOST:]
        self._state.passwords[sub] = past
        self._state.save()

    def _note_creation(self, call: Call, pool: Mapping[str, Any], content: Mapping[str, Any]) -> None:
        described = content.get("User") or {}
        sub = content.get("UserSub") or read_pairs(described.get("Attributes")).get("sub")
        if sub and call.find_text("MessageAction") == "RESEND":
            # The temporary password starts anew, and is not told again.
            self.note(str(sub), pool, "", is_temporary=True)
        elif sub:
            self.note(str(sub), pool, call.find_text(_CREATIONS[call.operation]))

    async def _note_sign_in(self, call: Call) -> None:
        """Remember the password of who has signed in by it and has set none here, such as a migrated user."""
        name, password = (call.find_text(one, "AuthParameters") for one in ("USERNAME", "PASSWORD"))
        if not password or call.pool is None or not _read(call.pool, "PasswordHistorySize", 0):
            return
        user = await self._pools.find_user(str(call.pool["Id"]), name)
        if user is not None and user.sub not in self._state.passwords:
            self.note(user.sub, call.pool, password)

    async def _find(self, call: Call) -> tuple[User | None, Mapping[str, Any], str]:
        """Return whose password a call changes, the pool, and the password; no user where it changes none."""
        session = call.session
        if session is not None and session.challenge == NEW_PASSWORD:
            return session.user, session.client.pool, call.find_text("NEW_PASSWORD", "ChallengeResponses")
        if call.operation not in _CHANGES:
            return None, {}, ""
        password, pool = call.find_text(_CHANGES[call.operation]), call.pool
        if pool is None:
            return None, {}, ""
        if call.operation == "ChangePassword":
            return await self._pools.find_owner(call.find_text("AccessToken")), pool, password
        return await self._pools.find_user(str(pool["Id"]), call.find_text("Username")), pool, password


def _makes_permanent(call: Call, user: User) -> bool:
    """Say whether an administrator sets a password in place of a temporary one, which may be the same."""
    return call.operation == "AdminSetUserPassword" and user.status == "FORCE_CHANGE_PASSWORD"


def _read(pool: Mapping[str, Any], name: str, default: int) -> int:
    """Return a number of the password policy."""
    policy = (pool.get("Policies") or {}).get("PasswordPolicy") or {}
    return int(policy.get(name) or default)


def _digest(password: str, salt: str) -> str:
    return base64.b64encode(scrypt(password.encode(), salt=salt.encode(), n=2**12, r=8, p=1)).decode()
