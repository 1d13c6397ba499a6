from __future__ import annotations

import dataclasses
import shutil
from datetime import date
from pathlib import Path

import pytest

from analytics.comparison.block_figures import (
    WHOLE_HALL,
    Block,
    Metric,
    Refusal,
    Side,
    Verdict,
    ZoneBlock,
    measure,
)
from analytics.comparison.period_comparison import Unit
from analytics.domain.errors import StoreError, VenueError, fill_template
from analytics.domain.floor_plan import FloorGeometry
from analytics.rollups.rollup_folder import RollupFolder
from analytics.store.retention import RetentionPolicy
from analytics.store.sql_event_store import open_store
from app.comparison.comparison_blocks import average_halls
from app.comparison.comparison_figures import ComparisonResults, DescribedChange
from app.comparison.period_comparison import ComparisonPeriod, compare_periods, find_version_period
from app.core.document import Venue
from app.core.job import JobContext
from app.facts import prepared_facts
from resources.translations import load_translations
from tests.support.halls.walked_hall import SetClock
from tests.support.reports.compared_days import (
    OPEN_S,
    STANDS,
    find_opening_s,
    make_compared_venue,
    make_stand,
    record_day,
)

DAYS, OLD_DAYS, DAY_S = 8, 5, 86_400.0
CLOCK = SetClock(find_opening_s(DAYS) + 2 * DAY_S)
BEFORE = (find_opening_s(0), find_opening_s(4))
AFTER = (find_opening_s(4), find_opening_s(8))


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    """Return four days, then four with visits at stand B half as long again."""
    venue = make_compared_venue(tmp_path_factory.mktemp("days"), days=DAYS)
    for day in range(DAYS):
        record_day(venue, day, stays_s={"A": 40.0, "B": 40.0 if day < 4 else 60.0, "C": 40.0})
    return venue


@pytest.fixture(scope="module")
def compared(venue: Venue) -> ComparisonResults:
    return compare_periods(ComparisonPeriod(venue, BEFORE), ComparisonPeriod(venue, AFTER))


def find(compared: ComparisonResults, zone: str, metric: Metric) -> DescribedChange:
    (found,) = [c for c in compared.changes if (c.change.zone, c.change.metric) == (zone, metric)]
    return found


def test_a_significant_change_gets_a_sentence(compared: ComparisonResults) -> None:
    found = find(compared, "B", Metric.MEAN_DWELL)
    assert found.change.verdict is Verdict.RISE
    effect = found.change.effect
    assert effect is not None
    # who stays for 60 s takes 3 s to walk in and out: 43 and 63
    assert effect.ratio == pytest.approx(63 / 43, rel=0.02)
    sentence = str(found.sentence)
    assert sentence.startswith("Mean dwell at B rose from 4")
    assert " s to 1:0" in sentence, "minutes, as in tables and reports"
    assert sentence.endswith(" s), significant.")
    assert "likely range +" in sentence
    assert fill_template(
        found.sentence.template, found.sentence.fields, load_translations("zh_CN").gettext
    ).startswith("B的平均停留从 4")


def test_the_detectable_change_is_stated_without_evidence(
    compared: ComparisonResults,
) -> None:
    found = find(compared, "A", Metric.MEDIAN_DWELL)
    assert found.change.verdict is Verdict.NO_EVIDENCE
    assert "no evidence of a change" in str(found.sentence)
    assert "are detectable with this many visitors" in str(found.sentence)


def test_notes_describe_the_comparison(compared: ComparisonResults) -> None:
    assert compared.comparison.unit is Unit.DAYS
    assert [str(note) for note in compared.notes] == ["Days compared: 4 and 4, from 10:00 to 11:00."]
    footfall = find(compared, WHOLE_HALL, Metric.FOOTFALL)
    assert footfall.change.level_a == pytest.approx(24)
    assert find(compared, "A", Metric.VISITS_PER_100).change.level_b == pytest.approx(100 / 3)
    assert {c.change.zone for c in compared.changes} == {WHOLE_HALL, *STANDS}


def test_too_few_days_are_refused_with_the_number_needed(venue: Venue) -> None:
    one = ComparisonPeriod(venue, (find_opening_s(0), find_opening_s(1)))
    other = ComparisonPeriod(venue, (find_opening_s(4), find_opening_s(5)))
    compared = compare_periods(one, other)
    assert {c.change.refusal for c in compared.changes} == {Refusal.TOO_FEW_DAYS}
    assert "chance: 3 before, 3 after; or unchanged zones" in str(compared.notes[0])
    footfall = find(compared, WHOLE_HALL, Metric.FOOTFALL)
    assert footfall.change.level_a == pytest.approx(24)
    assert footfall.change.ratio.interval is None
    assert str(footfall.sentence) == (
        "Footfall per hour at the whole hall: 24, then 24; not compared, there are too few days."
    )


