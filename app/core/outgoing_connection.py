"""Outgoing connections to configured addresses only, never to a cloud's metadata service."""

from __future__ import annotations

import http.client
import socket
import ssl
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from analytics.domain.errors import OutputError
from app.core.web_address import is_metadata_host


def create_connection(
    address: tuple[str, int], timeout: float | None, source_address: tuple[str, int] | None = None
) -> socket.socket:
    """Connect as `socket.create_connection` does, but never to a link-local address or a metadata service.

    The checked address is the one connected to, so that changing DNS answers cannot bypass the check.

    Args:
        timeout: seconds for each of the host's addresses.

    Raises:
        OutputError: the host leads there and nowhere else.
        OSError: it cannot be reached.
    """
    host, port = address
    _refuse_metadata(host, host)
    places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    found = list(dict.fromkeys(str(place[0]) for *_, place in places))
    # a local name may have a link-local address besides its usual one
    allowed = [one for one in found if not is_metadata_host(one)]
    if not allowed:
        _refuse_metadata(host, found[0])
    for one in allowed[:-1]:
        try:
            return socket.create_connection((one, port), timeout, source_address)
        except OSError:
            continue
    return socket.create_connection((allowed[-1], port), timeout, source_address)


def open_web_address(request: urllib.request.Request, *, timeout_s: float) -> http.client.HTTPResponse:
    """Request a web address without following redirects.

    Raises:
        OutputError: as `create_connection`.
        OSError: as `urllib.request.urlopen`.
    """
    # a system proxy resolves the name itself
    host = urlsplit(request.full_url).hostname or ""
    _refuse_metadata(host, host)
    opener = urllib.request.build_opener(
        NoRedirectHandler, _CheckedHttp(), _CheckedHttps(context=ssl.create_default_context())
    )
    answer: http.client.HTTPResponse = opener.open(request, timeout=timeout_s)
    return answer


def _refuse_metadata(host: str, address: str) -> None:
    if is_metadata_host(address):
        raise OutputError(
            "'{host}' resolves to {address}, a link-local address or the metadata service of a "
            "cloud; nothing is sent there.",
            "Enter the name or address of the other system in your network.",
            host=host,
            address=address,
        )


class NoRedirectHandler(urllib.request.HTTPRedirectHandler):
    """Handler that treats redirects as errors.

    Python would follow a redirect of a post with a GET without body, and report success.
    """

    def redirect_request(self, *_of_urllib: Any) -> None:
        """Refuse the redirect."""


class _CheckedConnection(http.client.HTTPConnection):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._create_connection = create_connection


class _CheckedTlsConnection(http.client.HTTPSConnection):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._create_connection = create_connection


class _CheckedHttp(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_CheckedConnection, req)


class _CheckedHttps(urllib.request.HTTPSHandler):
    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(context=context)
        self._tls = context

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_CheckedTlsConnection, req, context=self._tls)
