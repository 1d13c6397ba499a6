"""Time as the store keeps it: whole microseconds since the epoch, which compare and pack exactly."""

from __future__ import annotations

HOUR_US = 3_600_000_000


def to_us(time_s: float) -> int:
    """Microseconds of seconds, to the nearest one."""
    return round(time_s * 1_000_000)


def to_s(time_us: int) -> float:
    """Seconds of microseconds; exact to the microsecond for the next two centuries."""
    return time_us / 1_000_000


def hour_of(time_us: int) -> int:
    """The start of the hour in UTC that a moment lies in, microseconds."""
    return time_us // HOUR_US * HOUR_US
