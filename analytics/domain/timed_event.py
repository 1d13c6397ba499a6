"""Events of the programme, such as talks, and notes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from analytics.domain.errors import VenueError

MAX_NAME = 200
MAX_EVENT_S = 366 * 86_400.0


class EventKind(StrEnum):
    """Kinds of events."""

    TALK = "talk"
    """A talk, show or demonstration: people come for it."""
    CAMPAIGN = "campaign"
    """A discount, poster or raffle that draws people for hours or days."""
    BREAK = "break"
    """A lunch break, closed door or alarm: people leave for it."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class TimedEvent:
    """A talk, demonstration, break or other event.

    Attributes:
        start_s, end_s: seconds since the epoch.
        zone: its place; None for the whole hall.
    """

    name: str
    start_s: float
    end_s: float
    zone: str | None = None
    kind: EventKind = EventKind.TALK


@dataclass(frozen=True, slots=True)
class TimedNote:
    """A user's note about a moment.

    Attributes:
        at_s: seconds since the epoch.
    """

    at_s: float
    text: str


def check_event(event: TimedEvent) -> TimedEvent:
    """Return the event if its values are possible.

    Raises:
            VenueError: it has no name, or ends before it begins.
    """
    if not event.name.strip() or len(event.name) > MAX_NAME:
        raise VenueError(
            "The event name '{name}' does not have 1 to {most} characters.",
            "Enter a name for the event.",
            most=MAX_NAME,
            name=event.name[:40],
        )
    if not (math.isfinite(event.start_s) and math.isfinite(event.end_s)) or event.end_s <= event.start_s:
        raise VenueError(
            "The event '{name}' ends before it begins.",
            "Choose a start before the end.",
            name=event.name,
        )
    if event.end_s - event.start_s > MAX_EVENT_S:
        raise VenueError(
            "The event '{name}' lasts longer than a year.",
            "Enter when it begins and ends.",
            name=event.name,
        )
    return event
