"""A mail server of a few lines: takes what it is told, or refuses."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class MailServer(socketserver.ThreadingTCPServer):
    """Attributes:
    messages: what was taken.
    refuses: every recipient is refused.
    unknown: a recipient of this address is refused.
    has_login: a login is offered, and refused.
    refuses_sender: whoever sends is refused.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, host: str) -> None:
        super().__init__((host, 0), _Handler)
        self.messages: list[str] = []
        self.recipients: list[str] = []
        self.refuses = self.has_login = self.refuses_sender = False
        self.unknown = ""

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Handler(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 mail")
        lines: list[str] | None = None
        for raw in self.rfile:
            line = raw.decode("utf-8", errors="replace").rstrip("\r\n")
            if lines is not None:
                if line == ".":
                    self.server.messages.append("\n".join(lines))
                    lines = None
                    self._say("250 taken")
                else:
                    lines.append(line)
                continue
            command = line[:4].upper()
            if command == "QUIT":
                self._say("221 bye")
                return
            if command == "EHLO" and self.server.has_login:
                self._say("250-mail\r\n250 AUTH PLAIN")
            elif command == "AUTH":
                self._say("535 5.7.8 user name and password not accepted")
            elif command == "MAIL" and self.server.refuses_sender:
                self._say("553 5.7.1 not an address of yours")
            elif command == "RCPT" and (
                self.server.refuses or (self.server.unknown and self.server.unknown in line)
            ):
                self._say("550 no such mailbox here")
            elif command == "DATA":
                lines = []
                self._say("354 go on")
            else:
                if command == "RCPT":
                    self.server.recipients.append(line[8:].strip("<> :"))
                self._say("250 ok")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def serve_mail(host: str = "127.0.0.1") -> Iterator[MailServer]:
    with MailServer(host) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
