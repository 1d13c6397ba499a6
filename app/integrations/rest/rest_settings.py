"""The table ``rest`` of ``integrations.toml``: whether and where other systems may ask what is now."""

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
from app.access.guard import changes_venue
from app.access.roles import Permission
from app.integrations.integrations_file import read_table, replace_table
from app.integrations.rest.access_tokens import AccessToken, Scope, make_token, read_tokens, write_tokens

TABLE = "rest"
DEFAULT_PORT = 8765
MAX_PORT = 65535
MIN_PORT = 1024
"""Lower ones are for programs of the system's administrator."""
MAX_REQUESTS = 6000


@dataclass(frozen=True, slots=True)
class RestSettings:
    """Where is listened.

    Attributes:
        host: an address of this machine, ``0.0.0.0`` or ``::`` for all of them.
        tls_certificate, tls_key: PEM files, relative to the venue's folder or absolute; empty for none.
        requests_per_min: so many answers a minute each token gets.
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
        """Whether it speaks HTTPS."""
        return bool(self.tls_certificate)

    @property
    def url(self) -> str:
        """The address of the server as this machine writes it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.uses_tls else 'http'}://{host}:{self.port}"


_TABLE = TypeAdapter(RestSettings)
_REQUIRED = dict.fromkeys(("enabled", "host", "port", "tls_certificate", "tls_key", "requests_per_min"))


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
    if not MIN_PORT <= settings.port <= MAX_PORT:
        raise VenueError(
            "{port} is no port that can be used here.",
            "Choose one from {least} to {most}.",
            port=settings.port,
            least=MIN_PORT,
            most=MAX_PORT,
        )
    if not 1 <= settings.requests_per_min <= MAX_REQUESTS:
        raise VenueError(
            "A token cannot have {requests} answers a minute.",
            "Choose a number from 1 to {most}.",
            requests=settings.requests_per_min,
            most=MAX_REQUESTS,
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
    settings = read_table(folder, TABLE, lambda table: _TABLE.validate_python(_REQUIRED | table))
    return RestSettings() if settings is None else check_rest(settings, folder=folder)


def write_rest(folder: Path, settings: RestSettings) -> None:
    """Replace what a venue says.

    Raises:
        VenueError: it cannot be, or the file cannot be written; it stays as it was.
    """
    table = _TABLE.dump_python(check_rest(settings, folder=folder), by_alias=True)
    replace_table(folder, TABLE, table)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@changes_venue(
    Permission.INTEGRATE,
    "REST settings changed",
    lambda settings: {"enabled": settings.is_enabled, "host": settings.host, "port": settings.port},
)
def save_rest(folder: Path, settings: RestSettings) -> RestSettings:
    """Say whether and where other systems may ask.

    Raises:
        VenueError: something of it cannot be; nothing was changed.
    """
    write_rest(folder, settings)
    return settings


@changes_venue(
    Permission.INTEGRATE,
    "token added",
    lambda name, scopes, **_: {"token": name, "scopes": ", ".join(sorted(scopes))},
)
def add_token(
    folder: Path, name: str, scopes: Collection[Scope], *, clock: Clock | None = None
) -> tuple[AccessToken, str]:
    """Let another system ask: the token as it is kept, and its secret, which cannot be shown again.

    Raises:
        VenueError: it has no name or may ask nothing; nothing was changed.
    """
    now_utc_s = (clock or SystemClock()).now_utc_s()
    token, secret = make_token(name, frozenset(scopes), now_utc_s=now_utc_s)
    write_tokens(folder, (*read_tokens(folder), token))
    return token, secret


@changes_venue(Permission.INTEGRATE, "token revoked", lambda token_id, **_: {"token": token_id})
def revoke_token(folder: Path, token_id: str, *, clock: Clock | None = None) -> AccessToken:
    """Let a token open nothing from now on, also in a server that runs.

    Raises:
        VenueError: there is none of this identifier.
    """
    tokens = read_tokens(folder)
    found = next((token for token in tokens if token.token_id == token_id), None)
    if found is None:
        raise VenueError(
            "There is no token '{token}'.",
            "List them with: python -m app token list --venue {folder}",
            token=token_id,
            folder=str(folder),
        )
    if found.revoked_utc is not None:
        return found
    revoked_utc = datetime.fromtimestamp(int((clock or SystemClock()).now_utc_s()), UTC)
    revoked = dataclasses.replace(found, revoked_utc=revoked_utc)
    write_tokens(folder, [revoked if token is found else token for token in tokens])
    return revoked
