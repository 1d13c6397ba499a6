"""Web addresses that something may be posted to."""

from __future__ import annotations

from urllib.parse import urlsplit

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def is_web_address(url: str) -> bool:
    """Whether an address is encrypted or of this machine, written in ASCII, without user and password."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or not url.isascii() or any(map(str.isspace, url)):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
