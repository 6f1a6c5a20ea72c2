"""A user pool's key server on loopback that can be unreachable, slow, or answer anything at all."""

from __future__ import annotations

import contextlib
import socketserver
import threading
from collections.abc import Iterator

HOST = "127.0.0.1"


def ok(body: bytes, *headers: bytes) -> bytes:
    """Return an answer with status 200 and this body."""
    head = (b"HTTP/1.1 200 OK", b"Connection: close", b"Content-Length: %d" % len(body), *headers)
    return b"\r\n".join([*head, b"", body])


class LoopbackKeyServer:
    """Gives one answer, raw bytes, to everything; `asked` counts the requests.

    Between `hold()` and `release()` answers wait. Between `close()` and `open()` nothing listens on its port.
    """

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.asked = 0
        self._gate = threading.Event()
        self._gate.set()
        self._port = 0
        self._server: _Server | None = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._port}"

    def hold(self) -> None:
        self._gate.clear()

    def release(self) -> None:
        self._gate.set()

    def open(self) -> None:
        self._server = _Server((HOST, self._port), _Handler)
        self._server.answering = self._answer
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()
        self._server = None

    @contextlib.contextmanager
    def running(self) -> Iterator[LoopbackKeyServer]:
        """Listen meanwhile."""
        self.open()
        try:
            yield self
        finally:
            self.release()
            if self._server is not None:
                self.close()

    def _answer(self) -> bytes:
        self.asked += 1
        self._gate.wait()
        return self.answer


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    answering = staticmethod(lambda: b"")


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        while self.rfile.readline().strip():
            pass
        assert isinstance(self.server, _Server)
        with contextlib.suppress(OSError):  # the stage waits no longer
            self.wfile.write(self.server.answering())
