"""The overview: the same figures as on other pages, changes against the day before, and sentences."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analytics.flows.door_balance import DoorBalance, Nearer
from analytics.metrics.estimate import UNKNOWN, Estimate
from analytics.results.day_quality import DayQuality
from app.core.document import Venue
from app.core.file_format import write_venue
from app.dwell.dwell_figures import OccupancySeries
from app.exhibition.exhibition_analysis import analyse_exhibition
from app.exhibition.exhibition_figures import CardFigure, StandRow
from app.overview.overview_analysis import COMPARING, compute_overview, search_attention
from app.overview.overview_figures import OverviewFigures, RankedStand, describe_period_in_sentences
from app.plan.floor_scene import FloorScene
from app.reports.report_text import ReportText
from tests.support.halls.walked_hall import NOW_UTC_S, SetClock, make_hall, walk_through

DAY_S = 86_400.0
TODAY_S = (NOW_UTC_S - 43_200.0, NOW_UTC_S + 43_200.0)
MIDNIGHT_S = 16 * 3600.0
"""In Shanghai, on the first day of the epoch."""
TEXT = ReportText("en", "Asia/Shanghai", False)


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    """Return a hall with 45 visitors on one day and 15 on the next, at the same hours."""
    venue = make_hall(tmp_path_factory.mktemp("overview"))
    walk_through(venue, start_s=NOW_UTC_S - DAY_S - 3600.0, duration_s=3600.0, people=45)
    walk_through(venue, start_s=NOW_UTC_S - 3600.0, duration_s=3600.0, people=15, seed=2)
    write_venue(venue)
    return venue


@pytest.fixture(scope="module")
def figures(venue: Venue) -> OverviewFigures:
    shown: list[OverviewFigures] = []
    found = compute_overview(venue=venue, period_s=TODAY_S, on_current=shown.append)
    assert found is not None
    (first,) = shown
    assert first.places_note is COMPARING
    assert [one.per_hour for one in first.stands] == [one.per_hour for one in found.stands]
    assert describe_period_in_sentences(first, TEXT)[:-1] == describe_period_in_sentences(found, TEXT)[:-1]
    assert found.places_note is not COMPARING
    return found


def test_its_figures_are_those_of_the_exhibition(venue: Venue, figures: OverviewFigures) -> None:
    page = analyse_exhibition(venue=venue, period_s=TODAY_S)
    assert page is not None
    card = {entry.figure: entry.measured.value for entry in page.entries}
    assert figures.peak is not None
    assert (figures.footfall, figures.peak[0]) == (card[CardFigure.FOOTFALL], card[CardFigure.PEAK])
    stands = {row.zone: replace(row, prices={}) for row in page.stands}
    assert {one.row.zone: one.row for one in figures.stands} == stands
    assert figures.floor is not None
    assert figures.fullest is not None
    assert 1.0 <= figures.fullest[1] <= figures.peak[0]


def test_a_day_is_compared_with_the_day_before(figures: OverviewFigures) -> None:
    assert figures.footfall == pytest.approx(15, abs=1)
    assert figures.quality is not None
    assert figures.quality.doors is not None
    assert figures.quality.doors.visitors.value == pytest.approx(15, abs=2)
    assert figures.footfall_before == pytest.approx(45, abs=2)
    robotics = next(stand for stand in figures.stands if stand.row.zone == "Robotics")
    assert robotics.change == pytest.approx(-2 / 3, abs=0.15)
    assert len(figures.days) == 2, "there is nothing before"
    assert robotics.by_day == pytest.approx((robotics.before.value, robotics.per_hour.value))


def test_what_it_is_compared_with_can_be_chosen(venue: Venue, figures: OverviewFigures) -> None:
    day, week = (compute_overview(venue=venue, period_s=TODAY_S, days_back=days) for days in (1, 7))
    assert day is not None
    assert week is not None
    assert (day.before_s, day.footfall_before) == (figures.before_s, figures.footfall_before)
    assert (week.before_s, week.footfall_before) == (None, None), "nothing was observed then"


def test_stands_are_ranked_and_those_without_figures_come_last(figures: OverviewFigures) -> None:
    rates = [stand.per_hour.value for stand in figures.stands]
    known = [rate for rate in rates if rate is not None]
    assert known == sorted(known, reverse=True)
    assert rates[len(known) :] == [None] * (len(rates) - len(known))


def test_nothing_observed_is_no_overview(venue: Venue, tmp_path: Path) -> None:
    assert compute_overview(venue=venue, period_s=(0.0, DAY_S)) is None
    assert compute_overview(venue=make_hall(tmp_path), period_s=TODAY_S) is None


def test_missing_hours_need_attention(venue: Venue) -> None:
    found = search_attention(venue=venue, period_s=TODAY_S, clock=SetClock(NOW_UTC_S))
    assert found.gaps is not None
    assert found.gaps.is_reportable


def _rank(zone: str, rate: float, *, before: Estimate = UNKNOWN, place: Estimate = UNKNOWN) -> RankedStand:
    row = StandRow(zone, 0, 12.0, 1.0, exposed=90.0, stopped=30, of_place=place)
    return RankedStand(row, Estimate(rate, (rate - 1.0, rate + 1.0)), before)


def _tell(
    *stands: RankedStand,
    before: tuple[float, float] | None = (-DAY_S, 0.0),
    observed_s: float = 7200.0,
    doors: DoorBalance | None = None,
) -> tuple[str, ...]:
    scene = FloorScene(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))
    figures = OverviewFigures(
        period_s=(MIDNIGHT_S, MIDNIGHT_S + DAY_S),
        observed_s=observed_s,
        before_s=before,
        footfall=120.0,
        footfall_before=None if before is None else 100.0,
        peak=(18.0, MIDNIGHT_S + 18 * 3600.0),
        fullest=("Café", 7.0),
        stands=stands,
        longest=("Café", 107.0),
        days=(),
        quality=DayQuality(doors=doors),
        scene=scene,
        people=OccupancySeries(None, 0, np.array([MIDNIGHT_S, MIDNIGHT_S + DAY_S]), np.array([18.0])),
    )
    return describe_period_in_sentences(figures, TEXT)


def test_five_sentences_say_what_stood_out() -> None:
    told = _tell(
        _rank("A", 15.0, before=Estimate(10.0, (9.0, 11.0)), place=Estimate(1.4, (1.1, 1.8))),
        _rank("B", 9.0, before=Estimate(10.0, (6.0, 14.0)), place=Estimate(0.4, (0.2, 0.8))),
    )
    assert told == (
        "120 people were counted coming in during 2.0 observed hours, 20 % more than in the period "
        "before (100).",
        "It was fullest at 18:00, with 18 people in view, most at Café (7).",
        "A stopped the most visitors: 30, 15 an hour; they stayed longest at Café, 107 s on average.",
        "A changed most: 50 % more visitors stopped there per hour than in the period before, which is more "
        "than chance.",
        "B does worst for its place: it stopped 40 % of the visitors to be expected there.",
    )


def test_a_stand_that_leads_twice_is_named_once() -> None:
    told = _tell(_rank("Café", 15.0))[2]
    assert told == (
        "Café stopped the most visitors: 30, 15 an hour; they also stayed longest there, 107 s on average."
    )


def test_a_few_seconds_give_no_figures_by_the_hour() -> None:
    told = _tell(_rank("A", 804.0), before=None, observed_s=18.0)
    assert told[0] == "120 people were counted coming in during 18 s of observation."
    assert not any("an hour" in sentence for sentence in told)


def test_a_stand_beside_a_place_of_which_too_few_were_seen_is_marked() -> None:
    told = _tell(_rank("B", 9.0, place=Estimate(0.4, (0.2, 0.8), is_rough=True)))
    assert told[-1] == "B does worst for its place: it stopped ≈ 40 % of the visitors to be expected there."


def test_what_may_be_chance_is_said_to_be_chance() -> None:
    told = _tell(
        _rank("A", 10.5, before=Estimate(10.0, (9.0, 11.0)), place=Estimate(0.9, (0.6, 1.3))),
    )
    assert "No stand stopped more or fewer" in told[3]
    assert told[4].endswith("which may be chance.")
    told = _tell(_rank("A", 10.5, place=Estimate(1.4, (0.8, 2.3))))
    assert told[4] == "No stand stopped fewer visitors than expected for its place."
    assert "not observed for as long" in _tell(_rank("A", 10.0), before=None)[3]


@pytest.mark.parametrize("nearer", list(Nearer))
def test_doors_that_disagree_are_told_once_with_the_nearer_one_and_why(nearer: Nearer) -> None:
    doors = DoorBalance(626.0, 826.0, Estimate(861.0), nearer, ("Entrance",), ("Exit",))
    (told,) = [sentence for sentence in _tell(doors=doors) if "826" in sentence]
    assert told.startswith("826 were counted going out, which differs from those who came in by more than")
    assert ("Coming in is nearer" in told) == nearer.is_in
    assert told.endswith("So about 861 visitors came.")


def test_doors_that_agree_say_nothing() -> None:
    doors = DoorBalance(820.0, 826.0, Estimate(824.0, (810.0, 838.0)), None, ("Entrance",), ("Exit",))
    assert _tell(doors=doors) == _tell()
