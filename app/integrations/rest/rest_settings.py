"""Settings of the REST server, in the table ``rest`` of ``integrations.toml``."""

from __future__ import annotations

import dataclasses
import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field, TypeAdapter

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import VenueError
from app.core.web_address import is_loopback, make_url
from app.integrations.integrations_file import changes_systems, read_table, replace_table
from app.integrations.rest.access_tokens import AccessToken, Scope, make_token, read_tokens, write_tokens

TABLE = "rest"
DEFAULT_PORT = 8765
MAX_PORT = 65535
MIN_PORT = 1024
"""Lowest port that needs no administrator rights."""
MAX_REQUESTS = 6000


@dataclass(frozen=True, slots=True)
class RestSettings:
    """Address, certificate and limits of the server.

    Attributes:
        host: an address of this machine, or ``0.0.0.0`` or ``::`` for all of them.
        tls_certificate, tls_key: PEM files, relative to the venue's folder or absolute; empty for none.
        requests_per_min: rate limit of each token.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    is_enabled: Annotated[bool, Field(alias="enabled", strict=True)] = False
    host: str = "127.0.0.1"
    port: Annotated[int, Field(strict=True)] = DEFAULT_PORT
    tls_certificate: str = ""
    tls_key: str = ""
    requests_per_min: Annotated[int, Field(strict=True)] = 240

    @property
    def uses_tls(self) -> bool:
        """Return whether the server speaks HTTPS."""
        return bool(self.tls_certificate)

    @property
    def url(self) -> str:
        """The server's URL as seen from this machine."""
        return make_url(self.host, self.port, is_tls=self.uses_tls)


_TABLE = TypeAdapter(RestSettings)
_REQUIRED = dict.fromkeys(("enabled", "host", "port", "tls_certificate", "tls_key", "requests_per_min"))


def check_address(host: str, port: int) -> None:
    """Check the address of a server.

    Raises:
        VenueError: it is no address of a machine, or the port cannot be used.
    """
    if host != "localhost" and not _is_address(host):
        raise VenueError(
            "'{host}' is not a valid IP address.",
            "Enter 127.0.0.1 for this computer only, or one of its network addresses.",
            host=host,
        )
    if not MIN_PORT <= port <= MAX_PORT:
        raise VenueError(
            "Port {port} cannot be used.",
            "Choose a port from {least} to {most}.",
            port=port,
            least=MIN_PORT,
            most=MAX_PORT,
        )


def check_rest(settings: RestSettings, *, folder: Path) -> RestSettings:
    """Return the settings if they are valid.

    Args:
        folder: the venue's folder, for relative files.

    Raises:
        VenueError: a setting is invalid, with the reason and a remedy.
    """
    check_address(settings.host, settings.port)
    if not 1 <= settings.requests_per_min <= MAX_REQUESTS:
        raise VenueError(
            "{requests} is not a valid number of requests per minute.",
            "Choose a number from 1 to {most}.",
            requests=settings.requests_per_min,
            most=MAX_REQUESTS,
        )
    if bool(settings.tls_certificate) != bool(settings.tls_key):
        raise VenueError(
            "TLS needs a certificate and its key.",
            "Choose both files, or neither for access from this computer only.",
        )
    if not is_loopback(settings.host) and not settings.uses_tls:
        raise VenueError(
            "Without TLS anyone in the network could read the tokens sent to {host}.",
            "Choose a certificate and its key, or use 127.0.0.1 behind a web server with TLS.",
            host=settings.host,
        )
    for name in (settings.tls_certificate, settings.tls_key):
        if settings.is_enabled and name and not (folder / name).is_file():
            raise VenueError("There is no {file}.", "Check the name and the folder.", file=folder / name)
    return settings


def read_rest(folder: Path) -> RestSettings:
    """Return a venue's settings; disabled if there are none.

    Raises:
        VenueError: the file cannot be read or understood, or a setting is invalid.
    """
    settings = read_table(folder, TABLE, lambda table: _TABLE.validate_python(_REQUIRED | table))
    return RestSettings() if settings is None else check_rest(settings, folder=folder)


def write_rest(folder: Path, settings: RestSettings) -> None:
    """Replace a venue's settings.

    Raises:
        VenueError: a setting is invalid, or the file cannot be written; it is unchanged.
    """
    table = _TABLE.dump_python(check_rest(settings, folder=folder), by_alias=True)
    replace_table(folder, TABLE, table)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@changes_systems(
    "REST settings changed",
    lambda settings: {"enabled": settings.is_enabled, "host": settings.host, "port": settings.port},
)
def save_rest(folder: Path, settings: RestSettings) -> RestSettings:
    """Set the REST server's settings.

    Raises:
        VenueError: a setting is invalid; nothing was changed.
    """
    write_rest(folder, settings)
    return settings


@changes_systems(
    "token added",
    lambda name, scopes, **_: {"token": name, "scopes": ", ".join(sorted(scopes))},
)
def add_token(
    folder: Path, name: str, scopes: Collection[Scope], *, clock: Clock | None = None
) -> tuple[AccessToken, str]:
    """Add a token for another system; return it and its secret, which cannot be shown again.

    Raises:
        VenueError: the name is invalid or there is no scope; nothing was changed.
    """
    now_utc_s = (clock or SystemClock()).now_utc_s()
    token, secret = make_token(name, frozenset(scopes), now_utc_s=now_utc_s)
    write_tokens(folder, (*read_tokens(folder), token))
    return token, secret


@changes_systems("token revoked", lambda token_id, **_: {"token": token_id})
def revoke_token(folder: Path, token_id: str, *, clock: Clock | None = None) -> AccessToken:
    """Revoke a token, with immediate effect also in a running server.

    Raises:
        VenueError: there is no such token.
    """
    tokens = read_tokens(folder)
    found = next((token for token in tokens if token.token_id == token_id), None)
    if found is None:
        raise VenueError(
            "There is no token '{token}'.",
            "Settings, Other systems, lists them.",
            token=token_id,
        )
    if found.revoked_utc is not None:
        return found
    revoked_utc = datetime.fromtimestamp(int((clock or SystemClock()).now_utc_s()), UTC)
    revoked = dataclasses.replace(found, revoked_utc=revoked_utc)
    write_tokens(folder, [revoked if token is found else token for token in tokens])
    return revoked