def test_a_moved_stand_is_compared_relative_to_unmoved_ones(tmp_path: Path) -> None:
    before = FloorGeometry(zones=tuple(make_stand(name) for name in STANDS), label="spring")
    venue = make_compared_venue(tmp_path, days=4, geometry=before)
    moved = (make_stand("A"), make_stand("B", width_m=4.0), make_stand("C"))
    venue = venue.with_geometry(
        FloorGeometry(zones=moved, valid_from_utc_s=find_opening_s(2), label="summer")
    )
    for day in range(4):
        stays_s = {"A": 40.0, "B": 40.0 if day < 2 else 60.0, "C": 42.0}
        record_day(venue, day, stays_s=stays_s, visits=13)
    periods = [ComparisonPeriod(venue, find_version_period(venue, name)) for name in ("spring", "2")]
    assert periods[0].period_s == (find_opening_s(0), find_opening_s(2))
    progress: list[float] = []
    compared = compare_periods(
        *periods, job=JobContext(on_progress=lambda done, _total: progress.append(done))
    )
    assert compared.redrawn == ("B",)
    assert compared.comparison.unit is Unit.HALF_DAYS
    assert compared.comparison.controls == ("A", "C")
    assert list(dict.fromkeys(c.change.zone for c in compared.changes)) == [WHOLE_HALL, "B", "A", "C"]
    assert {c.change.zone for c in compared.changes if c.change.refusal is Refusal.REFERENCE} == {"A", "C"}
    assert find(compared, WHOLE_HALL, Metric.MEAN_DWELL).change.refusal is Refusal.TOO_FEW_DAYS
    found = find(compared, "B", Metric.MEAN_DWELL)
    assert found.change.verdict is Verdict.RISE
    assert "; the unchanged zones suggest" in str(found.sentence)
    assert any("The outlines differ between the periods: B." in str(note) for note in compared.notes)
    assert any("no entrance line" in str(note) for note in compared.notes)
    assert progress == sorted(progress)
    assert len(set(progress)) >= 4
    assert progress[-1] < 1.0
    with pytest.raises(StoreError, match="changed within the period"):
        compare_periods(ComparisonPeriod(venue, (find_opening_s(0), find_opening_s(3))), periods[1])


def test_unobserved_days_are_noted(venue: Venue) -> None:
    hours = venue.exhibition.opening_hours
    day = dataclasses.replace(hours[0], day=hours[-1].day.replace(day=hours[-1].day.day + 1))
    longer = dataclasses.replace(
        venue, exhibition=dataclasses.replace(venue.exhibition, opening_hours=(*hours, day))
    )
    compared = compare_periods(
        ComparisonPeriod(longer, BEFORE),
        ComparisonPeriod(longer, (AFTER[0], find_opening_s(8) + OPEN_S)),
        zones=["A"],
        metrics=[Metric.CAPTURE],
    )
    assert "No data for 2026-03-10." in [str(note) for note in compared.notes]
    # all who pass by on their way stay
    assert find(compared, "A", Metric.CAPTURE).change.level_a == pytest.approx(1.0)


def test_two_halls_are_compared_by_zone_names(venue: Venue, tmp_path: Path) -> None:
    other = dataclasses.replace(venue, folder=tmp_path / "other.expoflow")
    shutil.copytree(venue.folder, other.folder)
    compared = compare_periods(
        ComparisonPeriod(venue, BEFORE),
        ComparisonPeriod(other, AFTER),
        zones=["B"],
        metrics=[Metric.MEAN_DWELL],
    )
    (found,) = compared.changes
    assert found.change.verdict is Verdict.RISE
    assert len(compared.notes) == 1

    # the mean of a hall and its copy is that hall; a hall without history is named
    empty = dataclasses.replace(venue, folder=tmp_path / "empty.expoflow")
    metrics = [Metric.VISITS, Metric.MEAN_DWELL, Metric.PERSON_SECONDS]
    alone, mean = (
        compare_periods(
            ComparisonPeriod(venue, BEFORE), ComparisonPeriod(venue, AFTER, more), metrics=metrics
        )
        for more in ((), (other, empty))
    )
    assert [one.change.zone for one in mean.changes] == [WHOLE_HALL] * 3
    for metric in metrics:
        one, same = (find(of, WHOLE_HALL, metric).change for of in (alone, mean))
        assert (same.level_a, same.verdict) == (one.level_a, one.verdict)
        assert same.level_b == pytest.approx(one.level_b, rel=0.01)
    assert "Side B is the mean of these halls" in str(mean.notes[0])
    assert "Left out, without a day to compare" in str(mean.notes[1])


