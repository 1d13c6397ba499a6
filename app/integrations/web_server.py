"""Web server in a thread of its own, for the REST interface and the public pages."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
import threading
from functools import cache
from gettext import NullTranslations
from typing import Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from analytics.domain.errors import VenueError
from resources.translations import LANGUAGES, load_translations

MAX_QUEUE = 200
_STOP_TIMEOUT_S = 4.0
_IDLE_S = 30
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
)
POLICY = "default-src 'none'; frame-ancestors 'none'"
"""Content security policy of what loads nothing."""
_LOG = logging.getLogger(__name__)


class Listening(Protocol):
    """Address of a server."""

    @property
    def host(self) -> str:
        """An address of this machine, or ``0.0.0.0`` or ``::`` for all of them."""

    @property
    def port(self) -> int:
        """Its TCP port."""

    @property
    def url(self) -> str:
        """The server's URL as seen from this machine."""


def choose_language(accepted: str) -> str:
    """Return the first language of an ``Accept-Language`` header that is available; English without one."""
    for part in accepted.split(","):
        tag = part.split(";")[0].strip().lower()
        for language in LANGUAGES:
            if tag and tag.split("-")[0] == language.split("_", maxsplit=1)[0].lower():
                return language
    return LANGUAGES[0]


@cache
def load_catalogue(language: str) -> NullTranslations:
    """Return a language's translations, which are loaded once."""
    return load_translations(language)


class SecurityHeaders:
    """Middleware that adds security headers to every response, and ``no-store`` if it has no caching."""

    def __init__(self, app: ASGIApp, *, is_tls: bool, policy: str = POLICY) -> None:
        """``policy`` is the content security policy."""
        self._app = app
        hsts = ((b"strict-transport-security", b"max-age=31536000"),) if is_tls else ()
        self._headers = (*_HEADERS, (b"content-security-policy", policy.encode()), *hsts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self._headers]
                if all(name.lower() != b"cache-control" for name, _ in message["headers"]):
                    message["headers"].append((b"cache-control", b"no-store"))
            await send(message)

        await self._app(scope, receive, send_with_headers)


class WebServer:
    """A server that listens from its creation on; idle connections are closed."""

    def __init__(
        self,
        app: ASGIApp,
        listening: Listening,
        *,
        name: str,
        certificate: str | None = None,
        key: str | None = None,
    ) -> None:
        """Bind the port and start the server.

        Args:
            name: of the server in errors and in the log.
            certificate, key: PEM files; None without TLS.

        Raises:
            VenueError: the address is not available.
        """
        import uvicorn

        from app.integrations.idle_timeout import IdleTimeoutConnection, IdleTimeoutLoop

        self._name = name
        config = uvicorn.Config(
            app,
            http=IdleTimeoutConnection,
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
        self._socket = _bind(listening)

        def serve() -> None:
            with asyncio.Runner(loop_factory=IdleTimeoutLoop) as runner:
                runner.run(self._server.serve(sockets=[self._socket]))

        self._thread = threading.Thread(target=serve, name=f"{name} server", daemon=True)
        self._thread.start()
        _LOG.info("%s server listening at %s.", name, listening.url)

    def check_running(self) -> None:
        """Check that the server runs.

        Raises:
            VenueError: it has ended.
        """
        if not self._thread.is_alive():
            raise VenueError(
                "The {name} server has stopped.",
                "Start 'serve' again; see the log for the reason.",
                name=self._name,
            )

    def close(self) -> None:
        """Let open requests finish for a moment, and stop."""
        self._server.should_exit = True
        self._thread.join(_STOP_TIMEOUT_S)
        self._socket.close()


def _bind(listening: Listening) -> socket.socket:
    from app.integrations.idle_timeout import IdleTimeoutListener

    try:
        # the first of its addresses: ::1 or 127.0.0.1 for localhost
        family, kind, protocol, _, address = socket.getaddrinfo(
            listening.host, listening.port, type=socket.SOCK_STREAM
        )[0]
        bound = IdleTimeoutListener(family, kind, protocol)
    except OSError as error:
        raise _explain(listening, error) from error
    try:
        if sys.platform != "win32":
            # on Windows it would let two programs share an address
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        # requests before the server's thread has started wait
        bound.listen(MAX_QUEUE)
    except OSError as error:
        bound.close()
        raise _explain(listening, error) from error
    return bound


def _explain(listening: Listening, error: OSError) -> VenueError:
    return VenueError(
        "No server can use {host}, port {port}: {cause}.",
        "Choose another port or address, or close the program that uses it.",
        host=listening.host,
        port=listening.port,
        cause=error.strerror or str(error),
    )
