"""Proposed comparison: the newest two comparable days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from analytics.domain.camera import Camera
from analytics.domain.event_sink import ObservedSpan
from analytics.domain.exhibition import Exhibition, OpeningHours
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.identifiers import CameraId
from analytics.store.sql_event_store import open_store
from app.comparison.comparison_proposal import ComparisonProposal, propose_comparison
from app.core.document import Venue, VenueCamera
from app.core.file_format import create_venue

CAMERA = CameraId("cam")
MONDAY = date(2026, 3, 2)
WHOLE = (9.0, 18.0)
HOUR_S, DAY_S = 3600.0, 86_400.0


def find_s(day: int, hour: float) -> float:
    return (datetime.combine(MONDAY, time(), tzinfo=UTC) + timedelta(days=day, hours=hour)).timestamp()


def watch(folder: Path, hours: Mapping[int, tuple[float, float]], *, has_opening_hours: bool = True) -> Venue:
    """Return a venue open from 9 to 18, observed in the given hours of days."""
    folder.mkdir(exist_ok=True)
    outline = Polygon.from_points([(0, 0), (9, 0), (9, 9), (0, 9)], what="the floor")
    opening = tuple(OpeningHours(MONDAY + timedelta(days=n), time(9), time(18)) for n in range(14))
    venue = create_venue(
        folder / "fair.expoflow",
        Exhibition("Fair", "UTC", opening if has_opening_hours else ()),
        FloorPlan(outline),
        cameras=(VenueCamera(Camera(CAMERA, (640, 360))),),
    )
    writer = open_store(venue.folder)
    try:
        for day, (first, last) in hours.items():
            writer.write_span(ObservedSpan(CAMERA, find_s(day, first), find_s(day, last), 1000))
        writer.flush()
    finally:
        writer.close()
    return venue


def propose(venue: Venue, *, day: int, hour: float) -> ComparisonProposal | None:
    return propose_comparison(venue=venue, now_utc_s=find_s(day, hour))


def test_the_same_weekday_of_the_week_before_is_preferred(tmp_path: Path) -> None:
    found = propose(watch(tmp_path, dict.fromkeys(range(9), WHOLE)), day=8, hour=20)
    assert found == ComparisonProposal(
        (find_s(1, 0), find_s(2, 0)), (find_s(8, 0), find_s(9, 0)), days_between=7
    )


def test_a_day_of_the_layout_before_is_preferred_to_yesterday(tmp_path: Path) -> None:
    venue = watch(tmp_path, {0: WHOLE, 1: WHOLE, 2: WHOLE, 3: WHOLE})
    changed = FloorGeometry(valid_from_utc_s=find_s(2, 0))
    venue = replace(venue, geometry_versions=(FloorGeometry(), changed))
    found = propose(venue, day=3, hour=20)
    assert found is not None
    assert (found.b[0], found.days_between) == (find_s(3, 0), 2)


@pytest.mark.parametrize("of_yesterday", [(9.0, 13.0), (17.0, 18.0)])
def test_a_barely_observed_day_is_skipped(tmp_path: Path, of_yesterday: tuple[float, float]) -> None:
    found = propose(watch(tmp_path, {0: WHOLE, 1: of_yesterday, 2: WHOLE}), day=2, hour=20)
    assert found is not None
    assert found.days_between == 2
    found = propose(watch(tmp_path / "later", {0: WHOLE, 1: WHOLE, 2: of_yesterday}), day=3, hour=10)
    assert found is not None
    assert (found.b[0], found.days_between) == (find_s(1, 0), 1)


def test_today_counts_for_its_past_hours(tmp_path: Path) -> None:
    venue = watch(tmp_path, {0: WHOLE, 1: WHOLE, 2: (9.0, 12.1)})
    found = propose(venue, day=2, hour=12.1)
    assert found == ComparisonProposal(
        (find_s(1, 9), find_s(1, 12)), (find_s(2, 9), find_s(2, 12)), days_between=1
    )
    # in the first hour of a day there is nothing to compare of it, nor once it was not watched for long
    for hour in (9.7, 16.0):
        found = propose(venue, day=2, hour=hour)
        assert found is not None
        assert found.b[0] == find_s(1, 0)


def test_days_observed_at_other_hours_do_not_match(tmp_path: Path) -> None:
    venue = watch(tmp_path, {0: WHOLE, 1: (19.0, 23.0), 2: WHOLE}, has_opening_hours=False)
    found = propose(venue, day=3, hour=8)
    assert found is not None
    assert (found.b[0], found.days_between) == (find_s(2, 0), 2)


def test_a_single_day_has_no_proposal(tmp_path: Path) -> None:
    assert propose(watch(tmp_path, {0: WHOLE}), day=1, hour=8) is None
    assert propose(watch(tmp_path / "empty", {}), day=1, hour=8) is None
