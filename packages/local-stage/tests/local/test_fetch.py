"""Keys are fetched from loopback directly, from elsewhere by the environment's proxy, and within limits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from local_stage.jwt.fetcher import SIZE_LIMIT, Fetcher, FetchError

NOWHERE = "http://127.0.0.1:1"


def ok(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


class Answering:
    """An HTTP server that gives one answer to everything; `asked` are the request lines."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def run[Result](self, use: Callable[[str, Fetcher], Awaitable[Result]]) -> Result:
        """Return what `use` makes of the server's URL and a fetcher."""

        async def serve() -> Result:
            server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            async with server, Fetcher() as fetcher:
                return await use(f"http://127.0.0.1:{port}", fetcher)

        return asyncio.run(serve())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head.split(b"\r\n")[0].decode())
        writer.write(self.answer)
        writer.close()


async def fetch(url: str, fetcher: Fetcher) -> bytes:
    return await fetcher.fetch(f"{url}/keys")


def test_the_body_is_returned() -> None:
    server = Answering(ok(b"keys"))
    assert server.run(fetch) == b"keys"
    assert server.asked == ["GET /keys HTTP/1.1"]


@pytest.mark.parametrize(
    "status", [b"404 Not Found", b"500 Broken", b"302 Found\r\nLocation: /other", b"201 OK"]
)
def test_anything_but_200_is_an_error_and_no_redirect_is_followed(status: bytes) -> None:
    server = Answering(b"HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n" % status)
    with pytest.raises(FetchError, match=f"/keys answered {status[:3].decode()}"):
        server.run(fetch)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        ok(b"x" * (SIZE_LIMIT + 1)),
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * (SIZE_LIMIT + 1),
    ],
)
def test_a_body_without_end_is_not_read_to_it(answer: bytes) -> None:
    with pytest.raises(FetchError, match=f"more than {SIZE_LIMIT} bytes"):
        Answering(answer).run(fetch)


def test_a_body_of_just_the_limit_is_returned() -> None:
    assert len(Answering(ok(b"x" * SIZE_LIMIT)).run(fetch)) == SIZE_LIMIT


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_loopback_is_asked_directly_whatever_proxy_the_developer_has(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, NOWHERE)
    assert Answering(ok(b"keys")).run(fetch) == b"keys"


def test_everything_else_is_asked_by_the_developers_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fetch_elsewhere(url: str, fetcher: Fetcher) -> bytes:
        monkeypatch.setenv("http_proxy", url)
        return await fetcher.fetch("http://pool.example/keys")

    server = Answering(ok(b"keys"))
    assert server.run(fetch_elsewhere) == b"keys"
    assert server.asked == ["GET http://pool.example/keys HTTP/1.1"]
