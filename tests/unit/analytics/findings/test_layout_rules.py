"""Rules other than those about stands, on synthetic tables."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.identifiers import CameraId, ZoneId
from analytics.domain.staff_shift import StaffShift
from analytics.domain.timed_event import TimedEvent
from analytics.domain.zone import Zone, ZoneKind
from analytics.domain.zone_targets import ZoneTargets
from analytics.findings.blocking_queues import find_blocking_queues
from analytics.findings.bottlenecks import find_bottlenecks
from analytics.findings.capacity_risks import find_capacity_risks
from analytics.findings.finding import FindingKind, Outcome, SkipReason
from analytics.findings.layout_search import (
    find_emptied_zones,
    find_findings,
    find_missed_sponsors,
    search_layout,
)
from analytics.findings.staff_hours import find_short_staff
from analytics.metrics.coverage import CameraView
from analytics.rollups.crowding import make_crowding_grid
from tests.support.reports.made_facts import (
    DAY_S,
    HOURS,
    OPENS_S,
    make_box,
    make_exposed,
    make_facts,
    make_minutes,
    make_stands,
    value_places_as,
)

AISLE = Zone(ZoneId("Aisle"), ZoneKind.AISLE, make_box(18, 8, 24, 12))


def _crowd(
    *, minutes: int = 12, speed_m_s: float = 0.2, visitors: float = 30.0, free_m_s: float = 1.0
) -> pd.DataFrame:
    """Return a block in the aisle with five people on its 4 m² for some minutes of two days."""
    grid = make_crowding_grid(make_facts(()).plan)
    block = int(grid.find_cells(np.array([20.5]), np.array([9.5]))[0])
    rows = []
    for day in range(2):
        opens_s = OPENS_S + DAY_S * day
        rows += [
            (opens_s + 300.0 * slot, 3.0, 900.0, 900.0 * speed_m_s, 3 * visitors, 0.0, 0.0)
            for slot in range(minutes // 3)
        ]
        free_way_m = free_m_s * 200.0
        rows += [(opens_s + 300.0 * slot, 0.0, 0.0, 0.0, 0.0, 200.0, free_way_m) for slot in range(30, 60)]
    columns = [
        "slot_s",
        "minutes",
        "person_seconds",
        "way_m",
        "visitors",
        "free_person_seconds",
        "free_way_m",
    ]
    return pd.DataFrame(rows, columns=columns).assign(block=block)


def _find_bottleneck(table: pd.DataFrame) -> Outcome:
    return find_bottlenecks(make_facts((AISLE,), {"crowding": table}))


def test_a_slow_crowd_is_a_bottleneck() -> None:
    (finding,) = _find_bottleneck(_crowd()).findings
    assert (finding.kind, finding.place) == (FindingKind.BOTTLENECK, "Aisle")
    assert finding.point_m == (21.0, 10.0)
    assert finding.effect.value == pytest.approx(0.2)
    assert finding.evidence["minutes_per_day"] == pytest.approx(12.0)
    assert finding.evidence["density_per_m2"] == pytest.approx(1.25)
    # 12 minutes of five people, of whose every second four fifths are lost; a cell is in four blocks
    assert finding.impact.amount == pytest.approx(12 * 5 * 0.8 / 4)
    assert len(finding.hours_s) == 2


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(_crowd(minutes=3), id="for a few minutes"),
        pytest.param(_crowd(speed_m_s=0.9), id="that gets on"),
        pytest.param(_crowd(visitors=5.0), id="of the same people"),
        pytest.param(_crowd(speed_m_s=0.1, free_m_s=0.2), id="where people stand at other times, too"),
        pytest.param(_crowd().iloc[:0], id="that never was"),
    ],
)
def test_another_crowd_is_no_bottleneck(table: pd.DataFrame) -> None:
    outcome = _find_bottleneck(table)
    assert not outcome.findings
    assert outcome.assessed == 1


@pytest.mark.parametrize(("hours", "is_told"), [(16, False), (8, True)])
def test_a_bottleneck_needs_one_percent_of_the_time(hours: int, is_told: bool) -> None:
    facts = make_facts((AISLE,), {"crowding": _crowd(minutes=6)}, hours=hours)
    assert bool(find_bottlenecks(facts).findings) is is_told


@pytest.mark.parametrize(("reach_px", "skipped"), [(500, ()), (100, (("Aisle", SkipReason.NOT_OBSERVED),))])
def test_unobserved_aisles_are_reported_as_skipped(
    reach_px: int, skipped: tuple[tuple[str, SkipReason], ...]
) -> None:
    """Use a camera above the floor's corner that sees 50 m or 10 m."""
    view = CameraView(CameraId("hall"), CameraGeometry(np.diag([0.1, 0.1, 1.0])), (reach_px, reach_px))
    facts = replace(make_facts((AISLE,), {"crowding": _crowd()}), views=(view,))
    assert find_bottlenecks(facts).skipped == skipped


