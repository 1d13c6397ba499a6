"""Limits of idle connections and connections per client, so that no client can block the others."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections import Counter
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

CHECK_INTERVAL_S = 10.0
MAX_CONNECTIONS = 200
MAX_PER_CLIENT = 80
"""Maximum connections per client, above the event listeners' limit: a proxy hides many clients."""

MAX_ACCEPTED = 400
MAX_ACCEPTED_PER_CLIENT = 120
"""Maximum connections per client before their first HTTP request, for example during a TLS handshake."""
HANDSHAKE_S = 5.0


class IdleTimeoutConnection(H11Protocol):
    """A connection that is closed if no complete request arrives between two checks.

    A client with too many connections loses its oldest idle one; at the total limit, the client with the most
    connections does. If none is idle, the new connection is refused.
    """

    check_interval_s = CHECK_INTERVAL_S

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count a new connection and start checking it."""
        super().connection_made(transport)
        self.client_name = name_client(self.client[0] if self.client else "")
        self._since_s = self.loop.time()
        self._answered: RequestResponseCycle | None = None
        self._was_idle = False
        self._check_task = self.loop.call_later(self.check_interval_s, self._check_idle)
        self._enforce_limits()

    def connection_lost(self, exc: Exception | None) -> None:
        """Release a closed connection."""
        self._check_task.cancel()
        super().connection_lost(exc)

    @property
    def is_idle(self) -> bool:
        """Return whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def _enforce_limits(self) -> None:
        others = [
            one
            for one in self.connections
            if isinstance(one, IdleTimeoutConnection) and one is not self and not one.transport.is_closing()
        ]
        candidates = [one for one in others if one.client_name == self.client_name]
        if len(candidates) < MAX_PER_CLIENT:
            if len(others) < MAX_CONNECTIONS:
                return
            ((busiest, _),) = Counter(one.client_name for one in others).most_common(1)
            candidates = [one for one in others if one.client_name == busiest]
        idle = (one for one in candidates if one.is_idle and not one.transport.get_write_buffer_size())
        # abort: closing TLS properly may take half a minute
        min(idle, key=lambda one: one._since_s, default=self).transport.abort()

    def _check_idle(self) -> None:
        if self.transport.is_closing():
            return
        has_no_request = self.cycle is None or (self._was_idle and self.cycle is self._answered)
        if self.is_idle and has_no_request:
            self.transport.abort()
            return
        self._was_idle, self._answered = self.is_idle, self.cycle
        self._check_task = self.loop.call_later(self.check_interval_s, self._check_idle)


def name_client(address: str) -> str:
    """Return a client's identity: its IPv4 address, or the network of its IPv6 address."""
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
    """A listener that limits connections in total and per client."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.accepted: Counter[str] = Counter()

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept a connection.

        Raises:
            ConnectionAbortedError: there are too many connections; the new one was closed.
        """
        connection, address = super().accept()
        client = name_client(str(address[0]))
        if self.accepted[client] >= MAX_ACCEPTED_PER_CLIENT or self.accepted.total() >= MAX_ACCEPTED:
            connection.close()
            raise ConnectionAbortedError("too many connections")
        return _AcceptedConnection(connection, client, self.accepted), address


class _AcceptedConnection(socket.socket):
    def __init__(self, connection: socket.socket, client: str, accepted: Counter[str]) -> None:
        family, kind, protocol = connection.family, connection.type, connection.proto
        super().__init__(family, kind, protocol, fileno=connection.detach())
        self._client, self._accepted, self._is_counted = client, accepted, True
        accepted[client] += 1

    def close(self) -> None:
        if self._is_counted:
            self._is_counted = False
            self._accepted[self._client] -= 1
            if not self._accepted[self._client]:
                del self._accepted[self._client]
        super().close()


class IdleTimeoutLoop(asyncio.SelectorEventLoop):
    """An event loop with a TLS handshake timeout of a few seconds in place of asyncio's minute."""

    async def create_server(self, *arguments: Any, **options: Any) -> asyncio.Server:
        """Create a server with the short handshake timeout."""
        if options.get("ssl") is not None:
            options["ssl_handshake_timeout"] = HANDSHAKE_S
        return await super().create_server(*arguments, **options)
