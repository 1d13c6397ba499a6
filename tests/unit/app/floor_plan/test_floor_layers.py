"""Floor layers, from tracks of a short period and hours of a long one."""

from __future__ import annotations

import numpy as np
import pytest

from app.core.document import Venue
from app.floor_plan.floor_analysis import analyse_floor
from app.floor_plan.floor_map import FloorLayer, FloorMap, FloorResults
from tests.support.halls.walked_hall import NOW_UTC_S, make_hall, walk_through

DAY_S = 86_400.0
SHORT = (NOW_UTC_S - 600, NOW_UTC_S)
EARLIER = (NOW_UTC_S - DAY_S, NOW_UTC_S - DAY_S + 300)
LONG = (NOW_UTC_S - 2 * DAY_S, NOW_UTC_S)


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    venue = make_hall(tmp_path_factory.mktemp("walked"))
    walk_through(venue, start_s=NOW_UTC_S - DAY_S, duration_s=300, people=15, seed=2)
    walk_through(venue, start_s=SHORT[0], duration_s=600, people=60)
    return venue


def show(venue: Venue, period_s: tuple[float, float], layer: FloorLayer) -> FloorResults:
    return analyse_floor(venue=venue, period_s=period_s, now_utc_s=NOW_UTC_S, layer=layer, with_zones=False)


def floor_of(view: FloorResults) -> FloorMap:
    assert view.floor is not None
    return view.floor


def test_speeds_are_those_at_which_people_walked(walked: Venue) -> None:
    floor = floor_of(show(walked, SHORT, FloorLayer.SPEED))
    # at 1.2 m/s, of whose steps the path has one less than the times
    assert np.nanmedian(floor.values) == pytest.approx(1.29, abs=0.05)
    assert not floor.is_by_hours


def test_visitors_of_a_cell_are_counted(walked: Venue) -> None:
    floor = floor_of(show(walked, SHORT, FloorLayer.VISITORS))
    # all sixty come in at one place
    assert (
        floor.values[floor.grid.find_cells(np.array([0.3]), np.array([6.0]))[0] // floor.grid.columns, 0] > 50
    )


def test_stop_times_match_standing_times(walked: Venue) -> None:
    floor = floor_of(show(walked, SHORT, FloorLayer.STOP_TIME))
    told = floor.values[np.isfinite(floor.values)]
    assert len(told) > 3
    assert 5 < np.median(told) < 40
    share = floor_of(show(walked, SHORT, FloorLayer.STOP_SHARE)).values
    assert np.nanmax(share) <= 1
    assert np.nanmin(share) == 0


def test_crowding_minutes_lie_within_observed_time(walked: Venue) -> None:
    floor = floor_of(show(walked, SHORT, FloorLayer.CROWDING))
    assert 0 < np.nanmax(floor.values) <= 10
    assert np.isnan(floor.values[:, -1]).all()
    assert floor.unobserved


def test_two_days_are_shown_by_their_hours(walked: Venue) -> None:
    view = show(walked, LONG, FloorLayer.PRESENCE)
    floor = floor_of(view)
    assert floor.is_by_hours
    assert view.corrected is None
    assert view.observed_s == pytest.approx(900)
    assert view.heatmap is not None
    parts = [show(walked, part, FloorLayer.PRESENCE).heatmap for part in (SHORT, (LONG[0] + DAY_S, SHORT[0]))]
    seconds = sum(part.person_seconds.sum() for part in parts if part is not None)
    assert view.heatmap.person_seconds.sum() == pytest.approx(seconds, rel=0.02)
    assert {zone.name for zone in view.zones} == {"Robotics", "VR corner", "Café"}
    assert all(zone.visits and zone.mean_dwell_s for zone in view.zones)
    assert view.mean_people == pytest.approx(seconds / 900, rel=0.05)
    assert view.peak_people is not None
    assert view.peak_people >= view.mean_people


def test_layers_of_days_are_close_to_those_of_tracks(walked: Venue) -> None:
    shown = show(walked, LONG, FloorLayer.SPEED)
    # the history begins within the period, and no zone ever changed
    assert not shown.have_zones_changed
    speed = floor_of(shown)
    assert speed.is_by_hours
    assert np.nanmedian(speed.values) == pytest.approx(1.2, abs=0.15)
    stops = floor_of(show(walked, LONG, FloorLayer.STOP_TIME))
    assert not stops.is_by_hours
    assert (
        np.isfinite(stops.values).sum()
        >= np.isfinite(floor_of(show(walked, SHORT, FloorLayer.STOP_TIME)).values).sum()
    )
    crowding = floor_of(show(walked, LONG, FloorLayer.CROWDING)).values
    days = [floor_of(show(walked, period_s, FloorLayer.CROWDING)).values for period_s in (EARLIER, SHORT)]
    assert [np.nanmax(minutes) > 0.3 for minutes in days] == [True, True]
    known = np.isfinite(crowding) & np.isfinite(days).all(axis=0)
    np.testing.assert_allclose(crowding[known], np.sum(days, axis=0)[known], atol=1e-6)
