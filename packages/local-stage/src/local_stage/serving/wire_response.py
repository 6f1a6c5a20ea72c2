"""A response as it goes over the wire."""

from __future__ import annotations

import re
from email.utils import formatdate
from typing import Final, override

from aiohttp import HttpVersion10, web
from aiohttp.abc import AbstractStreamWriter

from local_stage.api_gateway.exchange import BODILESS_STATUSES
from local_stage.api_gateway.http_message import HttpResponse

_USUAL: Final = frozenset({"connection", "content-length", "content-type", "date"})
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class WireResponse(web.StreamResponse):
    """A whole response, head and body in one write.

    aiohttp's own response keeps its headers in a mapping, which it looks at again and again: to put a list of
    them on the wire takes a third of the time. It also names its software, which API Gateway does not.
    """

    def __init__(self, response: HttpResponse, *, is_last: bool) -> None:
        """Send a response, and end the connection with it if it `is_last`."""
        super().__init__(status=response.status)
        self._response = response
        self._is_last = is_last

    @property
    @override
    def keep_alive(self) -> bool:
        return not self._is_last

    @override
    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter:
        writer = request.writer
        await writer.write(self._write_head(request) + self._find_body(request))
        await writer.drain()
        return writer

    @override
    async def write_eof(self, data: bytes = b"") -> None:
        """Do nothing more: all has been written."""

    def _find_body(self, request: web.BaseRequest) -> bytes:
        is_bodiless = request.method == "HEAD" or self._response.status in BODILESS_STATUSES
        return b"" if is_bodiless else self._response.body

    def _write_head(self, request: web.BaseRequest) -> bytes:
        """Return status line and headers. Raises ValueError for a character that could split the response."""
        major, minor = request.version
        lines = [f"HTTP/{major}.{minor} {self._response.status} {self.reason}"]
        lines += [f"{name}: {value}" for name, value in self._complete_headers(request)]
        if not "".join(lines).isprintable() and _CONTROLS.search("".join(lines)):
            raise ValueError("a header holds a control character")
        return "\r\n".join([*lines, "\r\n"]).encode()

    def _complete_headers(self, request: web.BaseRequest) -> list[tuple[str, str]]:
        """Return the headers, with those that a response has to have and this one lacks."""
        headers, body = self._response.headers, self._find_body(request)
        names = {name.lower() for name, _ in headers}
        if self._is_last:
            headers = [(name, "close" if name.lower() == "connection" else value) for name, value in headers]
        if names >= _USUAL:
            return headers
        usual = {"date": formatdate(usegmt=True)}
        if self._response.status not in BODILESS_STATUSES:
            usual["content-length"] = str(len(self._response.body))
        if body:
            usual["content-type"] = "application/octet-stream"
        if self._is_last or request.version == HttpVersion10:
            usual["connection"] = "close" if self._is_last else "keep-alive"
        return [*headers, *((name.title(), value) for name, value in usual.items() if name not in names)]
