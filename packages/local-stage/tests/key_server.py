"""What stands in for the network between a key set and its URL."""

from __future__ import annotations

import asyncio


class KeyServer:
    """Answers every fetch with `answer`: a body, or an error to raise. `urls` are those that were fetched.

    Between `hold()` and `release()` fetches wait; `asked` is set when one does.
    """

    def __init__(self, answer: bytes | Exception) -> None:
        self.answer = answer
        self.urls: list[str] = []
        self.asked = asyncio.Event()
        self._gate = asyncio.Event()
        self._gate.set()

    def hold(self) -> None:
        self._gate.clear()

    def release(self) -> None:
        self._gate.set()

    async def __call__(self, url: str) -> bytes:
        self.urls.append(url)
        self.asked.set()
        await self._gate.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer
