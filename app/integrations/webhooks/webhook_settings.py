"""The tables ``webhooks`` of ``integrations.toml``: which web addresses are told what; no secret."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import TypeAdapter

from analytics.domain.errors import VenueError
from app.access.guard import changes_venue
from app.access.roles import Permission
from app.core.toml_file import Sorted
from app.core.web_address import is_web_address, require_no_metadata_host
from app.integrations.integrations_file import read_table, replace_table

TABLE = "webhooks"
MAX_NAME = 60
MAX_WEBHOOKS = 20
MAX_EVERY_MIN = 1440
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
    events: Annotated[frozenset[EventKind], Sorted] = frozenset(EventKind)
    every_min: int = 0
    is_enabled: bool = True


_TABLES = TypeAdapter(tuple[Webhook, ...])
_REQUIRED = {"events": None, "every_min": None, "is_enabled": None}


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
    if not _NAME.fullmatch(webhook.name) or len(webhook.name) > MAX_NAME:
        raise VenueError(
            "'{name}' is no name of a webhook.", "Use letters, digits, blanks and hyphens.", name=webhook.name
        )
    if not is_web_address(webhook.url):
        raise VenueError(
            "'{url}' is no web address that anything can be posted to.",
            "Give one that begins with https://, without a user and a password in it.",
            url=webhook.url,
        )
    if not 0 <= webhook.every_min <= MAX_EVERY_MIN:
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
    webhooks = read_table(
        folder, TABLE, lambda tables: _TABLES.validate_python(tuple(_REQUIRED | table for table in tables))
    )
    return tuple(map(check_webhook, webhooks or ()))


def write_webhooks(folder: Path, webhooks: Sequence[Webhook]) -> None:
    """Replace the webhooks of a venue; hold the venue's lock meanwhile.

    Raises:
        VenueError: the file cannot be read, understood or written.
    """
    replace_table(folder, TABLE, _TABLES.dump_python(tuple(webhooks)))


@changes_venue(Permission.INTEGRATE, "webhook saved", lambda webhook: {"webhook": webhook.name})
def save_webhook(folder: Path, webhook: Webhook) -> tuple[Webhook, ...]:
    """Add a webhook, or put it in the place of one of its name; gives all.

    Raises:
        VenueError: something of it cannot be, or there are too many; nothing was changed.
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
            "There are {most} webhooks already.", "Remove one that is not needed.", most=MAX_WEBHOOKS
        )
    write_webhooks(folder, after)
    return after


def switch_webhook(folder: Path, name: str, *, is_enabled: bool) -> tuple[Webhook, ...]:
    """Let a webhook be told, or not any more; what is entered stays. Gives all.

    Raises:
        VenueError: there is none of that name, or it cannot be.
    """
    return save_webhook(folder, replace(require_webhook(folder, name), is_enabled=is_enabled))


@changes_venue(Permission.INTEGRATE, "webhook removed", lambda name: {"webhook": name})
def remove_webhook(folder: Path, name: str) -> Webhook:
    """Take a webhook away; what waits for it is not posted any more. Gives what was taken away.

    Raises:
        VenueError: there is none of that name.
    """
    found = require_webhook(folder, name)
    write_webhooks(folder, [one for one in read_webhooks(folder) if one.name != name])
    return found


def require_webhook(folder: Path, name: str) -> Webhook:
    """The webhook of a name.

    Raises:
        VenueError: there is none, or the settings cannot be read.
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
