"""Changes to the broker that a venue tells what is now."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from analytics.domain.errors import VenueError
from app.access.guard import changes_venue
from app.access.roles import Permission
from app.core.web_address import require_no_metadata_host
from app.integrations.mqtt.mqtt_settings import (
    PORT,
    TLS_PORT,
    MqttSettings,
    check_mqtt,
    read_mqtt,
    write_mqtt,
)
from app.integrations.rest.rest_settings import is_loopback


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
