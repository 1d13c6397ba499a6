"""How many people work at a place, and when."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StaffShift:
    """Staff of one zone for a time.

    Attributes:
        start_s, end_s: seconds since the epoch.
        people: more than 0.
    """

    zone: str
    start_s: float
    end_s: float
    people: float
