"""Settings of the public pages, in the table ``public`` of ``integrations.toml``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar
from urllib.parse import quote

from pydantic import ConfigDict, Field, TypeAdapter

from analytics.domain.errors import VenueError
from app.core.document import Venue, check_zone_names
from app.core.web_address import find_own_address, is_any_address, is_loopback, make_url
from app.integrations.integrations_file import changes_systems, read_table, replace_table
from app.integrations.rest.rest_settings import check_address, read_rest

TABLE = "public"
DEFAULT_PORT = 8780
LICENCE = "https://creativecommons.org/licenses/by/4.0/"


@dataclass(frozen=True, slots=True)
class PublicSettings:
    """Publication for everybody, and its address.

    Attributes:
        host: an address of this machine, or ``0.0.0.0`` or ``::`` for all of them.
        shows_hall: the whole hall is published.
        zones: names of the published zones, in the order of the page.
        has_data: the visits to the published zones by hour of closed days are open data.
        licence: web address of the licence of the data.
        publisher: name of who publishes the data.
        address: the address that visitors use, such as that of a web server in front; empty: the server's.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    is_enabled: Annotated[bool, Field(alias="enabled", strict=True)] = False
    host: str = "127.0.0.1"
    port: Annotated[int, Field(strict=True)] = DEFAULT_PORT
    shows_hall: Annotated[bool, Field(alias="hall", strict=True)] = True
    zones: tuple[str, ...] = ()
    address: str = ""
    has_data: Annotated[bool, Field(alias="data", strict=True)] = False
    licence: str = LICENCE
    publisher: str = ""

    @property
    def url(self) -> str:
        """The server's URL as seen from this machine."""
        return make_url("localhost" if is_any_address(self.host) else self.host, self.port)

    @property
    def is_local(self) -> bool:
        """Return whether nobody but this machine can open the pages."""
        return not self.address and is_loopback(self.host)

    @property
    def base_url(self) -> str:
        """The URL of the server for visitors, without a slash at the end."""
        host = find_own_address() if is_any_address(self.host) else self.host
        return self.address.rstrip("/") or make_url(host, self.port)

    @property
    def visitors_url(self) -> str:
        """The URL of the page for visitors."""
        return f"{self.base_url}/now"

    @property
    def catalogue_url(self) -> str:
        """The URL of the description of the open data."""
        return f"{self.base_url}/data/catalog.jsonld"

    def make_sign_url(self, zone: str = "") -> str:
        """Return the URL of the sign of a zone; empty: of the hall."""
        base = f"{self.base_url}/sign"
        return f"{base}/{quote(zone)}" if zone else base


_TABLE = TypeAdapter(PublicSettings)
_REQUIRED = dict.fromkeys(("enabled", "host", "port"))


def check_public(settings: PublicSettings) -> PublicSettings:
    """Return the settings if they are valid.

    Raises:
        VenueError: a setting is invalid, with the reason and a remedy.
    """
    check_address(settings.host, settings.port)
    for address in (settings.address, settings.licence):
        is_url = address.startswith(("http://", "https://")) and address.isascii() and " " not in address
        if address and not is_url:
            raise VenueError(
                "'{address}' is not a web address.",
                "Enter an address such as https://expo.example.org.",
                address=address,
            )
    if settings.is_enabled and not settings.shows_hall and not settings.zones:
        raise VenueError("Nothing would be published.", "Choose the hall, or at least one zone.")
    if settings.has_data and not (settings.publisher.strip() and settings.licence and settings.zones):
        raise VenueError(
            "Open data needs at least one zone, a publisher and a licence.",
            "Choose a zone, and enter the other two.",
        )
    return settings


def check_zones(settings: PublicSettings, venue: Venue) -> None:
    """Check that the plan has the published zones.

    Raises:
        VenueError: there is no such zone.
    """
    check_zone_names(settings.zones, (venue.geometry_at(None),))


def read_public(folder: Path) -> PublicSettings:
    """Return a venue's settings; disabled if there are none.

    Raises:
        VenueError: the file cannot be read or understood, or a setting is invalid.
    """
    settings = read_table(folder, TABLE, lambda table: _TABLE.validate_python(_REQUIRED | table))
    return PublicSettings() if settings is None else check_public(settings)


@changes_systems(
    "public pages changed",
    lambda settings: {"enabled": settings.is_enabled, "host": settings.host, "port": settings.port},
)
def save_public(folder: Path, settings: PublicSettings) -> PublicSettings:
    """Set what is published for everybody.

    Raises:
        VenueError: a setting is invalid; nothing was changed.
    """
    check_public(settings)
    rest = read_rest(folder)
    if settings.is_enabled and rest.is_enabled and rest.port == settings.port:
        raise VenueError(
            "The REST server uses port {port} already.", "Choose another port.", port=settings.port
        )
    replace_table(folder, TABLE, _TABLE.dump_python(settings, mode="json", by_alias=True))
    return settings
