"""Motion JPEG and HLS over HTTP on loopback, with basic authentication and a freeze on request."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_BOUNDARY = "frame"


class HttpVideoServer:
    """Serves ``/mjpeg`` without end, the files of one folder, and ``/live.m3u8``; a context manager.

    The live playlist lists three of the folder's segments (``0.ts``, ``1.ts``, ...; one second each) and
    moves on by one every second from the first request, until there are no more.
    """

    def __init__(
        self,
        *,
        jpegs: Sequence[bytes] = (),
        fps: float = 25.0,
        folder: Path | None = None,
        user: str | None = None,
        password: str | None = None,
    ) -> None:
        self.frozen = threading.Event()
        self.stopping = threading.Event()
        self._first_request_s: float | None = None
        server = self

        class Answer(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """Keep the test output clean."""

            def do_GET(self) -> None:
                if not server.is_allowed(self.headers.get("Authorization"), user, password):
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", 'Basic realm="test"')
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                elif self.path.split("?")[0] == "/mjpeg":
                    self.send_mjpeg()
                elif self.path == "/live.m3u8" and folder is not None:
                    self.send_content(server.list_segments(folder), "application/vnd.apple.mpegurl")
                else:
                    self.send_file()

            def send_mjpeg(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={_BOUNDARY}")
                self.end_headers()
                position = 0
                try:
                    while not server.stopping.wait(1 / fps):
                        if server.frozen.is_set():
                            continue
                        jpeg = jpegs[position % len(jpegs)]
                        kind = f"Content-Type: image/jpeg\r\nContent-Length: {len(jpeg)}"
                        head = f"--{_BOUNDARY}\r\n{kind}\r\n\r\n"
                        self.wfile.write(head.encode() + jpeg + b"\r\n")
                        position += 1
                except OSError:
                    return

            def send_file(self) -> None:
                path = None if folder is None else folder / self.path.split("?")[0].lstrip("/")
                if path is None or not path.is_file():
                    self.send_error(404)
                    return
                self.send_content(path.read_bytes(), "video/mp2t")

            def send_content(self, content: bytes, kind: str) -> None:
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                try:
                    self.wfile.write(content)
                except OSError:
                    return

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]

    def list_segments(self, folder: Path) -> bytes:
        """The playlist of this moment."""
        now_s = time.monotonic()
        if self._first_request_s is None:
            self._first_request_s = now_s
        count = len(list(folder.glob("*.ts")))
        end = min(count, 3 + int(now_s - self._first_request_s))
        lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:1", f"#EXT-X-MEDIA-SEQUENCE:{end - 3}"]
        for index in range(end - 3, end):
            lines += ["#EXTINF:1.0,", f"{index}.ts"]
        return ("\n".join(lines) + "\n").encode()

    @staticmethod
    def is_allowed(given: str | None, user: str | None, password: str | None) -> bool:
        """Whether the header carries the right credentials, or none are wanted."""
        if user is None:
            return True
        return given == "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def __enter__(self) -> HttpVideoServer:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()
