"""Access to the system time; no other module reads it directly."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol

from analytics.domain.errors import ExpoFlowError


class Clock(Protocol):
    """Wall clock and monotonic time; passed as a parameter, so that tests can set it."""

    def now_utc_s(self) -> float:
        """Return seconds since 1970-01-01T00:00:00Z."""

    def monotonic_s(self) -> float:
        """Return seconds that never go back, for durations and time limits."""


class SystemClock:
    """The clock of this machine."""

    def now_utc_s(self) -> float:
        """Return seconds since 1970-01-01T00:00:00Z."""
        return time.time()

    def monotonic_s(self) -> float:
        """Return seconds that never go back, for durations and time limits."""
        return time.monotonic()


_UPTIME_CLOCK = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
"""Clock that includes sleep on Linux and macOS, where Python's monotonic clock excludes it."""


def read_uptime_s() -> float:
    """Return seconds of uptime, sleep included, unaffected by changes of the system clock."""
    return time.monotonic() if _UPTIME_CLOCK is None else time.clock_gettime(_UPTIME_CLOCK)


def parse_utc(text: str) -> float:
    """Return the seconds since the epoch of an ISO 8601 time with a zone, such as ``2026-11-25T09:00:00Z``.

    Raises:
        ExpoFlowError: the text is not a time, or names no zone.
    """
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        parsed = None
    if parsed is None or parsed.tzinfo is None:
        raise ExpoFlowError("'{text}' is not a time in UTC.", "Use the form 2026-11-25T09:00:00Z.", text=text)
    return parsed.timestamp()


def format_utc(time_utc_s: float) -> str:
    """Return an ISO 8601 time in UTC with milliseconds, such as ``2026-11-25T09:00:00.000Z``."""
    moment = datetime.fromtimestamp(time_utc_s, tz=UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
