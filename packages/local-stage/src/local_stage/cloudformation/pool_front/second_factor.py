"""The second factor: no token leaves the pool before it has been given.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa-totp.html
The shape of the challenges, their order, and that a code is good once have been seen on AWS (moto's tests).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from local_stage.cloudformation.pool_front.accounts import (
    AppClient,
    RefusalError,
    User,
    invalid_parameter,
    missing,
    not_authorized,
)
from local_stage.cloudformation.pool_front.challenges import Sessions
from local_stage.cloudformation.pool_front.exchange import Call, Next, Reply, Session
from local_stage.cloudformation.pool_front.front_state import FrontState
from local_stage.cloudformation.pool_front.local_pools import LocalPools
from local_stage.cloudformation.pool_front.lock_out import Failures
from local_stage.cloudformation.pool_front.refresh_tokens import read_claims
from local_stage.cloudformation.pool_front.totp import find_step

TOTP: Final = "SOFTWARE_TOKEN_MFA"
SETUP: Final = "MFA_SETUP"
_CODE: Final = "SOFTWARE_TOKEN_MFA_CODE"

NOT_SENT: Final = (
    "the pool asks for a second factor by SMS or email alone, and the local pool sends none; add"
    " SOFTWARE_TOKEN_MFA to its EnabledMfas"
)


class SecondFactor:
    """Holds the tokens of who has proved a password until the second factor has been given as well."""

    def __init__(
        self,
        pools: LocalPools,
        sessions: Sessions,
        state: FrontState,
        failures: Failures,
        clock: Callable[[], float],
    ) -> None:
        """`clock` gives Unix seconds, which codes of an authenticator app depend on."""
        self._pools = pools
        self._sessions = sessions
        self._state = state
        self._failures = failures
        self._clock = clock

    async def __call__(self, call: Call, go_on: Next) -> Reply:
        """Return the pool's reply, or a challenge in place of tokens. Raises RefusalError for a bad code."""
        session = call.session
        if session is not None and session.challenge in {TOTP, SETUP}:
            return await self._answer(call, session)
        reply = await go_on(call)
        if not (call.starts_sign_in or call.answers_challenge) or call.client is None:
            return reply
        tokens = reply.content.get("AuthenticationResult")
        return reply if tokens is None else await self._ask(call.client, tokens, reply)

    async def _ask(self, client: AppClient, tokens: dict[str, Any], reply: Reply) -> Reply:
        if not client.may_ask_for_factor:
            return reply
        # The refresh token, which no trigger changes, says whose the tokens are.
        sub = str(read_claims(str(tokens.get("RefreshToken"))).get("sub"))
        user = await self._pools.find_user_by_sub(client.pool_id, sub)
        if user is None:
            raise not_authorized("Incorrect username or password.")
        if not self.asks(client, user):
            return reply
        config = (await self._pools.ask("GetUserPoolMfaConfig", UserPoolId=client.pool_id)).content
        if user.sub in self._state.factors:
            challenge, parameters = TOTP, {"FRIENDLY_DEVICE_NAME": "TOTP device"}
        elif (config.get("SoftwareTokenMfaConfiguration") or {}).get("Enabled"):
            challenge, parameters = SETUP, {"MFAS_CAN_SETUP": json.dumps([TOTP])}
        else:
            raise invalid_parameter(NOT_SENT)
        return Reply.of(
            {
                "ChallengeName": challenge,
                "Session": self._sessions.open(Session(challenge, client, user, reply)),
                "ChallengeParameters": {"USER_ID_FOR_SRP": user.name, **parameters},
            }
        )

    def asks(self, client: AppClient, user: User) -> bool:
        """Say whether the pool of an app client asks a user for a second factor.

        A user of another identity provider gives it there.
        """
        if user.status == "EXTERNAL_PROVIDER":
            return False
        factor = self._state.factors.get(user.sub)
        return client.asks_everybody or (
            client.may_ask_for_factor and factor is not None and factor.is_enabled
        )

    async def _answer(self, call: Call, session: Session) -> Reply:
        if session.held is None:
            raise not_authorized("Invalid session for the user.")
        if session.challenge == TOTP:
            code = call.find_text(_CODE, "ChallengeResponses")
            if not code:
                raise missing(_CODE)
            await self._use_code(session, code)
        elif not session.is_verified:
            raise invalid_parameter("The authenticator app has not been verified in this session.")
        return session.held

    async def _use_code(self, session: Session, code: str) -> None:
        """Use a code up. Raises RefusalError for one that is not good, and after too many of them."""
        factor = self._state.factors[session.user.sub]
        key = (session.client.pool_id, session.user.sub, TOTP)
        async with self._failures.attempt(key):
            step = find_step(factor.secret, code, self._clock())
            if step is None:
                self._failures.fail(key)
                raise RefusalError("CodeMismatchException", "Invalid code received for user")
            if step <= factor.last_step:
                why = "Your software token has already been used once."
                raise RefusalError("ExpiredCodeException", why)
            self._failures.succeed(key)
            factor.last_step = step
            self._state.save()
