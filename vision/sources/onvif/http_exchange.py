"""One HTTP request to one camera: no proxy, no redirect, and a strict time limit."""

from __future__ import annotations

import contextlib
import email.utils
import http.client
import queue
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from analytics.domain.clock import Clock
from vision.sources.source_faults import SourceFault

ANSWER_LIMIT_S = 5.0
MAX_ANSWER_BYTES = 2 * 1024 * 1024
"""Twice the size of the 256 profiles of a large recorder, at 4 kB each."""
_POLL_INTERVAL_S = 0.1
_FAULT_BY_TYPE: tuple[tuple[type[Exception] | tuple[type[Exception], ...], SourceFault], ...] = (
    (ConnectionRefusedError, SourceFault.REFUSED),
    (TimeoutError, SourceFault.NO_ANSWER),
    ((ConnectionError, http.client.RemoteDisconnected, http.client.IncompleteRead), SourceFault.LOST),
    (OSError, SourceFault.UNREACHABLE),
)


class ExchangeFailed(Exception):  # noqa: N818 - the caller makes the error with its sentences
    """Failure to get a readable answer.

    Attributes:
        fault: REFUSED, UNREACHABLE, NO_ANSWER, LOST, or UNKNOWN for an answer that is not HTTP or too long.
    """

    def __init__(self, fault: SourceFault) -> None:
        self.fault = fault
        super().__init__(fault.value)


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A server's response.

    Attributes:
        challenges: every ``WWW-Authenticate`` header.
        date_utc_s: the server's clock by its ``Date`` header, seconds since the epoch; None without one.
        location: target of a redirect; empty if there is none.
    """

    status: int
    body: bytes
    challenges: tuple[str, ...]
    date_utc_s: float | None
    location: str


def post(
    url: str,
    content: bytes,
    *,
    content_type: str,
    authorization: str | None,
    clock: Clock,
    on_wait: Callable[[], None],
    limit_s: float = ANSWER_LIMIT_S,
) -> HttpResponse:
    """Send a message and wait for the answer, in a thread that is abandoned if it takes too long.

    One limit covers everything, so that neither an endless name lookup nor a server that sends a byte a
    second delays the caller. Certificates are not checked, because cameras sign their own; nothing secret is
    sent that plain HTTP would not protect as well.

    Args:
        on_wait: called ten times a second; an exception closes the connection and is passed on.

    Raises:
        ExchangeFailed: no answer, or none that is HTTP.
    """
    exchange = _Exchange(url, limit_s)
    headers: dict[str, str | bytes] = {"Content-Type": content_type, "Connection": "close"}
    if authorization is not None:
        headers["Authorization"] = authorization.encode("utf-8")
    outcomes: queue.SimpleQueue[HttpResponse | SourceFault] = queue.SimpleQueue()
    threading.Thread(
        target=lambda: outcomes.put(exchange.run(content, headers)), name="onvif", daemon=True
    ).start()
    deadline_s = clock.monotonic_s() + limit_s
    try:
        while True:
            on_wait()
            with contextlib.suppress(queue.Empty):
                outcome = outcomes.get(timeout=_POLL_INTERVAL_S)
                break
            if clock.monotonic_s() >= deadline_s:
                raise ExchangeFailed(SourceFault.NO_ANSWER)
    finally:
        exchange.abandon()
    if isinstance(outcome, SourceFault):
        raise ExchangeFailed(outcome)
    return outcome


class _Exchange:
    """The part that runs in the thread."""

    def __init__(self, url: str, limit_s: float) -> None:
        parts = urlsplit(url)
        self._path = parts.path + (f"?{parts.query}" if parts.query else "")
        host = parts.hostname or ""
        if parts.scheme == "https":
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self._connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, parts.port, timeout=limit_s, context=context
            )
        else:
            self._connection = http.client.HTTPConnection(host, parts.port, timeout=limit_s)

    def run(self, content: bytes, headers: dict[str, str | bytes]) -> HttpResponse | SourceFault:
        """Return the answer, or the reason for its absence."""
        try:
            self._connection.request("POST", self._path, content, headers)
            response = self._connection.getresponse()
            body = response.read(MAX_ANSWER_BYTES + 1)
        except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:
            # AttributeError: the connection was closed by another thread
            return _classify(error)
        if len(body) > MAX_ANSWER_BYTES:
            return SourceFault.UNKNOWN
        return HttpResponse(
            response.status,
            body,
            tuple(response.headers.get_all("WWW-Authenticate") or ()),
            _parse_date(response.headers.get("Date")),
            response.headers.get("Location", ""),
        )

    def abandon(self) -> None:
        """Close the connection, so that the thread ends."""
        connected = self._connection.sock
        if connected is not None:
            with contextlib.suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            self._connection.close()


def _classify(error: Exception) -> SourceFault:
    for kinds, fault in _FAULT_BY_TYPE:
        if isinstance(error, kinds):
            return fault
    return SourceFault.UNKNOWN


def _parse_date(header: str | None) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(header or "").timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
