"""Fetches key sets over HTTP, from the local AWS or from AWS itself."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Final, Self

from aiohttp import ClientResponse, ClientSession, ClientTimeout
from yarl import URL

from local_stage.jwt.jwks import LOCAL_FETCH_TIMEOUT

LOOPBACK: Final = "127.0.0.1"
SIZE_LIMIT: Final = 1 << 20
TIMEOUT: Final = ClientTimeout(total=5.0)


class FetchError(Exception):
    """The address answered with something else than status 200 and a body of acceptable size."""


class Fetcher:
    """Calls a URL and returns the body. Proxies of the environment are used for AWS, never for loopback."""

    def __init__(self) -> None:
        self._sessions = AsyncExitStack()
        self._direct: ClientSession | None = None
        self._proxied: ClientSession | None = None

    async def __aenter__(self) -> Self:
        enter = self._sessions.enter_async_context
        self._direct = await enter(ClientSession(timeout=ClientTimeout(total=LOCAL_FETCH_TIMEOUT)))
        self._proxied = await enter(ClientSession(timeout=TIMEOUT, trust_env=True))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._sessions.aclose()

    async def fetch(self, url: str) -> bytes:
        """Return the body of the answer. Raises FetchError, aiohttp.ClientError or TimeoutError."""
        session = self._direct if URL(url).host == LOOPBACK else self._proxied
        assert session is not None  # noqa: S101 - used as a context manager
        async with session.get(url, allow_redirects=False) as answer:
            if answer.status != 200:  # noqa: PLR2004 - OK
                raise FetchError(f"{url} answered {answer.status}")
            return await _read_body(url, answer)


async def _read_body(url: str, answer: ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > SIZE_LIMIT:
            raise FetchError(f"{url} answered with more than {SIZE_LIMIT} bytes")
    return bytes(body)
