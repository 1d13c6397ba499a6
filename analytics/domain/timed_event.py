"""Something that happens at a time, such as a talk."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from analytics.domain.errors import VenueError

MAX_NAME = 200
MAX_EVENT_S = 366 * 86_400.0


class EventKind(StrEnum):
    """What sort of thing it is."""

    TALK = "talk"
    """A talk, a show, a demonstration: people come for it."""
    CAMPAIGN = "campaign"
    """Something that draws people for hours or days: a discount, a poster, a raffle."""
    BREAK = "break"
    """A lunch break, a closed door, an alarm: people go for it."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class TimedEvent:
    """A talk, a demonstration, a break.

    Attributes:
        start_s, end_s: seconds since the epoch.
        zone: where it is; None for the whole hall.
        uid: of the calendar that it came from, so that it is not taken in twice; empty for a typed one.
    """

    name: str
    start_s: float
    end_s: float
    zone: str | None = None
    kind: EventKind = EventKind.TALK
    uid: str = ""


@dataclass(frozen=True, slots=True)
class TimedNote:
    """What somebody wanted to remember of a moment.

    Attributes:
        at_s: seconds since the epoch.
    """

    at_s: float
    text: str


def check_event(event: TimedEvent) -> TimedEvent:
    """The same event, if it can be.

    Raises:
        VenueError: it has no name, or ends before it begins; says what to write.
    """
    if not event.name.strip() or len(event.name) > MAX_NAME:
        raise VenueError(
            "An event needs a name of 1 to {most} letters; '{name}' is none.",
            "Write what happens.",
            most=MAX_NAME,
            name=event.name[:40],
        )
    if not (math.isfinite(event.start_s) and math.isfinite(event.end_s)) or event.end_s <= event.start_s:
        raise VenueError(
            "The event '{name}' ends before it begins.",
            "Let it begin before it ends.",
            name=event.name,
        )
    if event.end_s - event.start_s > MAX_EVENT_S:
        raise VenueError(
            "The event '{name}' lasts longer than a year.",
            "Write when it begins and when it ends.",
            name=event.name,
        )
    return event
