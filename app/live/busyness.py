"""Judge how busy a place is, by one rule for the window, the page of visitors and the signs."""

from __future__ import annotations

from enum import StrEnum

BUSY_FROM = 0.9
"""Share of a capacity from which a place is busy."""


class Busyness(StrEnum):
    """State of a place."""

    FREE = "free"
    BUSY = "busy"
    FULL = "full"


def judge_busyness(people: int | None, capacity: int | None, *, has_alarm: bool = False) -> Busyness | None:
    """Return how busy a place is; None where it is not observed, or has neither a capacity nor an alarm.

    Args:
        has_alarm: an alarm on its people is open.
    """
    if people is None or (capacity is None and not has_alarm):
        return None
    if has_alarm or capacity is None or people >= capacity:
        return Busyness.FULL
    return Busyness.BUSY if people >= BUSY_FROM * capacity else Busyness.FREE
