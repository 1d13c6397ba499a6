from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest

from analytics.domain.floor_plan import FloorGeometry
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import Zone
from app.core.document import Venue
from app.core.job import JobCancelled, JobContext
from app.dwell.dwell_analysis import analyse_dwell
from app.dwell.dwell_figures import (
    MAX_BARS,
    DwellAnalysis,
    DwellResults,
    Period,
    count_by_length,
    select_results,
)
from app.dwell.visit_list import list_visits
from app.dwell.visit_records import VisitFilter
from app.facts import identified_period
from app.facts.period_export import export_period
from app.floor_plan.floor_analysis import analyse_floor
from tests.support.halls.known_history import (
    FIRST,
    FRONT,
    PAUSE_S,
    SECOND,
    UNOBSERVED,
    ZONES,
    make_known_venue,
    record_known_crowds,
)


def view_zone(*, venue: Venue, period: Period, zone: str | None = None) -> DwellResults | None:
    return select_results(analyse_dwell(venue=venue, period=period), zone)


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    return make_known_venue(tmp_path_factory.mktemp("known"))


@pytest.fixture(scope="module")
def second(venue: Venue) -> DwellAnalysis:
    return analyse_dwell(venue=venue, period=SECOND)


def test_each_zone_has_the_numbers_of_the_summary(venue: Venue, tmp_path: Path) -> None:
    exported = export_period(
        venue=venue, start_utc_s=SECOND[0], end_utc_s=SECOND[1], out_folder=tmp_path / "out"
    )
    written = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert written["zones"].keys() == exported.summary["zones"].keys()  # type: ignore[attr-defined]
    for name, summary in written["zones"].items():
        view = view_zone(venue=venue, period=SECOND, zone=name)
        assert view is not None
        figures = view.figures
        assert figures.visits == summary["visits"] > 20
        assert figures.mean_dwell_s == summary["mean_dwell_s"]
        assert figures.mean_dwell_interval_s == tuple(summary["mean_dwell_interval_s"])
        assert figures.median_dwell_interval_s == tuple(summary["median_dwell_interval_s"])
        assert figures.median_dwell_s == summary["median_dwell_s"]
        assert figures.person_seconds == summary["person_seconds"]
        assert summary["visits"] * summary["mean_dwell_s"] == pytest.approx(
            summary["person_seconds"], abs=1e-3 * summary["visits"]
        )
        by_name = {zone.name: zone for zone in view.zones}
        assert by_name[name].quantiles_s[2] == pytest.approx(summary["median_dwell_s"], abs=1e-3)
        assert by_name[name].quantiles_s[4] == pytest.approx(summary["p90_dwell_s"], abs=1e-3)


def test_the_floor_pools_the_zones_to_visit(second: DwellAnalysis) -> None:
    view = select_results(second, None)
    assert view is not None
    assert view.pooled_zones == ("stand", "front row")
    by_name = {zone.name: zone.figures for zone in view.zones}
    stand, front = by_name["stand"], by_name["front row"]
    assert stand.visits is not None
    assert front.visits is not None
    assert view.figures.visits == stand.visits + front.visits
    assert view.figures.mean_dwell_s is not None
    assert stand.mean_dwell_s is not None
    assert front.mean_dwell_s is not None
    low, high = sorted([stand.mean_dwell_s, front.mean_dwell_s])
    assert low < view.figures.mean_dwell_s < high
    assert view.counted_zones == {"stand", "front row"}


def test_zones_of_different_minimum_stays_have_no_common_median(tmp_path: Path) -> None:
    longer = Zone(ZoneId("long"), FRONT.kind, FRONT.outline, minimum_stay_s=10.0)
    view = view_zone(venue=make_known_venue(tmp_path, zones=(ZONES[0], longer)), period=SECOND)
    assert view is not None
    assert view.figures.median_dwell_s is None
    one, two = (zone.figures for zone in view.zones)
    assert one.visits
    assert two.visits
    assert one.mean_dwell_s
    assert two.mean_dwell_s
    expected = (one.visits * one.mean_dwell_s + two.visits * two.mean_dwell_s) / (one.visits + two.visits)
    assert view.figures.mean_dwell_s == pytest.approx(expected, abs=1e-3)


def test_the_previous_period_is_compared_if_observed(venue: Venue, second: DwellAnalysis) -> None:
    view = select_results(second, "stand")
    first = view_zone(venue=venue, period=FIRST, zone="stand")
    assert view is not None
    assert first is not None
    assert view.previous_period == FIRST
    assert view.previous == first.figures
    assert first.previous is None
    assert first.previous_period is None


def test_the_same_hours_of_the_previous_day_are_a_fallback(tmp_path: Path) -> None:
    venue = make_known_venue(tmp_path)
    record_known_crowds(venue, days_later=1)
    analysis = analyse_dwell(venue=venue, period=(FIRST[0] + 86400.0, FIRST[1] + 86400.0))
    assert analysis.previous is not None
    assert analysis.previous.period == FIRST


def test_unobserved_occupancy_is_nan(second: DwellAnalysis) -> None:
    view = select_results(second, None)
    assert view is not None
    assert [series.zone for series in view.occupancy] == [None, "stand", "front row", "door"]
    for series in view.occupancy:
        middle_s = (series.edges_utc_s[1:] + series.edges_utc_s[:-1]) / 2 - SECOND[0]
        is_paused = (middle_s > PAUSE_S[0]) & (middle_s < PAUSE_S[1])
        assert np.isnan(series.people[is_paused]).all()
        assert not np.isnan(series.people[~is_paused]).any()


