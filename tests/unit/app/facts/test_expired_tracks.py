"""Time whose tracks were deleted is refused and never counted as empty."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.domain.errors import StoreError
from analytics.domain.event_sink import ObservedSpan
from analytics.domain.identifiers import CameraId
from analytics.store.retention import DAY_S, RetentionPolicy
from analytics.store.sql_event_store import open_reader, open_store
from app.core.document import Venue
from app.facts.expired_tracks import find_expiry
from app.facts.period_export import export_period
from app.floor_plan.floor_movement import identify_floor
from app.plan.edit_venue import create_hall
from tests.unit.analytics.store.store_contents import NINE_S, FakeClock, make_points

CAM = CameraId("cam")
LONG_AGO_S = NINE_S - 200 * DAY_S


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    """Return a venue observed 200 days ago, without tracks of that time, and now."""
    made = create_hall(tmp_path / "hall.expoflow", name="Hall", time_zone="Asia/Shanghai", size_m=(40, 25))
    writer = open_store(made.folder, clock=FakeClock(NINE_S + 600))
    writer.write_points(make_points(range(100)))
    writer.write_points(make_points(range(100, 110), step_s=-200 * DAY_S / 105))
    for start_s in (NINE_S, LONG_AGO_S):
        writer.write_span(ObservedSpan(CAM, start_s, start_s + 100, 500))
    writer.flush()
    writer.archive_now()
    writer.apply_retention(RetentionPolicy(keep_days=90))
    writer.close()
    return made


def test_a_period_without_tracks_is_refused_with_their_start(venue: Venue, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="tracks exist from 2026-08-27 09:00 UTC on") as caught:
        export_period(
            venue=venue, start_utc_s=LONG_AGO_S, end_utc_s=LONG_AGO_S + 100, out_folder=tmp_path / "out"
        )
    assert "later period" in caught.value.remedy
    assert not (tmp_path / "out").exists()
    with pytest.raises(StoreError, match="deleted"):
        identify_floor(venue, (LONG_AGO_S, LONG_AGO_S + 100))
    export_period(venue=venue, start_utc_s=NINE_S, end_utc_s=NINE_S + 100, out_folder=tmp_path / "out")
    assert (tmp_path / "out" / "visits.csv").exists()


def test_an_unobserved_period_needs_no_tracks(venue: Venue) -> None:
    reader = open_reader(venue.folder)
    for start_s, end_s in ((NINE_S - 100 * DAY_S, NINE_S + 100), (NINE_S, NINE_S + 100)):
        assert find_expiry(reader, reader.read_spans(start_s, end_s), (start_s, end_s)) is None
    reader.close()


def test_an_old_recording_imported_later_has_tracks(venue: Venue) -> None:
    writer = open_store(venue.folder, clock=FakeClock(NINE_S + 700))
    writer.write_points(make_points(range(200, 210), step_s=-200 * DAY_S / 200))
    writer.close()
    reader = open_reader(venue.folder)
    spans = reader.read_spans(LONG_AGO_S - 10 * DAY_S, LONG_AGO_S + 100)
    assert find_expiry(reader, spans, (LONG_AGO_S - 10 * DAY_S, LONG_AGO_S + 100)) is None
    reader.close()
