"""Staff shifts: the number of people who work at a zone, and when."""

from __future__ import annotations

import math
from dataclasses import dataclass

from analytics.domain.errors import VenueError

MAX_STAFF = 1_000
MAX_SHIFT_S = 86_400.0


@dataclass(frozen=True, slots=True)
class StaffShift:
    """The staff of one zone over a period of time.

    Attributes:
        start_s, end_s: seconds since the epoch.
        people: more than 0; half a person is one for half of the time.
    """

    zone: str
    start_s: float
    end_s: float
    people: float


def check_shift(shift: StaffShift) -> StaffShift:
    """Return the shift if its values are possible.

    Raises:
            VenueError: it has no zone or no staff, ends before it begins, or is longer than a day.
    """
    if not shift.zone.strip():
        raise VenueError("A shift needs a zone.", "Choose the zone in which the staff work.")
    if not (math.isfinite(shift.people) and 0 < shift.people <= MAX_STAFF):
        raise VenueError(
            "A shift in '{zone}' cannot have {people} staff.",
            "Enter a number above 0, and at most {most}.",
            zone=shift.zone,
            people=f"{shift.people:g}",
            most=MAX_STAFF,
        )
    if not (math.isfinite(shift.start_s) and math.isfinite(shift.end_s)) or shift.end_s <= shift.start_s:
        raise VenueError(
            "The shift in '{zone}' ends before it begins.", "Choose a start before the end.", zone=shift.zone
        )
    if shift.end_s - shift.start_s > MAX_SHIFT_S:
        raise VenueError(
            "The shift in '{zone}' lasts longer than a day.",
            "Enter one shift for each day.",
            zone=shift.zone,
        )
    return shift
