"""The second factor: no token leaves the pool before it has been given.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa-totp.html
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RespondToAuthChallenge.html
The shape of the challenges of an authenticator app, and their order, have been seen on AWS (moto's tests).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from local_stage.cloudformation.pool_front.accounts import (
    AppClient,
    RefusalError,
    invalid_parameter,
    missing,
    not_authorized,
)
from local_stage.cloudformation.pool_front.challenges import Sessions
from local_stage.cloudformation.pool_front.exchange import Call, Next, Reply, Session
from local_stage.cloudformation.pool_front.factor_codes import FactorCodes
from local_stage.cloudformation.pool_front.local_pools import LocalPools
from local_stage.cloudformation.pool_front.pool_factors import ADDRESSES
from local_stage.cloudformation.pool_front.refresh_tokens import read_claims, read_username
from local_stage.cloudformation.pool_front.self_sign_up import mask
from local_stage.cloudformation.pool_front.sent_codes import SentCodes
from local_stage.cloudformation.pool_front.user_factors import UserFactors
from local_stage.cloudformation.pool_settings import CODE_PARAMETERS, SMS, TOTP

SETUP: Final = "MFA_SETUP"
SELECT: Final = "SELECT_MFA_TYPE"
_INVALID: Final = "Invalid session for the user."

NO_FACTOR: Final = (
    "The pool asks for a second factor, and this user has no phone number or email address that the pool"
    " could send a code to; give the user one, or add SOFTWARE_TOKEN_MFA to the pool's EnabledMfas"
)
"""What Cognito answers is unverified; it gives no tokens either."""
NOT_USABLE: Final = (
    "The second factor that this user has turned on cannot be asked for: the address is gone, or the pool has"
    " it no more; set it anew with AdminSetUserMFAPreference"
)
"""What Cognito answers is unverified."""


class SecondFactor:
    """Holds the tokens of who has proved a password until the second factor has been given as well."""

    def __init__(
        self,
        pools: LocalPools,
        sessions: Sessions,
        factors: UserFactors,
        codes: FactorCodes,
        sent: SentCodes,
    ) -> None:
        self._pools = pools
        self._sessions = sessions
        self._factors = factors
        self._codes = codes
        self._sent = sent

    async def __call__(self, call: Call, go_on: Next) -> Reply:
        """Return the pool's reply, or a challenge in place of tokens. Raises RefusalError for a bad code."""
        session = call.session
        if session is not None and session.challenge in {*CODE_PARAMETERS, SETUP, SELECT}:
            return await self._answer(call, session)
        reply = await go_on(call)
        if not (call.starts_sign_in or call.answers_challenge) or call.client is None:
            return reply
        tokens = reply.content.get("AuthenticationResult")
        return reply if tokens is None else await self._ask(call.client, tokens, reply)

    async def _ask(self, client: AppClient, tokens: Mapping[str, Any], reply: Reply) -> Reply:
        if not client.may_ask_for_factor:
            return reply
        # The refresh token, which no trigger changes, says whose the tokens are.
        sub = str(read_claims(str(tokens.get("RefreshToken"))).get("sub"))
        user = await self._pools.find_user_by_sub(client.pool_id, sub, read_username(tokens))
        if user is None:
            raise not_authorized("Incorrect username or password.")
        if not self._factors.asks(client, user):
            return reply
        session = Session(SETUP, client, user, reply)
        if factors := await self._factors.list_to_give(client.pool, user):
            return await self._challenge(session, factors)
        if self._factors.list_enabled(user):
            raise invalid_parameter(NOT_USABLE)
        if TOTP not in await self._factors.read_pool(client.pool):
            raise invalid_parameter(NO_FACTOR)
        return self._open(session, {"MFAS_CAN_SETUP": json.dumps([TOTP])})

    async def _challenge(self, session: Session, factors: Sequence[str]) -> Reply:
        """Return the challenge to give a factor, or to choose one of several."""
        if len(factors) > 1:
            chosen = replace(session, challenge=SELECT, choices=tuple(factors))
            return self._open(chosen, {"MFAS_CAN_CHOOSE": json.dumps([*factors])})
        (factor,) = factors
        if factor == TOTP:
            return self._open(replace(session, challenge=TOTP), {"FRIENDLY_DEVICE_NAME": "TOTP device"})
        address = session.user.attributes[ADDRESSES[factor]]
        code = await self._codes.make(session.user)
        parameters = {
            "CODE_DELIVERY_DELIVERY_MEDIUM": "SMS" if factor == SMS else "EMAIL",
            "CODE_DELIVERY_DESTINATION": mask(address),
        }
        reply = self._open(replace(session, challenge=factor, code=code, address=address), parameters)
        self._sent.record(reply.content["Session"], code)
        return reply

    def _open(self, session: Session, parameters: Mapping[str, str]) -> Reply:
        return Reply.of(
            {
                "ChallengeName": session.challenge,
                "Session": self._sessions.open(session),
                "ChallengeParameters": {"USER_ID_FOR_SRP": session.user.name, **parameters},
            }
        )

    async def _answer(self, call: Call, session: Session) -> Reply:
        if session.held is None:
            raise not_authorized(_INVALID)
        if session.challenge == SELECT:
            return await self._select(call, session)
        if session.challenge == SETUP:
            if not session.is_verified:
                raise invalid_parameter("The authenticator app has not been verified in this session.")
            return session.held
        parameter = CODE_PARAMETERS[session.challenge]
        code = call.find_text(parameter, "ChallengeResponses")
        if not code:
            raise missing(parameter)
        await self._check_factor(session, session.challenge)
        await self._codes.use(session, code)
        return session.held

    async def _select(self, call: Call, session: Session) -> Reply:
        """Return the challenge of the factor that a user chooses, whose session ends with the one before."""
        chosen = call.find_text("ANSWER", "ChallengeResponses")
        if not chosen:
            raise missing("ANSWER")
        if chosen not in session.choices:
            raise RefusalError("InvalidParameterException", "The answer is none of MFAS_CAN_CHOOSE.")
        await self._check_factor(session, chosen)
        return await self._challenge(session, [chosen])

    async def _check_factor(self, session: Session, factor: str) -> None:
        """Raise RefusalError for a factor that is not the user's any more, or is at another address now."""
        if factor not in await self._factors.list_to_give(session.client.pool, session.user):
            raise not_authorized(_INVALID)
        if session.address and session.user.attributes.get(ADDRESSES[factor]) != session.address:
            raise not_authorized(_INVALID)