def test_bars_contain_every_visit_once(venue: Venue, second: DwellAnalysis) -> None:
    view = select_results(second, "stand")
    assert view is not None
    listed = list_visits(venue=venue, period_s=SECOND, criteria=VisitFilter(frozenset(["stand"])))
    assert sum(bar.complete + bar.censored for bar in view.histogram) == listed.total == len(listed.visits)
    assert sum(bar.censored for bar in view.histogram) == sum(not v.is_complete for v in listed.visits) > 0
    assert len(view.histogram) <= MAX_BARS
    assert math.isinf(view.histogram[-1].to_s)


@pytest.mark.parametrize("seconds", [[3.0], [3.0, 4.0, 7200.0], [float(s) for s in range(3, 4000, 7)]])
def test_bars_are_contiguous_from_zero(seconds: list[float]) -> None:
    complete = np.bincount(np.array(seconds, np.int64)).astype(np.float64)
    bars = count_by_length(complete, np.zeros_like(complete))
    assert bars[0].from_s == 0.0
    assert all(one.to_s == two.from_s for one, two in itertools.pairwise(bars))
    for bar in bars:
        assert bar.complete == sum(bar.from_s <= s < bar.to_s for s in seconds)


def test_an_unobserved_period_has_no_results(venue: Venue, tmp_path: Path) -> None:
    analysis = analyse_dwell(venue=venue, period=UNOBSERVED)
    assert analysis.current is None
    assert analysis.history is not None
    assert analysis.history[0] == pytest.approx(FIRST[0], abs=1)
    new = make_known_venue(tmp_path, is_recorded=False)
    assert analyse_dwell(venue=new, period=FIRST).history is None


def test_an_unknown_zone_has_no_results(second: DwellAnalysis) -> None:
    assert select_results(second, "moon base") is None


def test_a_changed_zone_counts_from_its_change(venue: Venue) -> None:
    changed_s = SECOND[0] + 600.0
    moved = Zone(ZoneId("stand"), FRONT.kind, FRONT.outline)
    changed = venue.with_geometry(FloorGeometry(zones=(FRONT, moved), valid_from_utc_s=changed_s))
    analysis = analyse_dwell(venue=changed, period=SECOND)
    assert analysis.current is not None
    assert {zone.name: zone.since_utc_s for zone in analysis.current.zones} == {
        "front row": None,
        "stand": changed_s,
    }
    stand, front = select_results(analysis, "stand"), select_results(analysis, "front row")
    assert stand is not None
    assert front is not None
    assert stand.changed_zones == (("stand", changed_s),)
    entered = [
        list_visits(venue=changed, period_s=SECOND, criteria=VisitFilter(frozenset([name]))).visits[0]
        for name in ("stand", "front row")
    ]
    assert entered[1].entered_utc_s < changed_s <= entered[0].entered_utc_s
    assert front.changed_zones == ()


def test_with_other_zones_only_people_are_compared(venue: Venue) -> None:
    moved = venue.with_geometry(FloorGeometry(zones=(FRONT,), valid_from_utc_s=SECOND[0]))
    floor = view_zone(venue=moved, period=SECOND)
    front = view_zone(venue=moved, period=SECOND, zone="front row")
    assert floor is not None
    assert floor.previous is not None
    assert floor.previous.people_mean is not None
    assert floor.previous.visits is None
    assert front is not None
    assert front.previous is not None
    assert front.previous.visits is not None


def test_it_can_be_cancelled(venue: Venue) -> None:
    with pytest.raises(JobCancelled):
        analyse_dwell(venue=venue, period=SECOND, job=JobContext(is_cancelled=lambda: True))


def test_progress_never_goes_back(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = identified_period.PeriodCache(max_points=10**6)
    monkeypatch.setattr(identified_period, "_REMEMBERED", nothing)
    reports: list[float] = []
    job = JobContext(on_progress=lambda done, total: reports.append(done / total))
    analyse_dwell(venue=venue, period=SECOND, job=job)
    assert len(reports) >= 4
    assert reports == sorted(reports)
    assert reports[-1] <= 1.0


def test_the_period_is_reported_before_its_comparison(venue: Venue) -> None:
    known: list[DwellAnalysis] = []
    whole = analyse_dwell(venue=venue, period=SECOND, on_current=known.append)
    (current,) = known
    assert current.previous is None
    assert not current.is_compared
    assert whole.previous is not None
    assert whole.is_compared
    assert current.current is whole.current


def test_a_computed_period_is_not_recomputed(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    first = analyse_dwell(venue=venue, period=SECOND)

    def compute_again(**_arguments: object) -> None:
        raise AssertionError

    monkeypatch.setattr("app.facts.identified_period.identify_visitors", compute_again)
    again = analyse_dwell(venue=venue, period=SECOND)
    assert again.current is not None
    assert first.current is not None
    assert again.current.floor == first.current.floor
    assert again.current.zones == first.current.zones
    monkeypatch.undo()
    heat = analyse_floor(venue=venue, period_s=SECOND, now_utc_s=SECOND[1] + 1.0)
    assert {zone.name: zone.visits for zone in heat.zones} == {
        zone.name: zone.figures.visits for zone in again.current.zones
    }
