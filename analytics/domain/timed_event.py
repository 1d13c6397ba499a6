"""Something that happens at a time, such as a talk."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TimedEvent:
    """A talk, a demonstration, a break.

    Attributes:
        start_s, end_s: seconds since the epoch.
        zone: where it is; None for the whole hall.
    """

    name: str
    start_s: float
    end_s: float
    zone: str | None = None