QUEUE = Zone(ZoneId("Coffee"), ZoneKind.QUEUE, make_box(19, 4, 21, 6))


def _tails(*, max_speed_ratio: float, tail: float = 5.0, minutes: int = 20) -> pd.DataFrame:
    """Return a tail in the first minutes of each hour, with walkers beside it all the time."""
    random = np.random.default_rng(2)
    rows = []
    for day in range(2):
        for minute in range(60 * HOURS):
            is_long = minute % 60 < minutes
            speed = 1.2 * (max_speed_ratio if is_long else 1.0) * np.exp(0.1 * random.normal())
            people = tail if is_long else 0.0
            at_s = OPENS_S + DAY_S * day + 60.0 * minute
            rows.append(("Coffee", at_s, people, 20.0 * people, 8.5 * people, 4.0, 12.0, 12.0 * speed))
    columns = ["zone", "minute_s", "tail", "tail_x_m", "tail_y_m", "walkers", "walking_s", "way_m"]
    return pd.DataFrame(rows, columns=columns)


def test_a_queue_that_slows_passers_by_is_a_finding() -> None:
    facts = make_facts((AISLE, QUEUE), {"queue_tails": _tails(max_speed_ratio=0.7)})
    (finding,) = find_blocking_queues(facts).findings
    assert (finding.place, finding.others) == ("Coffee", ("Aisle",))
    assert finding.effect.interval is not None
    assert finding.effect.interval[0] < 0.7 < finding.effect.interval[1]
    assert finding.evidence["minutes_per_day"] == 160
    assert finding.point_m == pytest.approx((20.0, 8.5))


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(_tails(max_speed_ratio=1.0), id="others get on"),
        pytest.param(_tails(max_speed_ratio=0.7, tail=1.0), id="one person"),
        pytest.param(_tails(max_speed_ratio=0.7, minutes=1), id="a minute an hour"),
    ],
)
def test_a_queue_out_of_the_way_is_no_finding(table: pd.DataFrame) -> None:
    assert not find_blocking_queues(make_facts((AISLE, QUEUE), {"queue_tails": table})).findings


@pytest.mark.parametrize(("y_m", "is_told"), [(9.5, False), (13.0, True)])
def test_a_crowd_in_the_middle_of_a_queue_s_tail_is_no_bottleneck(y_m: float, is_told: bool) -> None:
    tails = _tails(max_speed_ratio=0.7).assign(tail_y_m=lambda rows: rows["tail"] * y_m)
    # each of the crowd is there for 25 s of a minute
    facts = make_facts((AISLE, QUEUE), {"crowding": _crowd(visitors=12.0), "queue_tails": tails})
    assert bool(find_bottlenecks(facts).findings) is is_told


def test_without_queues_the_rule_is_skipped() -> None:
    assert find_blocking_queues(make_facts((AISLE,))).skipped == (("", SkipReason.NO_ZONES),)


def test_a_popular_route_missing_a_sponsor_is_found() -> None:
    random = np.random.default_rng(4)
    stands = make_stands(4)
    start_s = OPENS_S + random.uniform(0, 3600.0 * HOURS, 400)
    zones = [("S1", "S2", "S3") if n % 2 else ("S1", "S4") for n in range(400)]
    journeys = pd.DataFrame({"visitor": np.arange(400), "start_s": start_s, "end_s": start_s + 600})
    journeys["zones"] = zones
    exposed = make_exposed({"S4": (200, 100)}, random).assign(visitor=np.arange(0, 400, 2))
    facts = make_facts(stands, {"journeys": journeys, "exposed": exposed})
    (finding,) = find_missed_sponsors(facts, ("S4",)).findings
    assert finding.place == "S4"
    assert finding.others == ("S1", "S2", "S3")
    assert finding.effect.value == 1.0
    assert finding.impact.amount == pytest.approx(100.0)
    # everybody passes S1
    near_s1 = make_exposed({"S1": (400, 100)}, random).assign(visitor=np.arange(400))
    facts = make_facts(stands, {"journeys": journeys, "exposed": near_s1})
    assert not find_missed_sponsors(facts, ("S1",)).findings
    assert find_missed_sponsors(facts, ()).skipped == (("", SkipReason.NOT_ENTERED),)


def test_minutes_near_capacity_are_counted() -> None:
    minutes = make_minutes({"S1": 5.0, "": 20.0})
    is_full = (minutes["zone"] == "S1") & (minutes["start_s"] < OPENS_S + 20 * 60)
    minutes.loc[is_full, "person_seconds"] = 60.0 * 9.5
    facts = make_facts(make_stands(2), {"minutes": minutes})
    targets = (ZoneTargets(ZoneId("S1"), 10), ZoneTargets(ZoneId(""), 100))
    (finding,) = find_capacity_risks(facts, targets).findings
    assert finding.place == "S1"
    assert finding.effect.value == pytest.approx(0.95)
    assert finding.evidence["minutes_near_per_day"] == pytest.approx(10.0)
    assert finding.evidence["minutes_above_per_day"] == 0.0
    assert finding.hours_s == ((OPENS_S, OPENS_S + 1200.0),)
    assert find_capacity_risks(facts, ()).skipped == (("", SkipReason.NOT_ENTERED),)


