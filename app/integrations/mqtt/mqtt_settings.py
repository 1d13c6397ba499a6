"""The table ``mqtt`` of ``integrations.toml``: which broker is told what is now; no password."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from analytics.domain.errors import VenueError
from app.integrations.integrations_file import read_table, replace_table
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
    return read_table(folder, TABLE, _unpack)


def write_mqtt(folder: Path, settings: MqttSettings) -> None:
    """Replace the broker of a venue; hold the venue's lock meanwhile.

    Raises:
        VenueError: the file cannot be read, understood or written.
    """
    replace_table(folder, TABLE, asdict(settings))


def _unpack(table: dict[str, Any]) -> MqttSettings:
    return check_mqtt(
        MqttSettings(
            host=str(table["host"]),
            port=int(table["port"]),
            uses_tls=bool(table["uses_tls"]),
            topic=str(table["topic"]),
            user=str(table.get("user", "")),
            ca_file=str(table.get("ca_file", "")),
            discovery_topic=str(table.get("discovery_topic", "")),
            language=str(table.get("language", LANGUAGES[0])),
            every_s=float(table.get("every_s", 5.0)),
            is_enabled=bool(table.get("is_enabled", True)),
        )
    )
