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
from analytics.metrics.estimate import UNKNOWN
from app.core.document import Venue
from app.core.job import JobCancelled, JobContext
from app.dwell.dwell_analysis import analyse_dwell
from app.dwell.dwell_figures import (
    MAX_BARS,
    DwellAnalysis,
    VisitFilter,
    count_by_length,
)
from app.dwell.visit_list import list_visits
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


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    return make_known_venue(tmp_path_factory.mktemp("known"))


@pytest.fixture(scope="module")
def second(venue: Venue) -> DwellAnalysis:
    return analyse_dwell(venue=venue, period=SECOND)


def test_each_zone_has_the_numbers_of_the_summary(
    venue: Venue, second: DwellAnalysis, tmp_path: Path
) -> None:
    exported = export_period(
        venue=venue, start_utc_s=SECOND[0], end_utc_s=SECOND[1], out_folder=tmp_path / "out"
    )
    written = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert written["zones"].keys() == exported.summary["zones"].keys()  # type: ignore[attr-defined]
    for name, summary in written["zones"].items():
        figures = second.zones[name].figures
        assert figures.visits.value == summary["visits"] > 20
        assert figures.mean_dwell_s.value == summary["mean_dwell_s"]
        assert figures.mean_dwell_s.interval == tuple(summary["mean_dwell_interval_s"])
        assert figures.median_dwell_s.interval == tuple(summary["median_dwell_interval_s"])
        assert figures.median_dwell_s.value == summary["median_dwell_s"]
        assert figures.person_seconds == summary["person_seconds"]
        assert summary["visits"] * summary["mean_dwell_s"] == pytest.approx(
            summary["person_seconds"], abs=1e-3 * summary["visits"]
        )
        assert second.zones[name].quantiles_s[2] == pytest.approx(summary["median_dwell_s"], abs=1e-3)
        assert second.zones[name].quantiles_s[4] == pytest.approx(summary["p90_dwell_s"], abs=1e-3)


def test_the_floor_pools_the_zones_to_visit(second: DwellAnalysis) -> None:
    assert second.pooled_zones == ("stand", "front row")
    floor, stand, front = (second.zones[name].figures for name in (None, *second.pooled_zones))
    assert stand.visits.value
    assert front.visits.value
    assert floor.visits.value == stand.visits.value + front.visits.value
    assert floor.mean_dwell_s.value is not None
    assert stand.mean_dwell_s.value is not None
    assert front.mean_dwell_s.value is not None
    low, high = sorted([stand.mean_dwell_s.value, front.mean_dwell_s.value])
    assert low < floor.mean_dwell_s.value < high
    assert [zone.name for zone in second.list_counted(None)] == ["stand", "front row"]


def test_zones_of_different_minimum_stays_have_no_common_median(tmp_path: Path) -> None:
    longer = Zone(ZoneId("long"), FRONT.kind, FRONT.outline, minimum_stay_s=10.0)
    analysis = analyse_dwell(venue=make_known_venue(tmp_path, zones=(ZONES[0], longer)), period=SECOND)
    floor = analysis.zones[None].figures
    assert floor.median_dwell_s == UNKNOWN
    one, two = (zone.figures for zone in analysis.list_zones())
    assert one.visits.value
    assert two.visits.value
    assert one.person_seconds
    assert two.person_seconds
    expected = (one.person_seconds + two.person_seconds) / (one.visits.value + two.visits.value)
    assert floor.mean_dwell_s.value == pytest.approx(expected, abs=1e-3)


def test_the_previous_period_is_compared_if_observed(venue: Venue, second: DwellAnalysis) -> None:
    first = analyse_dwell(venue=venue, period=FIRST)
    assert second.previous_period == FIRST
    assert second.previous == {name: zone.figures for name, zone in first.zones.items()}
    assert first.previous == {}
    assert first.previous_period is None


