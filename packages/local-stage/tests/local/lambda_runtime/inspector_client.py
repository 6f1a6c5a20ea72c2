"""A debugger of Node.js: it speaks the protocol of V8's inspector over a WebSocket.

https://chromedevtools.github.io/devtools-protocol/v8/Debugger/
"""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp


class InspectorClient:
    """A debugger that is attached to a process."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._events: list[dict[str, Any]] = []

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Return what the process answers to a method of the protocol."""
        number = next(self._numbers)
        await self._socket.send_str(json.dumps({"id": number, "method": method, "params": parameters}))
        while (message := await self._receive()).get("id") != number:
            self._events.append(message)
        result: dict[str, Any] = message["result"]
        return result

    async def wait_for_stop(self) -> dict[str, Any]:
        """Return the innermost frame of the place where the process stops next."""
        while True:
            message = self._events.pop(0) if self._events else await self._receive()
            if message.get("method") == "Debugger.paused":
                frame: dict[str, Any] = message["params"]["callFrames"][0]
                return frame

    async def _receive(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(await self._socket.receive_str(timeout=60))
        return message


@asynccontextmanager
async def inspecting(address: str) -> AsyncIterator[InspectorClient]:
    """Attach to the process that waits at the address, `ws://127.0.0.1:<port>/<id>`."""
    async with aiohttp.ClientSession() as session, session.ws_connect(address) as socket:
        yield InspectorClient(socket)
