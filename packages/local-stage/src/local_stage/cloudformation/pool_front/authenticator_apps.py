"""How a user sets up an authenticator app.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AssociateSoftwareToken.html
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_VerifySoftwareToken.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from local_stage.cloudformation.pool_front.accounts import (
    RefusalError,
    User,
    missing,
    not_authorized,
)
from local_stage.cloudformation.pool_front.challenges import Sessions, check_user
from local_stage.cloudformation.pool_front.exchange import Call, Next, Reply, Session
from local_stage.cloudformation.pool_front.front_state import Factor, FrontState
from local_stage.cloudformation.pool_front.local_pools import LocalPools
from local_stage.cloudformation.pool_front.second_factor import SETUP
from local_stage.cloudformation.pool_front.totp import find_step, make_secret


class AuthenticatorApps:
    """Sees to the operations about authenticator apps in MiniStack's place, which keeps no such factor."""

    def __init__(
        self, pools: LocalPools, sessions: Sessions, state: FrontState, clock: Callable[[], float]
    ) -> None:
        """`clock` gives Unix seconds, which codes of an authenticator app depend on."""
        self._pools = pools
        self._sessions = sessions
        self._state = state
        self._clock = clock
        self._pending: dict[str, str] = {}

    async def __call__(self, call: Call, go_on: Next) -> Reply:
        """Return the reply. Raises RefusalError for a session or a code that is not good."""
        match call.operation:
            case "AssociateSoftwareToken":
                return await self._associate(call)
            case "VerifySoftwareToken":
                return await self._verify(call)
        return await go_on(call)

    async def _associate(self, call: Call) -> Reply:
        secret = make_secret()
        if token := call.find_text("Session"):
            session = replace(await self._take(token), secret=secret)
            return Reply.of({"SecretCode": secret, "Session": self._sessions.open(session)})
        user = await self._find_owner(call)
        self._pending[user.sub] = secret
        return Reply.of({"SecretCode": secret})

    async def _verify(self, call: Call) -> Reply:
        token, code = call.find_text("Session"), call.find_text("UserCode")
        if not token:
            user = await self._find_owner(call)
            self._set_up(user, self._pending.get(user.sub), code, is_enabled=False)
            del self._pending[user.sub]
            return Reply.of({"Status": "SUCCESS"})
        session = await self._take(token)
        try:
            self._set_up(session.user, session.secret, code, is_enabled=True)
        except RefusalError:
            self._sessions.give_back(token)
            raise
        verified = self._sessions.open(replace(session, is_verified=True))
        return Reply.of({"Status": "SUCCESS", "Session": verified})

    async def _take(self, token: str) -> Session:
        """Return a session in which a first factor is set up: a password alone replaces none.

        Raises RefusalError for one that is not good, or whose user has set a factor up meanwhile, or may sign
        in no more.
        """
        session = self._sessions.take(token, SETUP)
        user = await self._pools.find_user_by_sub(session.client.pool_id, session.user.sub)
        if user is None:
            raise not_authorized("Invalid session for the user.")
        check_user(user)
        sent = self._state.sent_factors.get(session.user.sub)
        if session.user.sub in self._state.factors or (sent is not None and sent.enabled):
            raise not_authorized("Invalid session for the user.")
        return session

    def _set_up(self, user: User, secret: str | None, code: str, *, is_enabled: bool) -> None:
        if secret is None:
            why = "No software token MFA has been associated for verification."
            raise RefusalError("EnableSoftwareTokenMFAException", why)
        step = find_step(secret, code, self._clock())
        if step is None:
            raise RefusalError("EnableSoftwareTokenMFAException", "Code mismatch")
        known = self._state.factors.get(user.sub)
        is_enabled = is_enabled or (known is not None and known.is_enabled)
        self._state.factors[user.sub] = Factor(secret, step, is_enabled)
        self._state.save()

    async def _find_owner(self, call: Call) -> User:
        """Return whose access token is sent; MiniStack refuses one that is not good."""
        token = call.find_text("AccessToken")
        if not token:
            raise missing("AccessToken")
        return await self._pools.find_owner(token)
