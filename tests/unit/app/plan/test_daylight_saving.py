"""Days on which clocks change are one day each: no hour is in two of them or in none."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from analytics.domain.event_sink import ObservedSpan
from analytics.domain.identifiers import CameraId
from analytics.store.sql_event_store import open_reader, open_store
from app.facts.period_stretches import plan_stretches
from app.plan.edit_venue import create_hall
from app.recording.history_upkeep import find_local_day
from tests.unit.analytics.store.store_contents import FakeClock, make_points

HOUR_S = 3600.0


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-26", 24)],
    ids=["spring", "autumn", "usual"],
)
def test_a_day_has_the_hours_that_it_has_and_each_belongs_to_one_day(
    tmp_path: Path, day: str, hours: int
) -> None:
    venue = create_hall(tmp_path / "hall.expoflow", name="Hall", time_zone="Europe/Berlin", size_m=(40, 25))
    noon_s = datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp()
    first_s, last_s = noon_s - 30 * HOUR_S, noon_s + 30 * HOUR_S
    writer = open_store(venue.folder, clock=FakeClock(last_s))
    writer.write_points(make_points(range(1)))
    writer.write_span(ObservedSpan(CameraId("cam"), first_s, last_s, 216_000))
    writer.close()
    reader = open_reader(venue.folder)
    planned = plan_stretches(
        venue=venue, reader=reader, period_s=(first_s, last_s), now_utc_s=last_s + 48 * HOUR_S
    )
    reader.close()
    periods = [stretch.period_s for stretch in planned]
    assert [end for _, end in periods[:-1]] == [start for start, _ in periods[1:]]
    (own,) = [(start, end) for start, end in periods if start <= noon_s < end]
    assert (own[1] - own[0]) / HOUR_S == hours
    assert find_local_day(venue, own[0]).isoformat() == day
    assert find_local_day(venue, own[1] - 1).isoformat() == day
    assert datetime.fromtimestamp(own[0], UTC).hour in (22, 23), "midnight in Berlin"
