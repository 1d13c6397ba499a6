"""The exhibition: its name, where it is in time, and when it is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from analytics.domain.errors import VenueError

Interval = tuple[float, float]
"""(start, end) in seconds since the epoch; the end does not belong to it."""


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """One day's opening hours in the venue's own time; ``closes`` may be after midnight (then smaller).

    Equal times mean round the clock. A day with a break has two entries.
    """

    day: date
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Exhibition:
    """What the venue shows.

    Attributes:
        time_zone: an IANA name such as ``Asia/Shanghai``.

    Raises:
        VenueError: this machine knows no such time zone.
    """

    name: str
    time_zone: str
    opening_hours: tuple[OpeningHours, ...] = ()

    def __post_init__(self) -> None:
        find_time_zone(self.time_zone)

    def opening_intervals_utc(self, day: date) -> tuple[Interval, ...]:
        """When the exhibition is open on a day, in the order of time, overlapping hours merged.

        What closes after midnight belongs to the day on which it opened. In the hour that occurs twice when
        clocks are set back, opening means the first and closing the second, so that nothing is cut off; in
        the hour that is skipped, a time means the moment as many minutes after the change.
        """
        zone = find_time_zone(self.time_zone)
        intervals: list[Interval] = []
        for hours in self.opening_hours:
            if hours.day != day:
                continue
            closing_day = day if hours.closes > hours.opens else day + timedelta(days=1)
            start = datetime.combine(day, hours.opens.replace(fold=0), tzinfo=zone).timestamp()
            end = datetime.combine(closing_day, hours.closes.replace(fold=1), tzinfo=zone).timestamp()
            if start < end:
                intervals.append((start, end))
        return _merge(intervals)

    def open_within_utc(self, start_utc_s: float, end_utc_s: float) -> tuple[Interval, ...]:
        """When the exhibition is open within a period, in the order of time, whichever day it opened on."""
        days = {hours.day for hours in self.opening_hours}
        parts = (part for day in days for part in self.opening_intervals_utc(day))
        clipped = ((max(opens, start_utc_s), min(closes, end_utc_s)) for opens, closes in parts)
        return _merge([(opens, closes) for opens, closes in clipped if opens < closes])

    def closings_utc(self, start_utc_s: float, end_utc_s: float) -> tuple[float, ...]:
        """When the exhibition closes for the day within a period, in the order of time.

        Args:
            start_utc_s, end_utc_s: seconds since the epoch; may be any numbers.
        """
        days = {hours.day for hours in self.opening_hours}
        closings = {intervals[-1][1] for day in days if (intervals := self.opening_intervals_utc(day))}
        return tuple(sorted(one for one in closings if start_utc_s <= one <= end_utc_s))

    def day_interval_utc(self, day: date) -> Interval:
        """From midnight to midnight in the venue's own time: 23 to 25 hours."""
        zone = find_time_zone(self.time_zone)
        start, end = (datetime.combine(d, time(), tzinfo=zone) for d in (day, day + timedelta(days=1)))
        return start.timestamp(), end.timestamp()

    def local_day(self, time_utc_s: float) -> date:
        """The day in the venue's own time on which a moment lies."""
        return datetime.fromtimestamp(time_utc_s, tz=UTC).astimezone(find_time_zone(self.time_zone)).date()

    def is_open_at(self, time_utc_s: float) -> bool:
        """Whether a moment lies in the opening hours of its day, or of the day before it."""
        day = self.local_day(time_utc_s)
        return any(
            start <= time_utc_s < end
            for candidate in (day - timedelta(days=1), day)
            for start, end in self.opening_intervals_utc(candidate)
        )


def find_time_zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name.

    Raises:
        VenueError: this machine knows no such time zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise VenueError(
            "There is no time zone '{name}'.",
            "Write its IANA name, such as Asia/Shanghai or Europe/Berlin.",
            name=name,
        ) from None


def _merge(intervals: list[Interval]) -> tuple[Interval, ...]:
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
