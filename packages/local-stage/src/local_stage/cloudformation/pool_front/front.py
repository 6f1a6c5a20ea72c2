"""The front itself: it reads a call of Cognito's API, and hands it from guard to guard to MiniStack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from local_stage.cloudformation.browser_guard import Application, Receive, Scope, Send
from local_stage.cloudformation.pool_front.exchange import (
    Call,
    Guard,
    Next,
    RefusalError,
    Reply,
    parse_object,
)
from local_stage.cloudformation.pool_front.flows import AllowedFlows
from local_stage.cloudformation.pool_front.local_pools import SERVICE, LocalPools
from local_stage.cloudformation.pool_front.self_sign_up import SelfSignUp

_TARGET: Final = b"x-amz-target"
_MOST_BYTES: Final = 1_000_000
_LENGTH: Final = b"content-length"


def line_up(pools: LocalPools) -> Sequence[Guard]:
    """Return all guards in the order in which a call passes them."""
    return (SelfSignUp(pools), AllowedFlows(pools))


class PoolFront:
    """An ASGI application in front of MiniStack; what is no call of a user pool passes it untouched."""

    def __init__(self, application: Application, questions: Application, region: str) -> None:
        """Stand in front of MiniStack, whose pools are of this region; `questions` change nothing there."""
        self._application = application
        pools = LocalPools(application, questions, region)
        self._answer: Next = pools.relay
        for guard in reversed(line_up(pools)):
            self._answer = _put_before(self._answer, guard)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or let the guards see to it."""
        targets = [value for name, value in scope.get("headers", ()) if name == _TARGET]
        if scope["type"] != "http" or not any(target.startswith(SERVICE.encode()) for target in targets):
            await self._application(scope, receive, send)
            return
        reply = await self._reply(scope, targets, await _read(receive))
        headers = [header for header in reply.headers if header[0].lower() != _LENGTH]
        headers += [(_LENGTH, b"%d" % len(reply.body))]
        if not any(name.lower() == b"access-control-allow-origin" for name, _ in headers):
            headers.append((b"access-control-allow-origin", b"*"))
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})

    async def _reply(self, scope: Scope, targets: Sequence[bytes], body: bytes) -> Reply:
        # The operation is read once, here, so that MiniStack cannot read another one.
        parameters = parse_object(body) if len(targets) == 1 and len(body) <= _MOST_BYTES else None
        if parameters is None:
            return Reply.of_refusal(RefusalError("SerializationException", "the request cannot be read"))
        operation = targets[0].decode("latin-1").rpartition(".")[2]
        try:
            return await self._answer(Call(operation, parameters, scope["headers"]))
        except RefusalError as refusal:
            return Reply.of_refusal(refusal)


def _put_before(go_on: Next, guard: Guard) -> Next:
    async def answer(call: Call) -> Reply:
        return await guard(call, go_on)

    return answer


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body.extend(message.get("body", b""))
        if not message.get("more_body") or len(body) > _MOST_BYTES:
            return bytes(body)