def test_the_same_hours_of_the_previous_day_are_a_fallback(tmp_path: Path) -> None:
    venue = make_known_venue(tmp_path)
    record_known_crowds(venue, days_later=1)
    analysis = analyse_dwell(venue=venue, period=(FIRST[0] + 86400.0, FIRST[1] + 86400.0))
    assert analysis.previous
    assert analysis.previous_period == FIRST


def test_unobserved_occupancy_is_nan(second: DwellAnalysis) -> None:
    assert [zone.people.zone for zone in second.zones.values()] == [None, "stand", "front row", "door"]
    for series in (zone.people for zone in second.zones.values()):
        middle_s = (series.edges_utc_s[1:] + series.edges_utc_s[:-1]) / 2 - SECOND[0]
        is_paused = (middle_s > PAUSE_S[0]) & (middle_s < PAUSE_S[1])
        assert np.isnan(series.people[is_paused]).all()
        assert not np.isnan(series.people[~is_paused]).any()


def test_bars_contain_every_visit_once(venue: Venue, second: DwellAnalysis) -> None:
    histogram = count_by_length(second.zones["stand"].complete, second.zones["stand"].cut)
    listed = list_visits(venue=venue, period_s=SECOND, criteria=VisitFilter(frozenset(["stand"])))
    assert sum(bar.complete + bar.censored for bar in histogram) == listed.total == len(listed.visits)
    assert (
        sum(bar.censored for bar in histogram)
        == sum(bool(v["censored_start"] or v["censored_end"]) for v in listed.visits)
        > 0
    )
    assert len(histogram) <= MAX_BARS
    assert math.isinf(histogram[-1].to_s)


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
    assert analysis.zones == {}
    assert analysis.history is not None
    assert analysis.history[0] == pytest.approx(FIRST[0], abs=1)
    new = make_known_venue(tmp_path, is_recorded=False)
    assert analyse_dwell(venue=new, period=FIRST).history is None


def test_a_changed_zone_counts_from_its_change(venue: Venue) -> None:
    changed_s = SECOND[0] + 600.0
    moved = Zone(ZoneId("stand"), FRONT.kind, FRONT.outline)
    changed = venue.with_geometry(FloorGeometry(zones=(FRONT, moved), valid_from_utc_s=changed_s))
    analysis = analyse_dwell(venue=changed, period=SECOND)
    assert {zone.name: zone.since_utc_s for zone in analysis.list_zones()} == {
        "front row": None,
        "stand": changed_s,
    }
    entered = [
        list_visits(venue=changed, period_s=SECOND, criteria=VisitFilter(frozenset([name]))).visits[0]
        for name in ("stand", "front row")
    ]
    assert entered[1]["entered_s"] < changed_s <= entered[0]["entered_s"]


def test_with_other_zones_only_people_are_compared(venue: Venue) -> None:
    moved = venue.with_geometry(FloorGeometry(zones=(FRONT,), valid_from_utc_s=SECOND[0]))
    previous = analyse_dwell(venue=moved, period=SECOND).previous
    assert previous[None].people_mean is not None
    assert previous[None].visits == UNKNOWN
    assert previous["front row"].visits.value is not None


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
    assert current.previous == {}
    assert not current.is_compared
    assert whole.previous
    assert whole.is_compared
    assert current.zones is whole.zones


def test_a_computed_period_is_not_recomputed(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    first = analyse_dwell(venue=venue, period=SECOND)

    def compute_again(**_arguments: object) -> None:
        raise AssertionError

    monkeypatch.setattr("app.facts.identified_period.identify_visitors", compute_again)
    again = analyse_dwell(venue=venue, period=SECOND)
    assert [zone.figures for zone in again.zones.values()] == [zone.figures for zone in first.zones.values()]
    monkeypatch.undo()
    heat = analyse_floor(venue=venue, period_s=SECOND, now_utc_s=SECOND[1] + 1.0)
    assert {zone.name: zone.visits for zone in heat.zones} == {
        zone.name: zone.figures.visits for zone in again.list_zones()
    }
