"""Forward connections to a server, and cut them in one direction or both, without root."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading

_BLOCK_BYTES = 1 << 16


class TcpProxy:
    """A proxy on the loopback interface to a port of this machine.

    While a direction is cut, what comes that way waits unread, as if packets were lost: no end of the
    connection is ever reported.

    Attributes:
        host, port: where to connect instead of the server.
        prefix: what to put before a command to run it there: nothing.
    """

    host = "127.0.0.1"
    prefix: tuple[str, ...] = ()

    def __init__(self, target_port: int) -> None:
        self._target = ("127.0.0.1", target_port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._to_server = threading.Event()
        self._to_client = threading.Event()
        self._to_server.set()
        self._to_client.set()
        self._is_closed = False
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, *, to_server: bool = True, to_client: bool = True) -> None:
        """Let nothing pass in these directions."""
        if to_server:
            self._to_server.clear()
        if to_client:
            self._to_client.clear()

    def mend(self) -> None:
        """Let everything pass; what was sent meanwhile on connections that still exist arrives now."""
        self._to_server.set()
        self._to_client.set()

    def close(self) -> None:
        """Close every connection."""
        self._is_closed = True
        self.mend()
        for one in (self._listener, *list(self._open)):
            with contextlib.suppress(OSError):
                one.close()

    def _accept(self) -> None:
        while not self._is_closed:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        self._to_server.wait()
        self._to_client.wait()
        try:
            server = socket.create_connection(self._target)
        except OSError:
            client.close()
            return
        self._open |= {client, server}
        ways = {client: (server, self._to_server), server: (client, self._to_client)}
        with contextlib.suppress(OSError, ValueError), selectors.DefaultSelector() as selector:
            for one in ways:
                selector.register(one, selectors.EVENT_READ)
            while True:
                for key, _events in selector.select():
                    source = key.fileobj
                    assert isinstance(source, socket.socket)
                    other, is_passable = ways[source]
                    block = source.recv(_BLOCK_BYTES)
                    is_passable.wait()
                    if not block:
                        raise OSError
                    other.sendall(block)
        self._open -= {client, server}
        client.close()
        server.close()
