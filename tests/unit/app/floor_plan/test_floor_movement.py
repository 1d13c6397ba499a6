"""Directions, routes and paths in a hall with walks from stand to stand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.flows.routes import MIN_SUPPORT
from analytics.flows.ways import Ways
from analytics.metrics.presence import order_rows
from app.core.document import Venue
from app.floor_plan.floor_map import FloorMovement
from app.floor_plan.floor_movement import compute_floor_movement, find_route_lines, sample_paths
from tests.support.halls.walked_hall import NOW_UTC_S, make_hall, walk_through

DAY_S = 86_400.0


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    venue = make_hall(tmp_path_factory.mktemp("walked"))
    walk_through(venue, start_s=NOW_UTC_S - DAY_S, duration_s=300, people=15, seed=2)
    walk_through(venue, start_s=NOW_UTC_S - 600, duration_s=600, people=60)
    return venue


def show(venue: Venue, start_s: float) -> FloorMovement:
    ways = compute_floor_movement(venue=venue, period_s=(start_s, NOW_UTC_S))
    assert ways is not None
    return ways


@pytest.mark.parametrize("start_s", [NOW_UTC_S - 600, NOW_UTC_S - 2 * DAY_S], ids=["tracks", "hours"])
def test_arrows_routes_and_paths_match_the_walks(walked: Venue, start_s: float) -> None:
    ways = show(walked, start_s)
    speed = np.hypot(ways.arrows.vx_m_s, ways.arrows.vy_m_s)
    assert len(speed) > 10
    assert speed.max() < 1.5
    assert (ways.arrows.agreement <= 1 + 1e-9).all()
    pairs = {(route.from_zone, route.to_zone): route for route in ways.routes}
    assert ("Robotics", "VR corner") in pairs
    assert all(route.visitors >= MIN_SUPPORT and 0 < route.share <= 1 for route in ways.routes)
    assert [route.visitors for route in ways.routes] == sorted(
        (route.visitors for route in ways.routes), reverse=True
    )
    assert ways.people == pytest.approx(60, abs=6)
    assert len(ways.paths) >= 40
    assert ways.paths_s[1] <= NOW_UTC_S


def test_an_unobserved_period_has_no_movement(walked: Venue) -> None:
    period_s = (NOW_UTC_S - 50_000, NOW_UTC_S - 40_000)
    assert compute_floor_movement(venue=walked, period_s=period_s) is None


def test_a_step_of_too_few_visitors_is_no_route(walked: Venue) -> None:
    zones = walked.geometry_at(None).zones
    taken = [("Robotics", "Café")] * MIN_SUPPORT + [("Café", "Robotics")] * (MIN_SUPPORT - 1)
    seen = dict.fromkeys(("start_s", "end_s", "is_start_seen", "is_end_seen"), 1.0)
    journeys = pd.DataFrame({"zones": pd.Series(taken, dtype=object), **seen})
    (route,) = find_route_lines(Ways.of(journeys), zones)
    assert (route.from_zone, route.to_zone, route.visitors) == ("Robotics", "Café", MIN_SUPPORT)
    assert route.share == pytest.approx(MIN_SUPPORT / (2 * MIN_SUPPORT - 1))
    assert route.start == pytest.approx((4.0, 3.5), abs=0.6)


def test_sampled_paths_are_even_and_exclude_standing_people() -> None:
    moments = np.arange(20.0)
    rows = pd.concat(
        pd.DataFrame(
            {
                "time_s": moments,
                "camera": "a",
                "tracklet": person,
                "visitor": pd.array([person] * 20, dtype="Int64"),
                "x_m": moments if person % 2 else 0 * moments,
                "y_m": 0.0 * moments + person,
                "sigma_m": 0.1,
                "height_m": np.nan,
                "state": "confirmed",
            }
        )
        for person in range(10)
    )
    ordered = order_rows(rows).cut(longest_gap_s=2.0)
    paths, people = sample_paths(ordered)
    assert people == 10
    assert sorted(path[0, 1] for path in paths) == [1, 3, 5, 7, 9]
    some, _ = sample_paths(ordered, max_paths=4)
    assert sorted(path[0, 1] for path in some) == [3, 9]
    assert some[0][-1, 0] == 19
