"""Fetches key sets over HTTP, from the local AWS or from AWS itself."""

from __future__ import annotations

from typing import Final, Self

from aiohttp import ClientSession, ClientTimeout

SIZE_LIMIT: Final = 1 << 20
TIMEOUT: Final = ClientTimeout(total=5.0)


class FetchError(Exception):
    """The address answered with something else than status 200 and a body of acceptable size."""


class Fetcher:
    """Calls a URL and returns the body. Proxies of the environment are used for AWS, never for loopback."""

    def __init__(self) -> None:
        self._session: ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = ClientSession(timeout=TIMEOUT, trust_env=True)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def fetch(self, url: str) -> bytes:
        """Return the body of the answer. Raises FetchError, aiohttp.ClientError or TimeoutError."""
        assert self._session is not None  # noqa: S101 - used as a context manager
        async with self._session.get(url, allow_redirects=False) as answer:
            if answer.status != 200:  # noqa: PLR2004 - OK
                raise FetchError(f"{url} answered {answer.status}")
            body = await answer.content.read(SIZE_LIMIT + 1)
            while not answer.content.at_eof() and len(body) <= SIZE_LIMIT:
                body += await answer.content.read(SIZE_LIMIT + 1 - len(body))
        if len(body) > SIZE_LIMIT:
            raise FetchError(f"{url} answered with more than {SIZE_LIMIT} bytes")
        return body
