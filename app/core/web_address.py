"""Checks of web addresses that data may be sent to."""

from __future__ import annotations

import ipaddress
import socket
import unicodedata
from urllib.parse import unquote, urlsplit

from analytics.domain.errors import VenueError

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_METADATA_NAMES = (
    "metadata",
    "metadata.google.internal",
    "metadata.goog",
    "metadata.azure.internal",
    "metadata.tencentyun.com",
    "instance-data",
    "instance-data.ec2.internal",
)
_METADATA_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in (
        "169.254.0.0/16",
        "fe80::/10",
        # clouds whose metadata service is not link-local: Alibaba, Azure, Oracle, Amazon, Google
        "100.100.100.200/32",
        "168.63.129.16/32",
        "192.0.0.192/32",
        "fd00:c1::a9fe:a9fe/128",
        "fd00:ec2::/32",
        "fd20:ce::254/128",
    )
)
_EMBEDDING_NETWORKS = tuple(ipaddress.ip_network(network) for network in ("::/96", "64:ff9b::/96"))
"""IPv6 networks whose addresses embed an IPv4 address in their last 32 bits."""


def is_web_address(url: str) -> bool:
    """Return whether an address uses TLS or is local, is ASCII, and has no user or password."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or not url.isascii() or any(map(str.isspace, url)):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)


def make_url(host: str, port: int, *, is_tls: bool = False) -> str:
    """Return the URL of a host, in brackets if it is an IPv6 address."""
    return f"{'https' if is_tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


def find_own_address() -> str:
    """Return this machine's address in its network; 127.0.0.1 without a network. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # an address of documentation, RFC 5737: connecting a datagram socket only chooses the route
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return _LOOPBACK[0]
        return str(probe.getsockname()[0])


def is_any_address(host: str) -> bool:
    """Return whether a server at this address listens at all addresses of its machine."""
    return host in {str(ipaddress.IPv4Address(0)), str(ipaddress.IPv6Address(0))}


def is_loopback(host: str) -> bool:
    """Return whether an address is reachable only from the same machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_metadata_host(host: str) -> bool:
    """Return whether a host is link-local or the metadata service of a cloud, however it is written.

    Names are not resolved and may still lead there. Other private addresses do not count.
    """
    # normalised as resolvers do: full-width digits are digits, and %31 is a 1
    text = unicodedata.normalize("NFKC", unquote(host)).strip().strip("[]").rstrip(".").casefold()
    if text in _METADATA_NAMES:
        return True
    address = _parse_address(text.partition("%")[0])
    if address is None:
        return False
    return any(one in network for one in _unwrap(address) for network in _METADATA_NETWORKS)


def require_no_metadata_host(host: str) -> None:
    """Reject the hosts of `is_metadata_host`.

    Raises:
        VenueError: nothing is sent there.
    """
    if is_metadata_host(host):
        raise VenueError(
            "'{host}' is a link-local address or the metadata service of a cloud; nothing is sent there.",
            "Enter the name or address of the other system in your network.",
            host=host,
        )


def _parse_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        pass
    try:
        # decimal, octal, hexadecimal and short forms, as every resolver takes them
        return ipaddress.IPv4Address(socket.inet_aton(text))
    except (OSError, UnicodeError, ValueError):
        return None


def _unwrap(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """Return an address and the IPv4 addresses that it embeds."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in _EMBEDDING_NETWORKS):
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    return [address, *(one for one in inner if one is not None)]
