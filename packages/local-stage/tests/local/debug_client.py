"""A debugger's side of the Debug Adapter Protocol, as VS Code speaks it: attach, stop, look, go on.

https://microsoft.github.io/debug-adapter-protocol/specification
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
PATIENCE = 60.0
"""Seconds after which an answer that does not come fails the test."""

WAITING = re.compile(r"Waiting for a debugger at 127\.0\.0\.1:(\d+)")

type Message = dict[str, Any]


class DebugClient:
    """One debugger, attached to a process."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._number = 0
        self._events: list[Message] = []
        self._answers: dict[int, Message] = {}

    async def request(self, command: str, **arguments: Any) -> Message:
        """Send a request and return the body of its answer, which has to be a success."""
        return await self._answer_to(self._send(command, **arguments))

    async def attach(self, breakpoints: dict[Path, Sequence[int]]) -> None:
        """Shake hands, set breakpoints by file and line, and let the process go on."""
        await self.request("initialize", adapterID="debugpy", pathFormat="path", linesStartAt1=True)
        attached = self._send("attach", justMyCode=True)
        await self.wait_for("initialized")
        for file, lines in breakpoints.items():
            await self.request(
                "setBreakpoints",
                source={"path": str(file)},
                breakpoints=[{"line": line} for line in lines],
            )
        done = self._send("configurationDone")
        await self._answer_to(attached)
        await self._answer_to(done)

    async def wait_for_stop(self) -> tuple[int, list[Message]]:
        """Return the thread that has stopped and its frames, the innermost first."""
        thread = (await self.wait_for("stopped"))["threadId"]
        return thread, (await self.request("stackTrace", threadId=thread))["stackFrames"]

    async def evaluate(self, expression: str, frame: Message) -> str:
        """Return what an expression is in a frame."""
        answer = await self.request("evaluate", expression=expression, frameId=frame["id"], context="watch")
        return str(answer["result"])

    def go_on(self, thread: int) -> None:
        """Let a stopped thread run; its process may end before it says that it does."""
        self._send("continue", threadId=thread)

    async def wait_for(self, event: str) -> Message:
        """Return the body of the next event of that name, which may have come already."""
        while not (found := [seen for seen in self._events if seen["event"] == event]):
            await self._read()
        self._events.remove(found[0])
        body: Message = found[0].get("body") or {}
        return body

    def _send(self, command: str, **arguments: Any) -> int:
        self._number += 1
        request = {"seq": self._number, "type": "request", "command": command, "arguments": arguments}
        body = json.dumps(request).encode()
        self._writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        return self._number

    async def _answer_to(self, number: int) -> Message:
        while number not in self._answers:
            await self._read()
        message = self._answers.pop(number)
        assert message["success"], message
        body: Message = message.get("body") or {}
        return body

    async def _read(self) -> None:
        async with asyncio.timeout(PATIENCE):
            head = await self._reader.readuntil(b"\r\n\r\n")
            message: Message = json.loads(await self._reader.readexactly(int(head.split(b":")[1])))
        if message["type"] == "event":
            self._events.append(message)
        elif message["type"] == "response":
            self._answers[message["request_seq"]] = message


@asynccontextmanager
async def debugging(
    port: int, breakpoints: dict[Path, Sequence[int]] | None = None
) -> AsyncIterator[DebugClient]:
    """Attach a debugger to the process that waits at the port; it goes away at the end."""
    reader, writer = await asyncio.open_connection(HOST, port)
    client = DebugClient(reader, writer)
    try:
        await client.attach(breakpoints or {})
        yield client
    finally:
        writer.close()


def find_line(file: Path, text: str) -> int:
    """Return the number of the line that holds the text."""
    return next(number for number, line in enumerate(file.read_text().splitlines(), 1) if text in line)


def find_port(texts: Sequence[str], nth: int = -1) -> int | None:
    """Return the port at which a process says that it waits, the last one by default; None before."""
    found = [match[1] for match in map(WAITING.search, texts) if match]
    return int(found[nth]) if found else None
