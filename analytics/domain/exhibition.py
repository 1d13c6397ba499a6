"""The exhibition: its name, time zone and opening hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from analytics.domain.arrays import Interval
from analytics.domain.errors import VenueError


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """One day's opening hours in venue time; ``closes`` may be after midnight (then smaller).

    Equal times mean round the clock. A day with a break has two entries.
    """

    day: date
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Exhibition:
    """Name, time zone and opening hours of an exhibition.

    Attributes:
        time_zone: an IANA name such as ``Asia/Shanghai``.

    Raises:
            VenueError: this machine has no such time zone.
    """

    name: str
    time_zone: str
    opening_hours: tuple[OpeningHours, ...] = ()

    def __post_init__(self) -> None:
        find_time_zone(self.time_zone)

    def opening_intervals_utc(self, day: date) -> tuple[Interval, ...]:
        """Return the opening intervals of a day in time order, overlapping hours merged.

        Closing after midnight belongs to the day of the opening. In the hour that occurs twice when clocks
        are set back, opening means the first and closing the second, so that nothing is cut off; in the hour
        that is skipped, a time means the moment as many minutes after the change.
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
        """Return the opening intervals within a period in time order, whichever day they began on."""
        days = {hours.day for hours in self.opening_hours}
        parts = (part for day in days for part in self.opening_intervals_utc(day))
        clipped = ((max(opens, start_utc_s), min(closes, end_utc_s)) for opens, closes in parts)
        return _merge([(opens, closes) for opens, closes in clipped if opens < closes])

    def closings_utc(self, start_utc_s: float, end_utc_s: float) -> tuple[float, ...]:
        """Return the times at which the exhibition closes for the day within a period, in time order.

        Args:
            start_utc_s, end_utc_s: seconds since the epoch; may be any numbers.
        """
        days = {hours.day for hours in self.opening_hours}
        closings = {intervals[-1][1] for day in days if (intervals := self.opening_intervals_utc(day))}
        return tuple(sorted(one for one in closings if start_utc_s <= one <= end_utc_s))

    def day_interval_utc(self, day: date) -> Interval:
        """Return the interval from midnight to midnight in venue time: 23 to 25 hours."""
        zone = find_time_zone(self.time_zone)
        start, end = (datetime.combine(d, time(), tzinfo=zone) for d in (day, day + timedelta(days=1)))
        return start.timestamp(), end.timestamp()

    def local_day(self, time_utc_s: float) -> date:
        """Return the day in venue time of a moment."""
        return datetime.fromtimestamp(time_utc_s, tz=UTC).astimezone(find_time_zone(self.time_zone)).date()


def find_time_zone(name: str) -> ZoneInfo:
    """Return the time zone of an IANA name.

    Raises:
            VenueError: this machine has no such time zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise VenueError(
            "There is no time zone '{name}'.",
            "Enter an IANA name such as Asia/Shanghai or Europe/Berlin.",
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
