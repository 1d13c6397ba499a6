"""Choice of the earlier period that the stands are compared with."""

from __future__ import annotations

from pathlib import Path

from app.core.file_format import write_venue
from app.exhibition.exhibition_analysis import analyse_exhibition
from tests.support.halls.walked_hall import NOW_UTC_S, make_hall, walk_through

DAY_S = 86_400.0
START_S = NOW_UTC_S - 7200.0


def test_a_barely_observed_day_is_not_compared_with_a_whole_one(tmp_path: Path) -> None:
    venue = make_hall(tmp_path)
    walk_through(venue, start_s=START_S - DAY_S, duration_s=900.0, people=20)
    walk_through(venue, start_s=START_S, duration_s=300.0, people=12)
    write_venue(venue)
    whole = analyse_exhibition(venue=venue, period_s=(START_S, START_S + 900))
    alike = analyse_exhibition(venue=venue, period_s=(START_S, START_S + 300))
    assert whole is not None
    assert alike is not None
    assert whole.previous is None
    assert all(entry.before is None for entry in whole.entries)
    assert alike.previous == (START_S - DAY_S, START_S - DAY_S + 300)
