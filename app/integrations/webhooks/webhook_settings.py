"""Settings of webhooks, in the tables ``webhooks`` of ``integrations.toml``; without secrets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import TypeAdapter

from analytics.domain.errors import VenueError
from app.core.toml_file import Sorted
from app.core.web_address import is_web_address, require_no_metadata_host
from app.integrations.integrations_file import changes_systems, read_table, replace_table

TABLE = "webhooks"
MAX_NAME = 60
MAX_WEBHOOKS = 20
MAX_EVERY_MIN = 1440
_NAME = re.compile(r"[\w\- ]+")


class EventKind(StrEnum):
    """A kind of event that is reported."""

    ALARM_RAISED = "alarm_raised"
    ALARM_CLEARED = "alarm_cleared"
    OVER_CAPACITY = "over_capacity"
    CAPACITY_OK = "capacity_ok"
    CAMERA_DOWN = "camera_down"
    CAMERA_UP = "camera_up"


@dataclass(frozen=True, slots=True)
class Webhook:
    """One address and what is sent to it.

    Attributes:
        events: kinds of events that are sent.
        every_min: interval of snapshots in minutes; 0: none are sent.
    """

    name: str
    url: str
    events: Annotated[frozenset[EventKind], Sorted] = frozenset(EventKind)
    every_min: int = 0
    is_enabled: bool = True


_TABLES = TypeAdapter(tuple[Webhook, ...])
_REQUIRED = {"events": None, "every_min": None, "is_enabled": None}


def parse_events(names: Sequence[str]) -> frozenset[EventKind]:
    """Return the kinds of events with the given names.

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
                "Choose from: {names}.",
                name=name.strip(),
                names=", ".join(EventKind),
            ) from None
    return frozenset(found)


def check_webhook(webhook: Webhook) -> Webhook:
    """Return the webhook if it is valid.

    Raises:
        VenueError: a setting is invalid, with the reason.
    """
    if not _NAME.fullmatch(webhook.name) or len(webhook.name) > MAX_NAME:
        raise VenueError(
            "'{name}' is not a valid webhook name.",
            "Use letters, digits, spaces and hyphens.",
            name=webhook.name,
        )
    if not is_web_address(webhook.url):
        raise VenueError(
            "'{url}' is not a valid webhook address.",
            "Enter one that begins with https:// and contains no user name or password.",
            url=webhook.url,
        )
    if not 0 <= webhook.every_min <= MAX_EVERY_MIN:
        raise VenueError(
            "{minutes} minutes is not a valid interval.",
            "Enter 1 to 1440 minutes, or 0 for no live data.",
            minutes=webhook.every_min,
        )
    if not webhook.events and not webhook.every_min:
        raise VenueError(
            "Nothing would be sent to the webhook '{name}'.",
            "Choose events, or an interval for live data.",
            name=webhook.name,
        )
    return webhook


def read_webhooks(folder: Path) -> tuple[Webhook, ...]:
    """Return the webhooks of a venue.

    Raises:
        VenueError: the file cannot be read or understood.
    """
    webhooks = read_table(
        folder, TABLE, lambda tables: _TABLES.validate_python(tuple(_REQUIRED | table for table in tables))
    )
    return tuple(map(check_webhook, webhooks or ()))


def write_webhooks(folder: Path, webhooks: Sequence[Webhook]) -> None:
    """Replace the webhooks of a venue; the caller holds the venue's lock.

    Raises:
        VenueError: the file cannot be read, understood or written.
    """
    replace_table(folder, TABLE, _TABLES.dump_python(tuple(webhooks)))


@changes_systems("webhook saved", lambda webhook: {"webhook": webhook.name})
def save_webhook(folder: Path, webhook: Webhook) -> tuple[Webhook, ...]:
    """Add a webhook or replace the one of the same name; return all.

    Raises:
        VenueError: the webhook is invalid, or there are too many; nothing was changed.
    """
    check_webhook(webhook)
    if webhook.is_enabled:
        require_no_metadata_host(urlsplit(webhook.url).hostname or "")
    before = read_webhooks(folder)
    if webhook.name in [one.name for one in before]:
        after = tuple(webhook if one.name == webhook.name else one for one in before)
    else:
        after = (*before, webhook)
    if len(after) > MAX_WEBHOOKS:
        raise VenueError(
            "There are {most} webhooks already.", "Remove one that is no longer needed.", most=MAX_WEBHOOKS
        )
    write_webhooks(folder, after)
    return after


@changes_systems("webhook removed", lambda name: {"webhook": name})
def remove_webhook(folder: Path, name: str) -> Webhook:
    """Remove a webhook and its waiting messages; return the removed one.

    Raises:
        VenueError: there is no such webhook.
    """
    found = require_webhook(folder, name)
    write_webhooks(folder, [one for one in read_webhooks(folder) if one.name != name])
    return found


def require_webhook(folder: Path, name: str) -> Webhook:
    """Return the webhook of a name.

    Raises:
        VenueError: there is no such webhook, or the settings cannot be read.
    """
    webhooks = read_webhooks(folder)
    found = next((one for one in webhooks if one.name == name), None)
    if found is None:
        raise VenueError(
            "There is no webhook '{name}'.",
            "Choose one of: {names}.",
            name=name,
            names=", ".join(one.name for one in webhooks) or "–",
        )
    return found
