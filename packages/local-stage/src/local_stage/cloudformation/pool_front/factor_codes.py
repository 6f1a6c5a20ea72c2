"""The codes that a second factor asks for: made, told in the log, and each good once.

A code by SMS or email is good in its own session alone, and as long as that; nothing is sent.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa-sms-email-message.html
That a code of an app is good once has been seen on AWS (moto's tests). The text for a wrong code
is what people report, who also saw no end of guessing at one session: here it ends after five wrong ones.
"""

from __future__ import annotations

from collections.abc import Callable

from local_stage.cloudformation.pool_front.accounts import RefusalError, User, not_authorized
from local_stage.cloudformation.pool_front.exchange import Session
from local_stage.cloudformation.pool_front.front_state import FrontState
from local_stage.cloudformation.pool_front.local_pools import LocalPools
from local_stage.cloudformation.pool_front.lock_out import Failures
from local_stage.cloudformation.pool_front.pool_factors import ADDRESSES
from local_stage.cloudformation.pool_front.sent_codes import MOST_WRONG, is_same, make_code, tell_code
from local_stage.cloudformation.pool_front.totp import find_step
from local_stage.cloudformation.pool_front.triggers.messages import send_sign_in_code
from local_stage.cloudformation.pool_front.triggers.trigger_call import CALL
from local_stage.cloudformation.pool_settings import TOTP


class FactorCodes:
    """Makes the codes that Cognito would send, and looks at those that users give."""

    def __init__(
        self,
        pools: LocalPools,
        state: FrontState,
        failures: Failures,
        clock: Callable[[], float],
        tell: Callable[[str], None],
    ) -> None:
        """`clock` gives Unix seconds, for authenticator apps; `tell` gets a sentence with each code made."""
        self._pools = pools
        self._state = state
        self._failures = failures
        self._clock = clock
        self._tell = tell

    async def make(self, user: User) -> str:
        """Return a new code, of which the log tells. Raises RefusalError where CustomMessage fails."""
        if (begun := CALL.get()) is not None:
            await send_sign_in_code(begun, user)
        code = make_code()
        self._tell(tell_code(user, "sign in", code))
        return code

    async def use(self, session: Session, sent: str) -> None:
        """Use a code up. Raises RefusalError for one that is not good, and after too many of them."""
        key = (session.client.pool_id, session.user.sub, session.challenge)
        async with self._failures.attempt(key):
            try:
                if session.challenge == TOTP:
                    self._use_step(session, sent)
                else:
                    _use_sent(session, sent)
            except RefusalError as refusal:
                if refusal.kind == "CodeMismatchException":
                    self._failures.fail(key)
                raise
            self._failures.succeed(key)
        if session.challenge != TOTP:
            await self._set_verified(session)

    def _use_step(self, session: Session, sent: str) -> None:
        factor = self._state.factors[session.user.sub]
        step = find_step(factor.secret, sent, self._clock())
        if step is None:
            raise RefusalError("CodeMismatchException", "Invalid code received for user")
        if step <= factor.last_step:
            why = "Your software token has already been used once."
            raise RefusalError("ExpiredCodeException", why)
        factor.last_step = step
        self._state.save()

    async def _set_verified(self, session: Session) -> None:
        """Note that the address is the user's, if it still is the one that the code was for."""
        name, pool_id = ADDRESSES[session.challenge], session.client.pool_id
        user = await self._pools.find_user_by_sub(pool_id, session.user.sub)
        if user is not None and user.attributes.get(name) == session.address:
            attribute = {"Name": f"{name}_verified", "Value": "true"}
            named = {"UserPoolId": pool_id, "Username": user.name}
            await self._pools.order("AdminUpdateUserAttributes", UserAttributes=[attribute], **named)


def _use_sent(session: Session, sent: str) -> None:
    if session.code is None or session.wrong >= MOST_WRONG:
        raise not_authorized("Invalid session for the user.")
    if not is_same(session.code, sent):
        session.wrong += 1
        raise RefusalError("CodeMismatchException", "Invalid code or auth state for the user.")
    session.code = None
