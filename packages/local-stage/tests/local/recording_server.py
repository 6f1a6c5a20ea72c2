"""A server on this machine that publishes a key set, and keeps what it is asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, override


class RecordingServer(ThreadingHTTPServer):
    """Publishes a key set, and keeps every request."""

    def __init__(self, key_set: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Recorder)
        self.key_set = key_set
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Recorder(BaseHTTPRequestHandler):
    server: RecordingServer

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.server.asked.append(f"{self.requestline}\n{self.headers}{self.rfile.read(length)!r}")
        body = self.server.key_set
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Keep standard error for the tests."""


@contextmanager
def recording_server(key_set: bytes) -> Iterator[RecordingServer]:
    with RecordingServer(key_set) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
