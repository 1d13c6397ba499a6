"""The exhibition: its name, where it is in time, and when it is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """One day's opening hours in the venue's own time; ``closes`` may be after midnight (then smaller)."""

    day: date
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Exhibition:
    """What the venue shows.

    Attributes:
        time_zone: an IANA name such as ``Asia/Shanghai``.
    """

    name: str
    time_zone: str
    opening_hours: tuple[OpeningHours, ...] = ()