def test_the_mean_hall_weighs_halls_equally_and_dwell_by_visits() -> None:
    def make_block(visits: int, dwell_s: float, coverage: float, footfall: int | None) -> Block:
        hall = ZoneBlock(coverage, visits, dwell_s, dwell_s, visits * dwell_s)
        return Block(Side.A, date(2026, 3, 2), 0, 8.0, {WHOLE_HALL: hall}, 100, footfall)

    (mean,) = average_halls([[make_block(80, 30.0, 0.8, 50)], [make_block(20, 80.0, 1.0, 150)]])
    assert measure(mean, WHOLE_HALL, Metric.VISITS) == pytest.approx((100 + 20) / 2 / 8)
    assert measure(mean, WHOLE_HALL, Metric.PERSON_SECONDS) == pytest.approx((3000 + 1600) / 2 / 8)
    assert measure(mean, WHOLE_HALL, Metric.MEAN_DWELL) == pytest.approx((80 * 30 + 20 * 80) / 100)
    assert measure(mean, WHOLE_HALL, Metric.FOOTFALL) == pytest.approx(100 / 8)
    assert measure(mean, WHOLE_HALL, Metric.MEDIAN_DWELL) is None
    (mean,) = average_halls([[make_block(80, 30.0, 1.0, 50)], [make_block(20, 80.0, 1.0, None)]])
    assert mean.footfall is None


def test_unknown_zones_and_versions_are_rejected(venue: Venue) -> None:
    a, b = ComparisonPeriod(venue, BEFORE), ComparisonPeriod(venue, AFTER)
    with pytest.raises(VenueError, match="no zone 'D'"):
        compare_periods(a, b, zones=["D"])
    with pytest.raises(StoreError, match="ends before it begins"):
        compare_periods(ComparisonPeriod(venue, (BEFORE[1], BEFORE[0])), b)
    with pytest.raises(VenueError, match="no unique layout version 'autumn'"):
        find_version_period(venue, "autumn")


@pytest.fixture
def old(venue: Venue, compared: ComparisonResults, tmp_path: Path) -> Venue:
    """Return the venue with stored tables, without tracks of the first five days."""
    assert compared.changes
    shutil.copytree(venue.folder, tmp_path / "fair.expoflow")
    old = dataclasses.replace(venue, folder=tmp_path / "fair.expoflow")
    writer = open_store(old.folder, clock=CLOCK)
    writer.archive_now()
    writer.apply_retention(RetentionPolicy(keep_days=(CLOCK.now_utc_s() - find_opening_s(OLD_DAYS)) / DAY_S))
    writer.close()
    return old


@pytest.fixture
def forbid_reading_tracks(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise AssertionError("tracks were read")

    monkeypatch.setattr(prepared_facts, "compute_stretch", refuse)
    monkeypatch.setattr("app.facts.period_facts.compute_stretch", refuse)


def compare(venue: Venue) -> ComparisonResults:
    return compare_periods(ComparisonPeriod(venue, BEFORE), ComparisonPeriod(venue, AFTER))


def find_level(compared: ComparisonResults, zone: str, metric: Metric) -> float | None:
    (found,) = [c.change for c in compared.changes if (c.change.zone, c.change.metric) == (zone, metric)]
    return found.level_a


@pytest.mark.usefixtures("forbid_reading_tracks")
def test_counted_days_are_compared_without_their_tracks(old: Venue) -> None:
    compared = compare(old)
    assert [str(note) for note in compared.notes] == ["Days compared: 4 and 4, from 10:00 to 11:00."]
    assert find_level(compared, WHOLE_HALL, Metric.FOOTFALL) == pytest.approx(24.0)
    assert find_level(compared, "A", Metric.VISITS_PER_100) == pytest.approx(100 / 3)
    # who stands for 40 s takes 3 s to walk in and out
    assert find_level(compared, "B", Metric.MEAN_DWELL) == pytest.approx(43.0, abs=0.6)
    assert find_level(compared, "B", Metric.MEDIAN_DWELL) == pytest.approx(43.0, abs=1.0)
    (found,) = [c.change for c in compared.changes if (c.change.zone, c.change.metric) == ("B", "mean_dwell")]
    assert found.verdict is Verdict.RISE


def test_days_without_data_are_left_out_and_noted(old: Venue) -> None:
    folder = RollupFolder(old.folder)
    for comparable in folder.find_all()[:2]:
        shutil.rmtree(comparable.folder)
    compared = compare(old)
    assert "Comparable days: 2 and 4." in str(compared.notes[0])
    assert any(
        "deleted after the retention period: 2026-03-02, 2026-03-03." in str(note) for note in compared.notes
    )
    for comparable in folder.find_all():
        shutil.rmtree(comparable.folder)
    with pytest.raises(StoreError, match="after the retention period"):
        compare(old)


def test_a_stand_redrawn_for_past_data_has_no_old_days(old: Venue) -> None:
    (geometry,) = old.geometry_versions
    redrawn = FloorGeometry(
        zones=(make_stand("A"), make_stand("B", width_m=3.5), make_stand("C")), lines=geometry.lines
    )
    compared = compare(dataclasses.replace(old, geometry_versions=(redrawn,)))
    # there they stay for a tenth longer
    assert find_level(compared, "C", Metric.MEAN_DWELL) == pytest.approx(47.0, abs=0.6)
    (found,) = [c.change for c in compared.changes if (c.change.zone, c.change.metric) == ("B", "mean_dwell")]
    assert found.refusal is Refusal.NOT_ON_BOTH_SIDES
    assert any("Redrawn for past data: B." in str(note) for note in compared.notes)
