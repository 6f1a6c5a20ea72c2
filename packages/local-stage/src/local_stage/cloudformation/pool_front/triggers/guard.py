"""Runs a pool's triggers around what it replies; where one fails, its error is the reply.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-identity-pools-working-with-aws-lambda-triggers.html
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from local_stage.cloudformation.function_forwarder import invoke_in_stage
from local_stage.cloudformation.pool_front.exchange import Call, Next, Reply
from local_stage.cloudformation.pool_front.local_pools import LocalPools
from local_stage.cloudformation.pool_front.triggers.issued_changes import IssuedChanges
from local_stage.cloudformation.pool_front.triggers.messages import send_message
from local_stage.cloudformation.pool_front.triggers.migration import migrate_at_forgotten_password
from local_stage.cloudformation.pool_front.triggers.sign_in import begin_sign_in, end_sign_in
from local_stage.cloudformation.pool_front.triggers.sign_up import begin_creation, end_confirmation
from local_stage.cloudformation.pool_front.triggers.trigger_call import CALL, TriggerCall
from local_stage.cloudformation.pool_front.user_factors import UserFactors

type _Before = Callable[[TriggerCall], Awaitable[None]]
type _After = Callable[[TriggerCall, Mapping[str, Any]], Awaitable[None]]


async def _end_sign_up(call: TriggerCall, result: Mapping[str, Any]) -> None:
    await (end_confirmation if result.get("UserConfirmed") else send_message)(call, result)


BEFORE: Final[Mapping[str, _Before]] = {
    "AdminCreateUser": begin_creation,
    "AdminInitiateAuth": begin_sign_in,
    "ForgotPassword": migrate_at_forgotten_password,
    "InitiateAuth": begin_sign_in,
}
"""What fires before the pool itself gets a call."""
AFTER: Final[Mapping[str, _After]] = {
    "AdminConfirmSignUp": end_confirmation,
    "AdminInitiateAuth": end_sign_in,
    "AdminResetUserPassword": send_message,
    "AdminRespondToAuthChallenge": end_sign_in,
    "AdminUpdateUserAttributes": send_message,
    "ConfirmForgotPassword": end_confirmation,
    "ConfirmSignUp": end_confirmation,
    "ForgotPassword": send_message,
    "GetUserAttributeVerificationCode": send_message,
    "InitiateAuth": end_sign_in,
    "ResendConfirmationCode": send_message,
    "RespondToAuthChallenge": end_sign_in,
    "SignUp": _end_sign_up,
    "UpdateUserAttributes": send_message,
}
"""What fires when the pool has done what it was asked, before the caller hears of it."""


class Triggers:
    """Runs the triggers of what asks something of the pools, by its API or by managed login."""

    def __init__(
        self, pools: LocalPools, factors: UserFactors, invocations_url: str, changes: IssuedChanges
    ) -> None:
        """Functions run where the stage invokes them."""
        self._pools = pools
        self.factors = factors
        self._invocations_url = invocations_url
        self._changes = changes

    def invoke(self, name: str, event: Any, timeout: float) -> Mapping[str, Any]:
        """Invoke a function for MiniStack, in the midst of a pool's call or not. Raises TimeoutError."""
        call = CALL.get()
        if call is not None and isinstance(event, dict) and "triggerSource" in event:
            return call.fire_for_pool(name, event)
        return self._invoke(name, event, timeout)

    async def __call__(self, call: Call, go_on: Next) -> Reply:
        """Return the pool's reply. Raises RefusalError where a trigger fails."""
        begun = self.begin(call)
        if call.operation in BEFORE:
            await BEFORE[call.operation](begun)
        reply = await self.watch(begun, go_on(call))
        if call.operation in AFTER and reply.status == HTTPStatus.OK:
            await AFTER[call.operation](begun, reply.content)
        return reply

    def begin(self, call: Call) -> TriggerCall:
        """Return a call with what its triggers need."""
        return TriggerCall(self._pools, self.factors, self._invoke, call)

    async def watch(self, begun: TriggerCall, coming: Awaitable[Reply]) -> Reply:
        """Return the reply that is coming. Raises RefusalError where a trigger fails that MiniStack fires."""
        token, reply = CALL.set(begun), Reply.of({})
        try:
            reply = await coming
        except Exception:  # MiniStack's token endpoint lets a trigger's error through
            if begun.failure is None:
                raise
        finally:
            CALL.reset(token)
        if begun.failure is not None:
            raise begun.failure
        if begun.changes is not None:
            self._changes.record(begun.changes, reply.content)
        return reply

    def _invoke(self, name: str, event: Any, timeout: float) -> Mapping[str, Any]:
        return invoke_in_stage(self._invocations_url, name, event, timeout)
