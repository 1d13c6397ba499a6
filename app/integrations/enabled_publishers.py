"""Publishers that a venue's settings enable."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.integrations.mqtt.mqtt_publisher import open_mqtt
from app.integrations.mqtt.mqtt_settings import read_mqtt
from app.integrations.public.public_server import open_public
from app.integrations.public.public_settings import read_public
from app.integrations.rest.rest_server import open_rest
from app.integrations.rest.rest_settings import read_rest
from app.integrations.serving import Publisher
from app.integrations.webhooks.webhook_publisher import open_webhooks
from app.integrations.webhooks.webhook_settings import read_webhooks

OPENERS: tuple[Callable[[Path], Publisher | None], ...] = (
    open_rest,
    open_public,
    open_mqtt,
    open_webhooks,
)
"""One function per kind; each takes a venue's folder and returns None if its publisher is not enabled."""


def open_publishers(folder: Path) -> tuple[Publisher, ...]:
    """Open every enabled publisher.

    Raises:
        ExpoFlowError: a publisher's settings are invalid or it cannot be opened; none stays open.
    """
    opened: list[Publisher] = []
    try:
        for open_publisher in OPENERS:
            publisher = open_publisher(folder)
            if publisher is not None:
                opened.append(publisher)
    except BaseException:
        for publisher in opened:
            publisher.close()
        raise
    return tuple(opened)


def is_any_publisher_enabled(folder: Path) -> bool:
    """Return whether any publisher is enabled, without opening it.

    Raises:
        VenueError: the settings cannot be read or understood.
    """
    mqtt = read_mqtt(folder)
    return (
        read_rest(folder).is_enabled
        or read_public(folder).is_enabled
        or (mqtt is not None and mqtt.is_enabled)
        or any(webhook.is_enabled for webhook in read_webhooks(folder))
    )
