"""Which publishers a venue's settings ask for; each kind is one function of this list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.integrations.mqtt.mqtt_publisher import open_mqtt
from app.integrations.mqtt.mqtt_settings import read_mqtt
from app.integrations.rest.rest_server import open_rest
from app.integrations.rest.rest_settings import read_rest
from app.integrations.serving import Publisher
from app.integrations.webhooks.webhook_publisher import open_webhooks
from app.integrations.webhooks.webhook_settings import read_webhooks

OPENERS: tuple[Callable[[Path], Publisher | None], ...] = (open_rest, open_mqtt, open_webhooks)
"""Each takes a venue's folder, and gives None where the venue's ``integrations.toml`` does not ask for it."""


def open_publishers(folder: Path) -> tuple[Publisher, ...]:
    """Every publisher that is switched on, open.

    Raises:
        ExpoFlowError: the settings of one cannot be used, or it cannot be opened; none is left open.
    """
    opened: list[Publisher] = []
    try:
        for open_one in OPENERS:
            publisher = open_one(folder)
            if publisher is not None:
                opened.append(publisher)
    except BaseException:
        for publisher in opened:
            publisher.close()
        raise
    return tuple(opened)


def is_anybody_told(folder: Path) -> bool:
    """Whether the settings ask for any publisher; nothing is opened.

    Raises:
        VenueError: the settings cannot be read or understood.
    """
    mqtt = read_mqtt(folder)
    return (
        read_rest(folder).is_enabled
        or (mqtt is not None and mqtt.is_enabled)
        or any(webhook.is_enabled for webhook in read_webhooks(folder))
    )
