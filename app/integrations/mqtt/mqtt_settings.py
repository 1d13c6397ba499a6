"""Read and change the table ``mqtt`` of ``integrations.toml``: the broker that is told; no password."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from analytics.domain.errors import VenueError
from app.access.guard import changes_venue
from app.access.roles import Permission
from app.core.web_address import require_no_metadata_host
from app.integrations.integrations_file import read_table, replace_table
from app.integrations.rest.rest_settings import is_loopback
from resources.translations import LANGUAGES

TABLE = "mqtt"
PORT, TLS_PORT = 1883, 8883
_HOST = re.compile(r"[^\s/@]+")
_TOPIC = re.compile(r"[^\s+#$/][^\s+#]*")


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """A broker and how it is told.

    Attributes:
        uses_tls: the broker's certificate is checked.
        ca_file: of who signed it, where the system does not know them.
        topic: all others begin with it and a slash.
        discovery_topic: of Home Assistant; empty: it is not told.
        language: of the names that people read in Home Assistant.
        every_s: the least time between two messages of the same topic, but for events.
    """

    host: str
    port: int
    uses_tls: bool
    topic: str
    user: str = ""
    ca_file: str = ""
    discovery_topic: str = "homeassistant"
    language: str = LANGUAGES[0]
    every_s: float = 5.0
    is_enabled: bool = True


_TABLE = TypeAdapter(MqttSettings)


def check_mqtt(settings: MqttSettings) -> MqttSettings:
    """The same, if it can be.

    Raises:
        VenueError: says what of it cannot.
    """
    if not _HOST.fullmatch(settings.host):
        raise VenueError(
            "'{host}' is no name of a broker.",
            "Write its name or address alone, such as broker.example.com; the port is another field.",
            host=settings.host,
        )
    if not 1 <= settings.port <= 65535:
        raise VenueError(
            "There is no port {port}.", "Write 1883, 8883 with TLS, or another one.", port=settings.port
        )
    for topic in (settings.topic, settings.discovery_topic):
        if (topic or topic is settings.topic) and (not _TOPIC.fullmatch(topic) or topic.endswith("/")):
            raise VenueError(
                "'{topic}' is no topic.",
                "Write one such as expoflow/hall, without blanks, + and #, and without a slash at its ends.",
                topic=topic,
            )
    if settings.language not in LANGUAGES:
        raise VenueError(
            "There is no language '{language}'.",
            "Choose one of: {languages}.",
            language=settings.language,
            languages=", ".join(LANGUAGES),
        )
    if not 1 <= settings.every_s <= 3600:
        raise VenueError(
            "Messages cannot come every {every:g} s.", "Write 1 to 3600 seconds.", every=settings.every_s
        )
    return settings


def read_mqtt(folder: Path) -> MqttSettings | None:
    """The broker of a venue, also one that is switched off; None where none is entered.

    Raises:
        VenueError: the file cannot be read or understood.
    """
    # a table without a topic of Home Assistant is of a broker that does not tell it
    return read_table(
        folder,
        TABLE,
        lambda table: check_mqtt(_TABLE.validate_python({"discovery_topic": ""} | table)),
    )


def write_mqtt(folder: Path, settings: MqttSettings) -> None:
    """Replace the broker of a venue; hold the venue's lock meanwhile.

    Raises:
        VenueError: the file cannot be read, understood or written.
    """
    replace_table(folder, TABLE, _TABLE.dump_python(settings))


@changes_venue(
    Permission.INTEGRATE,
    "MQTT settings changed",
    lambda settings: {"host": settings.host, "port": settings.port, "enabled": settings.is_enabled},
)
def save_mqtt(folder: Path, settings: MqttSettings) -> MqttSettings:
    """Say which broker is told.

    Raises:
        VenueError: something of it cannot be; nothing was changed.
    """
    check_mqtt(settings)
    if settings.is_enabled:
        require_no_metadata_host(settings.host)
    write_mqtt(folder, settings)
    return settings


def switch_mqtt(folder: Path, *, is_enabled: bool) -> MqttSettings:
    """Let the broker be told, or not any more; what is entered stays.

    Raises:
        VenueError: no broker is entered, or the settings cannot be read or written.
    """
    return save_mqtt(folder, dataclasses.replace(require_mqtt(folder), is_enabled=is_enabled))


def require_mqtt(folder: Path) -> MqttSettings:
    """The broker that is entered.

    Raises:
        VenueError: none is, or the settings cannot be read.
    """
    settings = read_mqtt(folder)
    if settings is None:
        raise VenueError(
            "No broker is entered.", "Enter one: python -m app mqtt set HOST --venue {folder}", folder=folder
        )
    return settings


def suggest_mqtt(
    folder: Path, host: str, *, port: int | None = None, uses_tls: bool | None = None, topic: str = ""
) -> MqttSettings:
    """Settings for a broker: TLS unless it is this machine, the usual port, a topic of the venue's name."""
    tls = (not is_loopback(host)) if uses_tls is None else uses_tls
    stem = re.sub(r"[\s+#$/]+", "-", folder.resolve().stem).strip("-") or "hall"
    return MqttSettings(
        host=host,
        port=port or (TLS_PORT if tls else PORT),
        uses_tls=tls,
        topic=topic or f"expoflow/{stem}",
    )