def test_rising_daily_peaks_are_a_capacity_risk() -> None:
    minutes = make_minutes({"S1": 1.0}, days=6)
    day = np.floor((minutes["start_s"] - OPENS_S) / DAY_S)
    minutes["person_seconds"] = 60.0 * (3.0 + day)
    facts = make_facts(make_stands(1), {"minutes": minutes}, days=6)
    (finding,) = find_capacity_risks(facts, (ZoneTargets(ZoneId("S1"), 9),)).findings
    assert finding.evidence["is_projected"] == 1.0
    assert finding.evidence["projected"] == pytest.approx(9.0)
    minutes["person_seconds"] = 60.0 * 6.0
    facts = make_facts(make_stands(1), {"minutes": minutes}, days=6)
    assert not find_capacity_risks(facts, (ZoneTargets(ZoneId("S1"), 9),)).findings


def test_short_staff_are_found_and_unknown_staff_skipped() -> None:
    minutes = make_minutes({"S1": 3.0, "S2": 3.0})
    is_rush = (minutes["zone"] == "S1") & (minutes["start_s"] % DAY_S // 3600 == 11)
    minutes.loc[is_rush, "person_seconds"] = 60.0 * 8.0
    facts = make_facts(make_stands(2), {"minutes": minutes})
    shifts = [
        StaffShift(zone, OPENS_S + DAY_S * day, OPENS_S + DAY_S * day + 3600.0 * HOURS, 2.0)
        for zone in ("S1", "S2")
        for day in range(2)
    ]
    (finding,) = find_short_staff(facts, shifts).findings
    assert finding.place == "S1"
    assert finding.evidence["visitors_per_staff"] == pytest.approx(4.0)
    assert finding.evidence["staff_wanted"] == 3.0
    # two of eight visitors for an hour
    assert finding.impact.amount == pytest.approx(120.0)
    assert [round((start - OPENS_S) % DAY_S) for start, _end in finding.hours_s] == [7200, 7200]
    assert find_short_staff(facts, ()).skipped == (("", SkipReason.NOT_ENTERED),)


def _watch_talks(emptied: dict[str, float]) -> Outcome:
    random = np.random.default_rng(8)
    stands = make_stands(10)
    events = [
        TimedEvent("Talk", OPENS_S + 3600.0 * hour, OPENS_S + 3600.0 * hour + 1200.0, None)
        for hour in (2, 4, 6)
    ]
    minutes = make_minutes({str(stand.name): 4.0 for stand in stands})
    minutes["person_seconds"] *= np.exp(0.3 * random.normal(size=len(minutes)))
    for event in events:
        during = (minutes["start_s"] >= event.start_s) & (minutes["start_s"] < event.end_s)
        # everybody loses a fifth to the talk
        minutes.loc[during, "person_seconds"] *= 0.8
        for zone, left in emptied.items():
            minutes.loc[during & (minutes["zone"] == zone), "person_seconds"] *= left
    return find_emptied_zones(make_facts(stands, {"minutes": minutes}), events)


def test_only_a_zone_emptied_beyond_the_others_is_a_finding() -> None:
    (finding,) = _watch_talks({"S5": 0.1}).findings
    assert (finding.place, finding.event) == ("S5", "Talk")
    assert finding.effect.value == pytest.approx(0.1, abs=0.05)
    assert finding.evidence["people_expected"] == pytest.approx(3.3, abs=0.4)
    assert not _watch_talks({}).findings


def test_findings_are_ranked_by_impact() -> None:
    random = np.random.default_rng(9)
    stands = make_stands(16)
    counts = {str(stand.name): (1000, 20 if stand.name == "S4" else 300) for stand in stands}
    visits = pd.DataFrame({"visitor": [1], "zone": ["S1"], "entered_s": [OPENS_S], "left_s": [OPENS_S + 60]})
    visits = visits.assign(stop_s=60.0, tier="stop")
    tables = {"exposed": make_exposed(counts, random), "crowding": _crowd(), "visits": visits}
    facts = make_facts((*stands, AISLE), tables)
    places = value_places_as({name: stopped / 300 for name, (_, stopped) in counts.items()})
    found = find_findings(facts, places)
    # 140 visitors a day of a minute each are more than 12 person-minutes
    assert [finding.kind for finding in found] == [FindingKind.COLD_ZONE, FindingKind.BOTTLENECK]
    kinds = {outcome.kind for outcome in search_layout(facts, places)}
    assert kinds == set(FindingKind) - {FindingKind.WORSE_STAND}
