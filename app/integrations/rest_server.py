"""The publisher that answers other systems' requests: an HTTP server in a thread of its own."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import VenueError
from app.integrations.hall_snapshot import HallSnapshot
from app.integrations.rest_app import RestParts, make_rest_app
from app.integrations.serving import PublisherState
from app.integrations.snapshot_shelf import SnapshotShelf
from app.integrations.token_check import RequestCounts, TokenCheck
from app.venue.rest_settings import RestSettings, read_rest

NAME = "REST"
LONGEST_QUEUE = 200
_STARTS_WITHIN_S = 20.0
_STOPS_WITHIN_S = 4.0
_IDLE_S = 30

_LOG = logging.getLogger(__name__)


class RestServer:
    """Listens from the beginning; answers what is now from the first snapshot on."""

    def __init__(
        self,
        folder: Path,
        settings: RestSettings,
        *,
        clock: Clock | None = None,
    ) -> None:
        """Bind and start.

        Raises:
            VenueError: the address is not to be had, or the certificate cannot be used.
        """
        import uvicorn

        from app.integrations.patient_connection import PatientConnection, PatientLoop

        self._shelf = SnapshotShelf()
        self._parts = RestParts(folder, settings, self._shelf, clock or SystemClock())
        self.app = make_rest_app(self._parts)
        certificate, key = (
            str(folder / name) if name else None for name in (settings.tls_certificate, settings.tls_key)
        )
        _check_certificate(certificate, key)
        config = uvicorn.Config(
            self.app,
            http=PatientConnection,
            ws="none",
            proxy_headers=False,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            timeout_keep_alive=_IDLE_S,
            timeout_graceful_shutdown=2,
            ssl_certfile=certificate,
            ssl_keyfile=key,
        )
        self._server = uvicorn.Server(config)
        self._socket = _bind(settings)

        def serve() -> None:
            with asyncio.Runner(loop_factory=PatientLoop) as runner:
                runner.run(self._server.serve(sockets=[self._socket]))

        self._thread = threading.Thread(target=serve, name="REST server", daemon=True)
        self._thread.start()
        _LOG.info("Other systems may ask at %s.", settings.url)

    @property
    def name(self) -> str:
        """How it is called."""
        return NAME

    @property
    def requests(self) -> RequestCounts:
        """What was asked so far."""
        check: TokenCheck = self.app.state.token_check
        return check.counts

    def tell_of(self, list_publishers: Callable[[], Sequence[PublisherState]]) -> None:
        """Let metrics say how everything that tells other systems does."""
        self._parts.list_publishers = list_publishers

    def publish(self, snapshot: HallSnapshot) -> None:
        """Answer with this from now on.

        Raises:
            VenueError: the server has ended.
        """
        if not self._thread.is_alive():
            raise VenueError("The REST server has ended.", "Start 'serve' again; the log says why it ended.")
        self._shelf.put(snapshot)

    def close(self) -> None:
        """Finish what is being answered, for a moment, and end."""
        self._server.should_exit = True
        self._thread.join(_STOPS_WITHIN_S)
        self._socket.close()


def open_rest(folder: Path) -> RestServer | None:
    """The server of a venue; None where the venue does not ask for one.

    Raises:
        VenueError: its settings cannot be used, or the address is not to be had.
    """
    settings = read_rest(folder)
    return RestServer(folder, settings) if settings.is_enabled else None


def _bind(settings: RestSettings) -> socket.socket:
    from app.integrations.patient_connection import PatientListener

    try:
        # the first of its addresses: ::1 or 127.0.0.1 for localhost
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM
        )[0]
        bound = PatientListener(family, kind, protocol)
    except OSError as error:
        raise _explain(settings, error) from error
    try:
        if sys.platform != "win32":
            # there it would let two programs have one address
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        # whoever asks before the server's thread has begun waits, and is not sent away
        bound.listen(LONGEST_QUEUE)
    except OSError as error:
        bound.close()
        raise _explain(settings, error) from error
    return bound


def _explain(settings: RestSettings, error: OSError) -> VenueError:
    return VenueError(
        "Nobody can listen at {host}, port {port}: {cause}.",
        "Choose another port or address, or end the program that has it.",
        host=settings.host,
        port=settings.port,
        cause=error.strerror or str(error),
    )


def _check_certificate(certificate: str | None, key: str | None) -> None:
    if certificate is None:
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            certificate, key, password=lambda: b""
        )
    except (OSError, ValueError) as error:
        raise VenueError(
            "The certificate {file} and its key cannot be used: {cause}.",
            "Give a certificate and the key that belongs to it as PEM files without a password.",
            file=certificate,
            cause=getattr(error, "reason", None) or str(error),
        ) from error
