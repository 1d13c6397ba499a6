"""The tables ``webhooks`` of ``integrations.toml``: which web addresses are told what; no secret."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from analytics.domain.errors import VenueError
from app.core.web_address import is_web_address
from app.integrations.integrations_file import read_table, replace_table

TABLE = "webhooks"
LONGEST_NAME = 60
MOST_WEBHOOKS = 20
LONGEST_EVERY_MIN = 1440
_NAME = re.compile(r"[\w\- ]+")


class EventKind(StrEnum):
    """What happens in a hall that others are told."""

    ALARM_RAISED = "alarm_raised"
    ALARM_CLEARED = "alarm_cleared"
    OVER_CAPACITY = "over_capacity"
    CAPACITY_OK = "capacity_ok"
    CAMERA_DOWN = "camera_down"
    CAMERA_UP = "camera_up"


@dataclass(frozen=True, slots=True)
class Webhook:
    """One address.

    Attributes:
        events: what it is told of.
        every_min: every so many minutes it is told what is now; 0: never.
    """

    name: str
    url: str
    events: frozenset[EventKind] = frozenset(EventKind)
    every_min: int = 0
    is_enabled: bool = True


def parse_events(names: Sequence[str]) -> frozenset[EventKind]:
    """Kinds of events of their names.

    Raises:
        VenueError: there is no such kind.
    """
    found = set()
    for name in names:
        try:
            found.add(EventKind(name.strip().lower()))
        except ValueError:
            raise VenueError(
                "There is no event '{name}'.",
                "Choose of: {names}.",
                name=name.strip(),
                names=", ".join(EventKind),
            ) from None
    return frozenset(found)


def check_webhook(webhook: Webhook) -> Webhook:
    """The same, if it can be.

    Raises:
        VenueError: says what of it cannot.
    """
    if not _NAME.fullmatch(webhook.name) or len(webhook.name) > LONGEST_NAME:
        raise VenueError(
            "'{name}' is no name of a webhook.", "Use letters, digits, blanks and hyphens.", name=webhook.name
        )
    if not is_web_address(webhook.url):
        raise VenueError(
            "'{url}' is no web address that anything can be posted to.",
            "Give one that begins with https://, without a user and a password in it.",
            url=webhook.url,
        )
    if not 0 <= webhook.every_min <= LONGEST_EVERY_MIN:
        raise VenueError(
            "What is now cannot come every {minutes} minutes.",
            "Write 1 to 1440 minutes, or 0 for never.",
            minutes=webhook.every_min,
        )
    if not webhook.events and not webhook.every_min:
        raise VenueError(
            "The webhook '{name}' would be told nothing.",
            "Choose events, or every how many minutes it is told what is now.",
            name=webhook.name,
        )
    return webhook


def read_webhooks(folder: Path) -> tuple[Webhook, ...]:
    """The webhooks of a venue.

    Raises:
        VenueError: the file cannot be read or understood.
    """
    return read_table(folder, TABLE, lambda tables: tuple(_unpack(table) for table in tables)) or ()


def write_webhooks(folder: Path, webhooks: Sequence[Webhook]) -> None:
    """Replace the webhooks of a venue; hold the venue's lock meanwhile.

    Raises:
        VenueError: the file cannot be read, understood or written.
    """
    tables = [
        {
            "name": webhook.name,
            "url": webhook.url,
            "events": sorted(kind.value for kind in webhook.events),
            "every_min": webhook.every_min,
            "is_enabled": webhook.is_enabled,
        }
        for webhook in webhooks
    ]
    replace_table(folder, TABLE, tables)


def _unpack(table: dict[str, Any]) -> Webhook:
    return check_webhook(
        Webhook(
            name=str(table["name"]),
            url=str(table["url"]),
            events=parse_events(table["events"]),
            every_min=int(table["every_min"]),
            is_enabled=bool(table["is_enabled"]),
        )
    )
