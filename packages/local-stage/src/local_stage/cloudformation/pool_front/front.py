"""The front itself: it reads a call of Cognito's API, and hands it from guard to guard to MiniStack."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from local_stage.cloudformation.browser_guard import Application, Receive, Scope, Send
from local_stage.cloudformation.pool_front.accounts import RefusalError, unknown_client
from local_stage.cloudformation.pool_front.authenticator_apps import AuthenticatorApps
from local_stage.cloudformation.pool_front.challenges import Challenges, Sessions
from local_stage.cloudformation.pool_front.client_settings import guard_client_settings
from local_stage.cloudformation.pool_front.codes import Codes
from local_stage.cloudformation.pool_front.enabled_users import EnabledUsers
from local_stage.cloudformation.pool_front.exchange import (
    MOST_BYTES,
    Call,
    Guard,
    Next,
    Reply,
    is_readable,
    parse_object,
    read_body,
    send_reply,
)
from local_stage.cloudformation.pool_front.factor_codes import FactorCodes
from local_stage.cloudformation.pool_front.flows import guard_flows
from local_stage.cloudformation.pool_front.front_state import FrontState
from local_stage.cloudformation.pool_front.local_pools import SERVICE, LocalPools
from local_stage.cloudformation.pool_front.lock_out import Failures, LockOut
from local_stage.cloudformation.pool_front.managed_login import ManagedLogin, is_managed_login
from local_stage.cloudformation.pool_front.password_policy import guard_password
from local_stage.cloudformation.pool_front.passwords import Passwords
from local_stage.cloudformation.pool_front.refresh_tokens import RefreshTokens
from local_stage.cloudformation.pool_front.rotation import Rotation
from local_stage.cloudformation.pool_front.second_factor import SecondFactor
from local_stage.cloudformation.pool_front.self_sign_up import guard_sign_up
from local_stage.cloudformation.pool_front.sent_codes import FILE, SentCodes
from local_stage.cloudformation.pool_front.triggers.guard import Triggers
from local_stage.cloudformation.pool_front.triggers.sign_in import generate_tokens
from local_stage.cloudformation.pool_front.user_attributes import UserAttributes
from local_stage.cloudformation.pool_front.user_names import UserNames
from local_stage.errors import MachineError

_TARGET: Final = b"x-amz-target"


class PoolFront:
    """An ASGI application in front of MiniStack; what signs nobody in at a user pool passes it untouched."""

    def __init__(
        self,
        application: Application,
        pools: LocalPools,
        triggers: Triggers,
        state: FrontState,
        tell: Callable[[str], None],
    ) -> None:
        """Stand in front of MiniStack; what has to be known again after a restart is kept in the state.

        `tell` gets sentences for the developer, such as a code that Cognito would send.
        """
        self._application = application
        self._pools = pools
        sessions, failures = Sessions(time.monotonic), Failures(time.monotonic)
        tokens, factors = RefreshTokens(state, time.time), triggers.factors
        factor_codes = FactorCodes(pools, state, failures, time.time, tell)
        factor = SecondFactor(pools, sessions, factors, factor_codes, SentCodes(state.folder.parent / FILE))
        passwords = Passwords(pools, sessions, state, time.time)
        self._managed_login = ManagedLogin(pools, triggers, tokens, factors, failures, passwords=passwords)
        # In the order in which a call passes them; a reply comes back through them the other way round.
        guards: Sequence[Guard] = (
            guard_sign_up,
            guard_client_settings,
            UserNames(pools),
            UserAttributes(pools),
            guard_flows,
            triggers,
            Codes(pools, factors, time.monotonic, tell),
            LockOut(pools, failures),
            Rotation(tokens),
            generate_tokens,
            EnabledUsers(pools),
            Challenges(pools, sessions),
            AuthenticatorApps(pools, sessions, state, time.time),
            factors,
            factor,
            guard_password,
            passwords,
            guard_client,
        )
        self._answer: Next = pools.relay
        for guard in reversed(guards):
            self._answer = _put_before(self._answer, guard)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or let the guards see to it."""
        is_http = scope["type"] == "http"
        targets = [value for name, value in scope.get("headers", ()) if name == _TARGET]
        if is_http and is_managed_login(scope):
            reply = await self._managed_login.reply(scope, await read_body(receive))
        elif is_http and any(target.startswith(SERVICE.encode()) for target in targets):
            reply = await self._reply(scope, targets, await read_body(receive))
        else:
            await self._application(scope, receive, send)
            return
        await send_reply(reply, send)

    async def _reply(self, scope: Scope, targets: Sequence[bytes], body: bytes) -> Reply:
        # The operation is read once, here, so that MiniStack cannot read another one.
        parameters = parse_object(body) if len(targets) == 1 and len(body) <= MOST_BYTES else None
        if parameters is None or not is_readable(parameters):
            return Reply.of_refusal(RefusalError("SerializationException", "the request cannot be read"))
        operation = targets[0].decode("latin-1").rpartition(".")[2]
        try:
            return await self._answer(
                await self._pools.complete(Call(operation, parameters, scope["headers"]))
            )
        except RefusalError as refusal:
            return Reply.of_refusal(refusal)
        except MachineError as error:
            return replace(Reply.of_refusal(RefusalError("InternalErrorException", str(error))), status=500)


async def guard_client(call: Call, go_on: Next) -> Reply:
    """Return the pool's reply. Raises RefusalError where it has tokens and the app client is not known here.

    MiniStack has pools of every region, and the front sees to those of its own.
    """
    reply = await go_on(call)
    if call.client is None and "AuthenticationResult" in reply.content:
        raise unknown_client(call.find_text("ClientId"))
    return reply


def _put_before(go_on: Next, guard: Guard) -> Next:
    async def answer(call: Call) -> Reply:
        return await guard(call, go_on)

    return answer
