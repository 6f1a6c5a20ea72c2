"""The sessions of challenges: each is good once, for a while, for its own user, app client and challenge.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RespondToAuthChallenge.html
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from local_stage.cloudformation.pool_front.accounts import RefusalError, User, missing, not_authorized
from local_stage.cloudformation.pool_front.exchange import Call, Next, Reply, Session
from local_stage.cloudformation.pool_front.local_pools import LocalPools

NEW_PASSWORD: Final = "NEW_PASSWORD_REQUIRED"  # noqa: S105 - the name of a challenge
TEMPORARY: Final = "FORCE_CHANGE_PASSWORD"
"""The status of a user whose password has to be replaced."""
_OF_THE_POOL: Final = frozenset({"CUSTOM_CHALLENGE", "PASSWORD_VERIFIER"})
"""Challenges whose sessions MiniStack keeps itself."""

_MINUTES: Final = 3
"""AuthSessionValidity of a client that says nothing."""

_REMEMBERED: Final = 900.0
"""Seconds for which a session that has ended is told apart from one that never was."""

_INVALID: Final = "Invalid session for the user."
_USED: Final = "Invalid session for the user, session can only be used once."
_EXPIRED: Final = "Invalid session for the user, session is expired."


@dataclass(slots=True)
class _Kept:
    session: Session
    ends_at: float
    is_used: bool = False


class Sessions:
    """The sessions that wait for an answer; `clock` gives seconds that never go back."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: dict[str, _Kept] = {}

    def open(self, session: Session) -> str:
        """Keep a session and return its token; one that was open before ends when it would have ended."""
        now = self._clock()
        self._kept = {token: kept for token, kept in self._kept.items() if kept.ends_at + _REMEMBERED > now}
        token = secrets.token_urlsafe(48)
        ends_at = session.ends_at
        if ends_at is None:
            ends_at = now + 60 * int(session.client.settings.get("AuthSessionValidity") or _MINUTES)
        self._kept[token] = _Kept(replace(session, ends_at=ends_at), ends_at)
        return token

    def take(self, token: str, challenge: str) -> Session:
        """Return a session, which is used up by that. Raises RefusalError for one that is not good."""
        kept = self._kept.get(token)
        if kept is None or kept.session.challenge != challenge:
            raise not_authorized(_INVALID)
        if kept.is_used:
            raise not_authorized(_USED)
        if self._clock() >= kept.ends_at:
            raise not_authorized(_EXPIRED)
        kept.is_used = True
        return kept.session

    def give_back(self, token: str) -> None:
        """Let a session be used again, since what was sent with it was wrong."""
        if token in self._kept:
            self._kept[token].is_used = False

    def end(self, sub: str) -> None:
        """End a user's sessions, since the password that they have proved is the user's no more."""
        self._kept = {token: kept for token, kept in self._kept.items() if kept.session.user.sub != sub}


def check_user(user: User) -> None:
    """Raise RefusalError for who may sign in no more, though the password has been proved."""
    if not user.is_enabled:
        raise not_authorized("User is disabled.")
    if user.status == "RESET_REQUIRED":
        raise RefusalError("PasswordResetRequiredException", "Password reset required for the user")


class Challenges:
    """Lets a challenge be answered in its own session alone; opens the one of a new password."""

    def __init__(self, pools: LocalPools, sessions: Sessions) -> None:
        self._pools = pools
        self._sessions = sessions

    async def __call__(self, call: Call, go_on: Next) -> Reply:
        """Return the pool's reply. Raises RefusalError for an answer that does not belong to its session."""
        is_ours = call.answers_challenge and call.find_text("ChallengeName") not in _OF_THE_POOL
        reply = await (self._answer(call, go_on) if is_ours else go_on(call))
        content = reply.content
        if content.get("ChallengeName") != NEW_PASSWORD or call.client is None:
            return reply
        name = str(content.get("ChallengeParameters", {}).get("USER_ID_FOR_SRP"))
        user = await self._pools.find_user(call.client.pool_id, name)
        if user is None:
            raise not_authorized("Incorrect username or password.")
        token = self._sessions.open(Session(NEW_PASSWORD, call.client, user))
        return reply.change({**content, "Session": token})

    async def _answer(self, call: Call, go_on: Next) -> Reply:
        token, name = call.find_text("Session"), call.find_text("USERNAME", "ChallengeResponses")
        if call.client is None:
            return await go_on(call)
        if not token or not name:
            raise missing("USERNAME" if token else "Session")
        session = self._sessions.take(token, call.find_text("ChallengeName"))
        is_right = False
        try:
            user = await self._pools.find_user(session.client.pool_id, name)
            is_same_client = call.client.client_id == session.client.client_id
            if user is None or user.sub != session.user.sub or not is_same_client:
                raise not_authorized(_INVALID)
            check_user(user)
            if session.challenge == NEW_PASSWORD and user.status != TEMPORARY:
                raise not_authorized(_INVALID)
            session.user = user
            call.client.check_secret_hash(name, call.find_text("SECRET_HASH", "ChallengeResponses"))
            reply = await go_on(replace(call, session=session))
            is_right = reply.refusal is None
            return reply
        finally:
            if not is_right:
                self._sessions.give_back(token)
