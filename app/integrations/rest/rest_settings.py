"""The table ``rest`` of ``integrations.toml``: whether and where other systems may ask what is now."""

from __future__ import annotations

import ipaddress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from analytics.domain.errors import VenueError
from app.integrations.integrations_file import read_table, replace_table

TABLE = "rest"
DEFAULT_PORT = 8765
LARGEST_PORT = 65535
LEAST_PORT = 1024
"""Lower ones are for programs of the system's administrator."""
MOST_REQUESTS = 6000


@dataclass(frozen=True, slots=True)
class RestSettings:
    """Where is listened.

    Attributes:
        host: an address of this machine, ``0.0.0.0`` or ``::`` for all of them.
        tls_certificate, tls_key: PEM files, relative to the venue's folder or absolute; empty for none.
        requests_per_min: so many answers a minute each token gets.
    """

    is_enabled: bool = False
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    tls_certificate: str = ""
    tls_key: str = ""
    requests_per_min: int = 240

    @property
    def uses_tls(self) -> bool:
        """Whether it speaks HTTPS."""
        return bool(self.tls_certificate)

    @property
    def url(self) -> str:
        """The address of the server as this machine writes it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.uses_tls else 'http'}://{host}:{self.port}"


def is_loopback(host: str) -> bool:
    """Whether an address can be reached by programs of the same machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_rest(settings: RestSettings, *, folder: Path) -> RestSettings:
    """The same, if it can be.

    Args:
        folder: of the venue, where relative files lie.

    Raises:
        VenueError: something of it cannot be; says which and what to do.
    """
    if settings.host != "localhost" and not _is_address(settings.host):
        raise VenueError(
            "'{host}' is no address of a machine.",
            "Write 127.0.0.1 for this machine alone, or one of its addresses in the network.",
            host=settings.host,
        )
    if not LEAST_PORT <= settings.port <= LARGEST_PORT:
        raise VenueError(
            "{port} is no port that can be used here.",
            "Choose one from {least} to {most}.",
            port=settings.port,
            least=LEAST_PORT,
            most=LARGEST_PORT,
        )
    if not 1 <= settings.requests_per_min <= MOST_REQUESTS:
        raise VenueError(
            "A token cannot have {requests} answers a minute.",
            "Choose a number from 1 to {most}.",
            requests=settings.requests_per_min,
            most=MOST_REQUESTS,
        )
    if bool(settings.tls_certificate) != bool(settings.tls_key):
        raise VenueError(
            "TLS needs a certificate and its key.", "Name both files, or neither on this machine alone."
        )
    if not is_loopback(settings.host) and not settings.uses_tls:
        raise VenueError(
            "Whoever is in the network could read tokens on their way to {host}: it has no TLS.",
            "Name a certificate and its key, or listen at 127.0.0.1 and let a web server with TLS pass "
            "requests on.",
            host=settings.host,
        )
    for name in (settings.tls_certificate, settings.tls_key):
        if settings.is_enabled and name and not (folder / name).is_file():
            raise VenueError("There is no {file}.", "Check the name and the folder.", file=folder / name)
    return settings


def read_rest(folder: Path) -> RestSettings:
    """What a venue says; switched off where it says nothing.

    Raises:
        VenueError: the file cannot be read or understood, or says what cannot be.
    """
    return (
        read_table(folder, TABLE, lambda table: check_rest(_unpack(table), folder=folder)) or RestSettings()
    )


def write_rest(folder: Path, settings: RestSettings) -> None:
    """Replace what a venue says.

    Raises:
        VenueError: it cannot be, or the file cannot be written; it stays as it was.
    """
    table = asdict(check_rest(settings, folder=folder))
    replace_table(folder, TABLE, {"enabled": table.pop("is_enabled"), **table})


def _unpack(table: dict[str, Any]) -> RestSettings:
    known = {"enabled", "host", "port", "tls_certificate", "tls_key", "requests_per_min"}
    for name in table:
        if name not in known:
            raise ValueError(f"rest.{name}")
    for name in ("port", "requests_per_min"):
        if not isinstance(table[name], int) or isinstance(table[name], bool):
            raise TypeError(f"rest.{name} = {table[name]!r}")
    if not isinstance(table["enabled"], bool):
        raise TypeError(f"rest.enabled = {table['enabled']!r}")
    return RestSettings(
        table["enabled"],
        str(table["host"]),
        table["port"],
        str(table["tls_certificate"]),
        str(table["tls_key"]),
        table["requests_per_min"],
    )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
