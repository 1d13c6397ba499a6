"""Shifts of staff as somebody plans them: the same hours on several days."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from analytics.domain.exhibition import Exhibition
from analytics.domain.staff_shift import StaffShift
from app.core.periods import from_local, to_local

MOST_FOLLOWING_DAYS = 60


def repeat_daily(shift: StaffShift, following_days: int, *, exhibition: Exhibition) -> tuple[StaffShift, ...]:
    """A shift and the same on the days after it, by the venue's clock.

    Args:
        following_days: how many, 0 to ``MOST_FOLLOWING_DAYS``.
    """
    start, end = (
        to_local(at_s, exhibition=exhibition).replace(tzinfo=None) for at_s in (shift.start_s, shift.end_s)
    )
    later = [timedelta(days=day) for day in range(1, 1 + max(0, min(following_days, MOST_FOLLOWING_DAYS)))]
    return (
        shift,
        *(
            replace(
                shift,
                start_s=from_local(start + by, exhibition=exhibition),
                end_s=from_local(end + by, exhibition=exhibition),
            )
            for by in later
        ),
    )
