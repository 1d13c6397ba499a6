"""Settings of the MQTT broker, in the table ``mqtt`` of ``integrations.toml``; without a password."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from analytics.domain.errors import VenueError
from app.core.web_address import is_loopback, require_no_metadata_host
from app.integrations.integrations_file import changes_systems, read_table, replace_table
from resources.translations import LANGUAGES

TABLE = "mqtt"
PORT, TLS_PORT = 1883, 8883
_HOST = re.compile(r"[^\s/@]+")
_TOPIC = re.compile(r"[^\s+#$/][^\s+#]*")


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """A broker and what is published to it.

    Attributes:
        uses_tls: the connection is encrypted and the broker's certificate is verified.
        ca_file: certificate of the authority that signed it, unless the system trusts it already.
        topic: the prefix of all topics, without a slash at the end.
        discovery_topic: Home Assistant's discovery prefix; empty: no discovery.
        language: language of the names in Home Assistant.
        every_s: minimum interval between two messages of a topic, except events.
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
    """Return the settings if they are valid.

    Raises:
        VenueError: a setting is invalid, with the reason.
    """
    if not _HOST.fullmatch(settings.host):
        raise VenueError(
            "'{host}' is not a valid host name.",
            "Enter only a name or address, such as broker.example.com, without the port.",
            host=settings.host,
        )
    if not 1 <= settings.port <= 65535:
        raise VenueError(
            "{port} is not a valid port.", "Enter a port such as 1883, or 8883 with TLS.", port=settings.port
        )
    for topic in (settings.topic, settings.discovery_topic):
        if (topic or topic is settings.topic) and (not _TOPIC.fullmatch(topic) or topic.endswith("/")):
            raise VenueError(
                "'{topic}' is not a valid topic.",
                "Enter a topic such as expoflow/hall, without spaces, + or #, and without a slash at "
                "either end.",
                topic=topic,
            )
    if settings.language not in LANGUAGES:
        raise VenueError(
            "The language '{language}' is not available.",
            "Choose one of: {languages}.",
            language=settings.language,
            languages=", ".join(LANGUAGES),
        )
    if not 1 <= settings.every_s <= 3600:
        raise VenueError(
            "{every:g} s is not a valid interval.", "Enter 1 to 3600 seconds.", every=settings.every_s
        )
    return settings


def read_mqtt(folder: Path) -> MqttSettings | None:
    """Return the broker of a venue, enabled or not; None if none is set.

    Raises:
        VenueError: the file cannot be read or understood.
    """
    # without a discovery topic nothing is announced to Home Assistant
    return read_table(
        folder,
        TABLE,
        lambda table: check_mqtt(_TABLE.validate_python({"discovery_topic": ""} | table)),
    )


def write_mqtt(folder: Path, settings: MqttSettings) -> None:
    """Replace the broker of a venue; the caller holds the venue's lock.

    Raises:
        VenueError: the file cannot be read, understood or written.
    """
    replace_table(folder, TABLE, _TABLE.dump_python(settings))


@changes_systems(
    "MQTT settings changed",
    lambda settings: {"host": settings.host, "port": settings.port, "enabled": settings.is_enabled},
)
def save_mqtt(folder: Path, settings: MqttSettings) -> MqttSettings:
    """Set the broker.

    Raises:
        VenueError: a setting is invalid; nothing was changed.
    """
    check_mqtt(settings)
    if settings.is_enabled:
        require_no_metadata_host(settings.host)
    write_mqtt(folder, settings)
    return settings


def switch_mqtt(folder: Path, *, is_enabled: bool) -> MqttSettings:
    """Switch publishing to the broker on or off; its settings are kept.

    Raises:
        VenueError: no broker is set, or the settings cannot be read or written.
    """
    return save_mqtt(folder, dataclasses.replace(require_mqtt(folder), is_enabled=is_enabled))


def require_mqtt(folder: Path) -> MqttSettings:
    """Return the broker; it must be set.

    Raises:
        VenueError: no broker is set, or the settings cannot be read.
    """
    settings = read_mqtt(folder)
    if settings is None:
        raise VenueError(
            "No broker is set up.",
            "Set one up with: python -m app mqtt set HOST --venue {folder}",
            folder=folder,
        )
    return settings


def suggest_mqtt(
    folder: Path, host: str, *, port: int | None = None, uses_tls: bool | None = None, topic: str = ""
) -> MqttSettings:
    """Return default settings for a broker: TLS unless it is local, the standard port, the venue's topic."""
    tls = (not is_loopback(host)) if uses_tls is None else uses_tls
    stem = re.sub(r"[\s+#$/]+", "-", folder.resolve().stem).strip("-") or "hall"
    return MqttSettings(
        host=host,
        port=port or (TLS_PORT if tls else PORT),
        uses_tls=tls,
        topic=topic or f"expoflow/{stem}",
    )
