"""A stand of 6 by 4 m: who stops, who walks through, who passes by at 2 m and who at 5 m."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from analytics.domain.floor_geometry import Polygon
from analytics.dwell.engagement import (
    EngagementSettings,
    classify_visits,
    count_tiers,
    estimate_bounce,
    estimate_holding_power,
    estimate_penetration,
    find_first_seen,
    measure_stand_load,
)
from analytics.dwell.engagement_tier import Tier
from analytics.dwell.stops import EXACT_STOPS, find_stops
from analytics.dwell.visits import EXACT_VISITS, compute_stays, select_visits
from analytics.exhibition.exposure import (
    choose_stops_in,
    estimate_attraction_power,
    estimate_capture_rate,
    find_exposed,
    make_exposure_area,
)
from analytics.metrics.block_ratio import BlockSettings, make_period_blocks
from analytics.metrics.presence import order_rows
from tests.support.halls.known_crowd import STAND, make_track_table

HOUR = (0.0, 3600.0)
BLOCKS = make_period_blocks(period_s=HOUR, observed=None, settings=BlockSettings())


def walk(visitor: int, *, y_m: float, stands_s: float = 0.0, ends_inside: bool = False) -> pd.DataFrame:
    """From x = -10 to x = 16 at 1 m/s, with a halt in the middle of the stand."""
    begin_s = 100.0 * visitor
    knots_s = np.array([0.0, 13.0, 13.0 + stands_s, 26.0 + stands_s])
    moments = np.arange(0.0, (13.0 + stands_s if ends_inside else knots_s[-1]) + 1e-9, 0.2)
    x = np.interp(moments, knots_s, [-10.0, 3.0, 3.0, 16.0])
    who = np.full(len(x), visitor)
    return make_track_table(
        time_s=begin_s + moments, tracklet=who, visitor=who, x_m=x, y_m=np.full(len(x), y_m)
    )


TRACKS = pd.concat(
    [
        walk(1, y_m=2.0, stands_s=30.0),
        walk(2, y_m=2.0, stands_s=5.0),
        walk(3, y_m=2.0),
        walk(4, y_m=6.0),
        walk(5, y_m=9.0),
        walk(6, y_m=2.0, stands_s=100.0),
        walk(7, y_m=6.0, stands_s=20.0),
        walk(8, y_m=2.0, stands_s=20.0, ends_inside=True),
    ]
).sort_values("time_s", kind="stable", ignore_index=True)
STAYS = compute_stays(tracks=TRACKS, zones=[STAND], spans=None, settings=EXACT_VISITS)
VISITS = select_visits(stays=STAYS, zones=[STAND])
STOPS = find_stops(tracks=TRACKS, settings=EXACT_STOPS)


def test_every_visit_has_the_tier_of_its_stop() -> None:
    classified = classify_visits(visits=VISITS, stops=STOPS, settings=EngagementSettings())
    tiers = dict(zip(classified["visitor"], classified["tier"], strict=True))
    assert tiers == {1: "engaged", 2: "stop", 3: "visit", 6: "long", 8: "engaged"}
    assert classified.set_index("visitor")["is_lower_limit"].to_dict() == {1: 0, 2: 0, 3: 0, 6: 0, 8: 1}


def test_tiers_are_counted_upward_and_what_was_cut_is_undecided() -> None:
    classified = classify_visits(visits=VISITS, stops=STOPS, settings=EngagementSettings())
    counts = count_tiers(classified=classified, pass_bys=2, blocks=BLOCKS)
    assert {count.tier: (count.reached, count.undecided) for count in counts} == {
        Tier.PASS_BY: (7, 0), Tier.VISIT: (5, 0), Tier.STOP: (4, 0), Tier.ENGAGED: (3, 0), Tier.LONG: (1, 1),
    }  # fmt: skip
    assert counts[3].share.value == pytest.approx(3 / 5)


def test_who_came_near_without_a_visit_passed_by() -> None:
    exposure = find_exposed(
        ordered=order_rows(TRACKS), zone=STAND, area=make_exposure_area(STAND), visits=VISITS
    )
    assert exposure.exposed["visitor"].tolist() == [1, 2, 3, 4, 6, 7, 8]
    assert exposure.pass_bys == 2
    rate = estimate_capture_rate(exposure=exposure, visits=VISITS, zone="stand", blocks=BLOCKS)
    assert rate.value == pytest.approx(5 / 7)
    own = choose_stops_in(stops=STOPS, outline=STAND.outline)
    assert own["visitor"].tolist() == [1, 2, 6, 8]
    power = estimate_attraction_power(
        exposure=exposure, stopped=own["visitor"].to_numpy(np.int64), blocks=BLOCKS
    )
    assert power.value == pytest.approx(4 / 7)


def test_visitors_of_a_neighbour_and_behind_a_wall_do_not_pass_by() -> None:
    neighbour = Polygon.from_points([(-9, 5), (16, 5), (16, 12), (-9, 12)], what="neighbour")
    floor = Polygon.from_points([(-9, 0), (16, 0), (16, 12), (-9, 12)], what="floor")
    area = make_exposure_area(STAND, floor=floor, elsewhere=[neighbour])
    assert shapely.contains_xy(area, [3.0, 3.0, 3.0, 3.0], [2.0, 4.5, 6.0, -1.0]).tolist() == [
        True, True, False, False,
    ]  # fmt: skip
    exposure = find_exposed(ordered=order_rows(TRACKS), zone=STAND, area=area, visits=VISITS)
    assert exposure.pass_bys == 0


def test_nobody_near_gives_no_rate() -> None:
    far = TRACKS[TRACKS["visitor"] == 5]
    exposure = find_exposed(
        ordered=order_rows(far), zone=STAND, area=make_exposure_area(STAND), visits=VISITS.iloc[:0]
    )
    rate = estimate_capture_rate(exposure=exposure, visits=VISITS.iloc[:0], zone="stand", blocks=BLOCKS)
    assert rate.value is None


def test_bounces_know_that_short_visits_are_seen_whole() -> None:
    random = np.random.default_rng(1)
    whole_s = random.exponential(20.0, 4000) + 3.0
    lost_s = random.exponential(30.0, 4000)
    stays = pd.DataFrame(
        {
            "seconds": np.minimum(whole_s, lost_s),
            "start_edge": "seen",
            "end_edge": np.where(lost_s < whole_s, "lost", "seen"),
        }
    )
    truth = float((whole_s < 10.0).mean())
    bounce = estimate_bounce(stays=stays, minimum_stay_s=3.0, settings=EngagementSettings())
    seen = stays[stays["end_edge"] == "seen"]
    assert bounce == pytest.approx(truth, abs=0.03)
    assert float((seen["seconds"] < 10.0).mean()) > truth + 0.1
    assert estimate_bounce(stays=stays.iloc[:0], minimum_stay_s=3.0, settings=EngagementSettings()) is None


def test_holding_power_is_the_median_stop_over_the_time_needed() -> None:
    own = choose_stops_in(stops=STOPS, outline=STAND.outline)
    complete = own[own["censored_end"] == 0]
    power = estimate_holding_power(stops=complete, needed_s=60.0)
    assert power == pytest.approx(complete["seconds"].median() / 60.0, abs=0.02)
    assert estimate_holding_power(stops=complete.iloc[:0], needed_s=60.0) is None


def test_penetration_is_of_all_visitors_but_staff() -> None:
    seen = find_first_seen(TRACKS)
    share = estimate_penetration(visits=VISITS, zone="stand", first_seen_s=seen, blocks=BLOCKS)
    assert share.value == pytest.approx(5 / 8)
    without = find_first_seen(TRACKS, excluded=[3])
    share = estimate_penetration(visits=VISITS, zone="stand", first_seen_s=without, blocks=BLOCKS)
    assert share.value == pytest.approx(4 / 7)


def test_the_load_is_of_the_observed_area_and_time() -> None:
    assert measure_stand_load(person_seconds=4800.0, area_m2=24.0, period_s=HOUR, coverage=0.5) == 400.0
    assert measure_stand_load(person_seconds=0.0, area_m2=24.0, period_s=HOUR, coverage=0.0) is None


def test_a_pass_by_whose_track_breaks_before_the_stand_is_one() -> None:
    whole = walk(1, y_m=6.0)
    begin_s = float(whole["time_s"].min())
    second = whole["time_s"] > begin_s + 13.0
    broken = whole.assign(
        visitor=whole["visitor"].where(~second, 2), tracklet=whole["tracklet"].where(~second, 2)
    )
    journeys = pd.DataFrame({"visitor": [1, 2], "is_start_seen": [True, False], "is_end_seen": [False, True]})
    area = make_exposure_area(STAND)
    counts = [
        find_exposed(
            ordered=order_rows(tracks), zone=STAND, area=area, visits=VISITS.iloc[:0], journeys=known
        ).pass_bys
        for tracks, known in ((whole, None), (broken, None), (broken, journeys))
    ]
    assert counts == [1.0, 2.0, 1.0]


def test_an_error_of_one_position_makes_nobody_pass_by() -> None:
    far = walk(5, y_m=7.3)
    far.loc[60, "y_m"] = np.float32(6.8)
    exposure = find_exposed(
        ordered=order_rows(far), zone=STAND, area=make_exposure_area(STAND), visits=VISITS.iloc[:0]
    )
    assert exposure.pass_bys == 0
