"""Connections that ask nothing are closed, and no client has too many, so that none keeps others out."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections import Counter
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

LOOK_EVERY_S = 10.0
MAX_CONNECTIONS = 200
MAX_OF_CLIENT = 80
"""More than listen to events at most: behind a proxy all clients have its address."""

MAX_TAKEN = 400
MAX_TAKEN_OF_CLIENT = 120
"""Also of connections that have not come to an HTTP request yet, as before the end of a TLS handshake."""
HANDSHAKE_S = 5.0


class IdleTimeoutConnection(H11Protocol):
    """Closed where nothing was asked in full until the first look, or between two later ones.

    A client with too many connections loses its oldest that asks nothing; where there are too many of all,
    the client that has most of them does. Where none is idle, the newest is not taken.
    """

    look_every_s = LOOK_EVERY_S

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has come."""
        super().connection_made(transport)
        self.client_name = name_client(self.client[0] if self.client else "")
        self._since_s = self.loop.time()
        self._answered: RequestResponseCycle | None = None
        self._was_idle = False
        self._look_task = self.loop.call_later(self.look_every_s, self._look)
        self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """They have gone."""
        self._look_task.cancel()
        super().connection_lost(exc)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def _make_room(self) -> None:
        others = [
            one
            for one in self.connections
            if isinstance(one, IdleTimeoutConnection) and one is not self and not one.transport.is_closing()
        ]
        crowd = [one for one in others if one.client_name == self.client_name]
        if len(crowd) < MAX_OF_CLIENT:
            if len(others) < MAX_CONNECTIONS:
                return
            ((most, _),) = Counter(one.client_name for one in others).most_common(1)
            crowd = [one for one in others if one.client_name == most]
        idle = (one for one in crowd if one.is_idle and not one.transport.get_write_buffer_size())
        # at once: one that does not even answer the end of TLS would stay half a minute
        min(idle, key=lambda one: one._since_s, default=self).transport.abort()

    def _look(self) -> None:
        if self.transport.is_closing():
            return
        has_asked_nothing = self.cycle is None or (self._was_idle and self.cycle is self._answered)
        if self.is_idle and has_asked_nothing:
            self.transport.abort()
            return
        self._was_idle, self._answered = self.is_idle, self.cycle
        self._look_task = self.loop.call_later(self.look_every_s, self._look)


def name_client(address: str) -> str:
    """Return what stands for a client: its IPv4 address, or the network of which it has an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


class IdleTimeoutListener(socket.socket):
    """Listens, and takes so many connections at a time, in all and of one client."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.taken: Counter[str] = Counter()

    def accept(self) -> tuple[socket.socket, Any]:
        """Take a connection.

        Raises:
            ConnectionAbortedError: there are too many; whoever came is gone again.
        """
        connection, address = super().accept()
        client = name_client(str(address[0]))
        if self.taken[client] >= MAX_TAKEN_OF_CLIENT or self.taken.total() >= MAX_TAKEN:
            connection.close()
            raise ConnectionAbortedError("too many connections")
        return _TakenConnection(connection, client, self.taken), address


class _TakenConnection(socket.socket):
    def __init__(self, connection: socket.socket, client: str, taken: Counter[str]) -> None:
        family, kind, protocol = connection.family, connection.type, connection.proto
        super().__init__(family, kind, protocol, fileno=connection.detach())
        self._client, self._taken, self._is_counted = client, taken, True
        taken[client] += 1

    def close(self) -> None:
        if self._is_counted:
            self._is_counted = False
            self._taken[self._client] -= 1
            if not self._taken[self._client]:
                del self._taken[self._client]
        super().close()


class IdleTimeoutLoop(asyncio.SelectorEventLoop):
    """Gives a TLS handshake a few seconds, where asyncio gives it a minute."""

    async def create_server(self, *arguments: Any, **options: Any) -> asyncio.Server:
        """As that of every loop."""
        if options.get("ssl") is not None:
            options["ssl_handshake_timeout"] = HANDSHAKE_S
        return await super().create_server(*arguments, **options)
