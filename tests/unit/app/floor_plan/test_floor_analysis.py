from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from app.core.document import Venue
from app.core.job import JobCancelled, JobContext
from app.dwell.dwell_analysis import analyse_dwell
from app.floor_plan.floor_analysis import MAX_COLUMNS, MAX_ROWS, analyse_floor, choose_cell
from tests.support.halls.walked_hall import NOW_UTC_S, SEEN_UNTIL_X_M, make_hall, walk_through

START_S = NOW_UTC_S - 600


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    venue = make_hall(tmp_path_factory.mktemp("walked"))
    walk_through(venue, start_s=START_S - 86_400, duration_s=300, people=15, seed=2)
    walk_through(venue, start_s=START_S, duration_s=400)
    return venue


def test_without_a_history_there_is_neither_heat_nor_an_error(tmp_path: Path) -> None:
    view = analyse_floor(venue=make_hall(tmp_path), period_s=None, now_utc_s=NOW_UTC_S)
    assert view.history_s is None
    assert view.heatmap is None
    assert view.zones == ()


def test_an_unobserved_period_still_gives_the_history(walked: Venue) -> None:
    before = (START_S - 50_000, START_S - 40_000)
    view = analyse_floor(venue=walked, period_s=before, now_utc_s=NOW_UTC_S)
    assert view.heatmap is None
    assert view.period_s == before
    assert view.history_s is not None
    assert view.history_s[0] == pytest.approx(START_S - 86_400, abs=60)


def test_the_last_hour_is_cut_to_its_observations(walked: Venue) -> None:
    view = analyse_floor(venue=walked, period_s=None, now_utc_s=NOW_UTC_S)
    assert view.period_s == (START_S, START_S + 400)
    assert view.observed_s == pytest.approx(400)
    assert view.heatmap is not None
    assert view.heatmap.person_seconds.sum() > 100
    by_name = {zone.name: zone for zone in view.zones}
    assert set(by_name) == {"Robotics", "VR corner", "Café"}
    assert all(zone.visits for zone in view.zones)
    assert by_name["Robotics"].mean_dwell_s is not None
    assert view.mean_people is not None
    assert view.mean_people == pytest.approx(view.heatmap.person_seconds.sum() / 400, rel=0.1)


def test_the_night_between_two_days_leaves_no_floor_unobserved(walked: Venue) -> None:
    whole = (START_S - 86_400, START_S + 400)
    view = analyse_floor(venue=walked, period_s=whole, now_utc_s=NOW_UTC_S)
    assert view.observed_s == pytest.approx(700)
    assert view.heatmap is not None
    parts = [
        analyse_floor(venue=walked, period_s=part, now_utc_s=NOW_UTC_S, with_zones=False).heatmap
        for part in ((whole[0], whole[0] + 300), (START_S, whole[1]))
    ]
    total = sum(part.person_seconds.sum() for part in parts if part is not None)
    # who is who is told from all that was seen, so that some gaps are bridged in the whole alone
    assert view.heatmap.person_seconds.sum() == pytest.approx(total, rel=5e-3)
    assert view.heatmap.coverage == pytest.approx(0.85, abs=0.05)


def test_floor_beyond_the_view_is_traced_as_unobserved(walked: Venue) -> None:
    view = analyse_floor(venue=walked, period_s=None, now_utc_s=NOW_UTC_S, with_zones=False)
    assert view.zones == ()
    assert view.floor is not None
    assert view.floor.unobserved
    ring = max(view.floor.unobserved, key=len)
    assert ring[:, 0].max() == pytest.approx(20, abs=0.3)
    assert ring[:, 0].min() > SEEN_UNTIL_X_M
    assert np.isfinite(view.floor.shown).mean() == pytest.approx(0.85, abs=0.05)


def test_figures_count_from_the_change_of_zones(walked: Venue) -> None:
    first = walked.geometry_versions[0]
    moved = dataclasses.replace(first, zones=first.zones[:1], valid_from_utc_s=START_S + 200)
    venue = dataclasses.replace(walked, geometry_versions=(first, moved))
    view = analyse_floor(venue=venue, period_s=None, now_utc_s=NOW_UTC_S)
    assert view.have_zones_changed
    assert [zone.name for zone in view.zones] == ["Robotics"]
    (dwell,) = analyse_dwell(venue=venue, period=view.requested_s).list_zones()  # type: ignore[arg-type]
    assert view.zones[0].visits.value == dwell.figures.visits.value, "one number on all pages"
    assert view.geometry == moved


def test_cancelling_stops_before_the_result(walked: Venue) -> None:
    done: list[float] = []
    context = JobContext(is_cancelled=lambda: len(done) > 1, on_progress=lambda d, _t: done.append(d))
    with pytest.raises(JobCancelled):
        analyse_floor(venue=walked, period_s=None, now_utc_s=NOW_UTC_S, context=context)
    assert done == sorted(done)


@pytest.mark.parametrize("size", [(40.0, 25.0), (400.0, 90.0), (30.0, 900.0)])
def test_the_grid_of_any_floor_is_small_enough_to_draw(size: tuple[float, float]) -> None:
    cell_m = choose_cell((0.0, 0.0, *size))
    assert size[0] / cell_m <= MAX_COLUMNS
    assert size[1] / cell_m <= MAX_ROWS
    assert cell_m >= 0.25
