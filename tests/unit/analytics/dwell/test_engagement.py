"""A stand of 6 by 4 m: who stops, who walks through, who passes by at 2 m and who at 5 m."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from analytics.domain.floor_geometry import Polygon
from analytics.dwell.engagement import (
    EngagementSettings,
    classify_visits,
    measure_stand_load,
)
from analytics.dwell.stops import find_stops, measure_stop_seconds
from analytics.dwell.visits import VisitSettings, compute_stays, select_visits
from analytics.exhibition.exposure import choose_stops_in, find_exposed, make_exposure_area
from analytics.metrics.block_ratio import BlockSettings, make_period_blocks
from analytics.metrics.presence import order_rows
from tests.support.halls.known_crowd import STAND, make_track_table
from tests.support.oracles import (
    EXACT_STOPS,
)

HOUR = (0.0, 3600.0)
BLOCKS = make_period_blocks(period_s=HOUR, observed=None, settings=BlockSettings())


def walk(visitor: int, *, y_m: float, stands_s: float = 0.0, ends_inside: bool = False) -> pd.DataFrame:
    """Make a walk from x = -10 to x = 16 at 1 m/s, with a halt in the middle of the stand."""
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
STAYS = compute_stays(tracks=TRACKS, zones=[STAND], spans=None, settings=VisitSettings())
VISITS = select_visits(stays=STAYS, zones=[STAND])
STOPS = find_stops(tracks=TRACKS, settings=EXACT_STOPS)


def test_every_visit_has_the_tier_of_its_stop() -> None:
    classified = classify_visits(
        visits=VISITS.assign(stop_s=measure_stop_seconds(visits=VISITS, stops=STOPS)),
        settings=EngagementSettings(),
    )
    tiers = dict(zip(classified["visitor"], classified["tier"], strict=True))
    assert tiers == {1: "engaged", 2: "stop", 3: "visit", 6: "long", 8: "engaged"}
    assert classified.set_index("visitor")["is_lower_limit"].to_dict() == {1: 0, 2: 0, 3: 0, 6: 0, 8: 1}


def test_coming_near_without_a_visit_is_a_pass_by() -> None:
    exposure = find_exposed(
        ordered=order_rows(TRACKS), zone=STAND, area=make_exposure_area(STAND), visits=VISITS
    )
    assert exposure.exposed["visitor"].tolist() == [1, 2, 3, 4, 6, 7, 8]
    assert exposure.pass_bys == 2
    own = choose_stops_in(stops=STOPS, outline=STAND.outline)
    assert own["visitor"].tolist() == [1, 2, 6, 8]


def test_visitors_of_a_neighbour_and_behind_a_wall_do_not_pass_by() -> None:
    neighbour = Polygon.from_points([(-9, 5), (16, 5), (16, 12), (-9, 12)], what="neighbour")
    floor = Polygon.from_points([(-9, 0), (16, 0), (16, 12), (-9, 12)], what="floor")
    area = make_exposure_area(STAND, floor=floor, elsewhere=[neighbour])
    assert shapely.contains_xy(area, [3.0, 3.0, 3.0, 3.0], [2.0, 4.5, 6.0, -1.0]).tolist() == [
        True, True, False, False,
    ]  # fmt: skip
    exposure = find_exposed(ordered=order_rows(TRACKS), zone=STAND, area=area, visits=VISITS)
    assert exposure.pass_bys == 0


def test_the_load_is_of_the_observed_area_and_time() -> None:
    assert measure_stand_load(person_seconds=4800.0, area_m2=24.0, period_s=HOUR, coverage=0.5) == 400.0
    assert measure_stand_load(person_seconds=0.0, area_m2=24.0, period_s=HOUR, coverage=0.0) is None


def test_a_pass_by_with_a_broken_track_counts_once() -> None:
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


def test_one_position_error_makes_no_pass_by() -> None:
    far = walk(5, y_m=7.3)
    far.loc[60, "y_m"] = np.float32(6.8)
    exposure = find_exposed(
        ordered=order_rows(far), zone=STAND, area=make_exposure_area(STAND), visits=VISITS.iloc[:0]
    )
    assert exposure.pass_bys == 0
