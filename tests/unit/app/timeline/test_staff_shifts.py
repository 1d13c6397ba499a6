from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from analytics.domain.exhibition import Exhibition
from analytics.domain.staff_shift import StaffShift
from app.timeline.edit_timeline import repeat_daily

BERLIN = ZoneInfo("Europe/Berlin")


def at(day: int, hour: int) -> float:
    return datetime(2026, 10, day, hour, tzinfo=BERLIN).timestamp()


def test_a_shift_is_at_the_same_hours_on_the_days_after_it() -> None:
    exhibition = Exhibition(name="Fair", time_zone="Europe/Berlin")
    shift = StaffShift("Stage", at(24, 10), at(24, 18), 2.0)
    found = repeat_daily(shift, 2, exhibition=exhibition)
    # summer time ends in the night to the 25th
    assert [(one.start_s, one.end_s) for one in found] == [(at(day, 10), at(day, 18)) for day in (24, 25, 26)]
    assert {(one.zone, one.people) for one in found} == {("Stage", 2.0)}
    assert repeat_daily(shift, 0, exhibition=exhibition) == (shift,)
