"""Convert times to whole microseconds since the epoch, which compare and pack exactly."""

from __future__ import annotations

HOUR_US = 3_600_000_000


def to_us(time_s: float) -> int:
    """Return seconds as microseconds, rounded."""
    return round(time_s * 1_000_000)


def to_s(time_us: int) -> float:
    """Return microseconds as seconds, exact to the microsecond for the next two centuries."""
    return time_us / 1_000_000


def hour_of(time_us: int) -> int:
    """Return the start of the hour in UTC, microseconds."""
    return time_us // HOUR_US * HOUR_US
