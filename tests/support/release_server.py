"""A release feed of a few lines that answers as it is told, and counts who asks."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


class ReleaseServer(ThreadingHTTPServer):
    """``asked`` holds path and headers of every question; ``release`` lets answers that wait go on."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.status, self.content, self.is_silent = 200, b"", False
        self.release = Event()
        self.scheme = "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}/latest"


class _Answering(BaseHTTPRequestHandler):
    server: ReleaseServer

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        if self.server.is_silent:
            self.server.release.wait(10)
            return
        self.send_response(self.server.status)
        if 300 <= self.server.status < 400:
            self.send_header("Location", self.server.url)
        self.end_headers()
        self.wfile.write(self.server.content)

    def log_message(self, *_: object) -> None: ...


@contextmanager
def serve_releases(content: bytes = b"", *, tls: ssl.SSLContext | None = None) -> Iterator[ReleaseServer]:
    with ReleaseServer() as server:
        server.content = content
        if tls is not None:
            server.scheme = "https"
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.release.set()
            server.shutdown()
            thread.join()
