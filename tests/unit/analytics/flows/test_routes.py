from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.floor_geometry import Polygon
from analytics.domain.identifiers import CameraId, ZoneId
from analytics.domain.zone import Zone, ZoneKind
from analytics.dwell.visits import VisitSettings, compute_stays, select_visits
from analytics.flows.routes import (
    compute_funnel,
    count_common_routes,
    count_origins_destinations,
    find_detours,
)
from analytics.flows.ways import Ways, list_journeys
from analytics.metrics.coverage import CameraView, ViewEdge
from analytics.metrics.presence import order_rows
from tests.support.halls.known_crowd import make_track_table


def make_journeys(*ways: str, lost: tuple[int, ...] = ()) -> pd.DataFrame:
    """Make a journey per way, a zone per letter; the ends of those in ``lost`` were not seen."""
    count = len(ways)
    return pd.DataFrame(
        {
            "visitor": np.arange(count),
            "start_s": 10.0 * np.arange(count),
            "end_s": 10.0 * np.arange(count) + 100.0,
            "is_start_seen": np.ones(count, bool),
            "is_end_seen": ~np.isin(np.arange(count), lost),
            "zones": pd.Series([tuple(way) for way in ways], dtype=object),
        }
    )


@given(st.lists(st.text("abc", max_size=7), max_size=40))
@settings(max_examples=60, deadline=None)
def test_routes_are_counted_as_by_looking_for_each_in_every_way(ways: list[str]) -> None:
    ways = ["".join(z for i, z in enumerate(way) if i == 0 or way[i - 1] != z) for way in ways]
    table = count_common_routes(Ways.of(make_journeys(*ways)))
    slow: Counter[str] = Counter()
    for route in {way[i:j] for way in ways for i in range(len(way)) for j in range(i + 2, i + 6)}:
        if 2 <= len(route) <= 5:
            slow[route] = sum(route in way for way in ways)
    assert {
        "".join(route): count for route, count in zip(table["route"], table["visitors"], strict=True)
    } == {route: count for route, count in slow.items() if count >= 5}
    for most in (1, 3):
        few = count_common_routes(Ways.of(make_journeys(*ways)), most=most)
        pd.testing.assert_frame_equal(few, table.head(most))
    taken = Ways.of(make_journeys(*ways)).take("ab")
    assert taken.tolist() == ["ab" in way for way in ways]


def test_routes_have_their_share_of_visitors_of_any_zone() -> None:
    table = count_common_routes(Ways.of(make_journeys(*["ab"] * 6, *["a"] * 4, *[""] * 5)))
    assert table["share"].tolist() == [0.6]


def test_origins_and_destinations_are_of_whole_journeys() -> None:
    ways = make_journeys(*["abc"] * 6, *["ac"] * 2, *["ba"] * 3, "", lost=(0,))
    found = count_origins_destinations(Ways.of(ways))
    assert found.counts.to_numpy().tolist() == [["a", "c", 7, 0.7]]
    assert (found.whole, found.left_out, found.cut) == (10, 3, 1)


def test_a_funnel_takes_lost_visitors_for_neither_arrived_nor_gone() -> None:
    ways = make_journeys(*["abc"] * 40, *["ab"] * 20, *["a"] * 20, *["a"] * 20, lost=tuple(range(80, 100)))
    funnel = compute_funnel(Ways.of(ways), steps=["a", "b", "c"])
    assert [step.reached for step in funnel] == [100, 60, 40]
    assert [step.undecided for step in funnel] == [0, 20, 0]
    assert [step.share_of_step for step in funnel[1:]] == pytest.approx([0.75, 2 / 3])


def test_steps_of_a_funnel_come_in_their_order_with_others_between() -> None:
    funnel = compute_funnel(Ways.of(make_journeys("axbxc", "cba", "bac")), steps=["a", "b", "c"])
    assert [step.reached for step in funnel] == [3, 1, 1]
    assert compute_funnel(Ways.of(make_journeys()), steps=["a", "b"])[1].share_of_step is None


def test_a_dead_end_is_left_to_where_one_came_from() -> None:
    table = find_detours(Ways.of(make_journeys(*["adab"] * 5, *["abc"] * 5)))
    assert table.set_index("zone")["share"].to_dict() == {"d": 1.0, "a": 0.0, "b": 0.0}


def make_zone(name: str, left_m: float, kind: ZoneKind) -> Zone:
    corners = [(left_m, 0.0), (left_m + 5, 0.0), (left_m + 5, 4.0), (left_m, 4.0)]
    return Zone(ZoneId(name), kind, Polygon.from_points(corners, what=name))


ZONES = [
    make_zone("in", 0.0, ZoneKind.ENTRANCE),
    make_zone("hall", 10.0, ZoneKind.AISLE),
    make_zone("out", 20.0, ZoneKind.EXIT),
]


def walk(visitor: int, knots_s: list[float], knots_x: list[float]) -> pd.DataFrame:
    moments = np.arange(0.0, knots_s[-1], 0.2)
    x = np.interp(moments, knots_s, knots_x)
    who = np.full(len(x), visitor)
    return make_track_table(
        time_s=30.0 * visitor + 5.0 + moments, tracklet=who, visitor=who, x_m=x, y_m=np.full(len(x), 2.0)
    )


TRACKS = pd.concat(
    [
        walk(1, [0, 25], [0.5, 24.5]),  # through
        walk(2, [0, 12, 24], [0.5, 13.0, 0.5]),  # turns back
        walk(3, [0, 12, 22, 35], [0.5, 12.5, 12.5, 24.5]),  # stops
        walk(4, [0, 12], [0.5, 12.5]),  # lost in the hall
    ]
).sort_values("time_s", kind="stable", ignore_index=True)


def test_journeys_know_which_of_their_ends_were_seen() -> None:
    stays = compute_stays(tracks=TRACKS, zones=ZONES, spans=None, settings=VisitSettings())
    spans = pd.DataFrame({"camera": ["cam"], "start_s": [0.0], "end_s": [3600.0], "frames": [18000]})
    journeys = list_journeys(
        ordered=order_rows(TRACKS),
        visits=select_visits(stays=stays, zones=ZONES),
        zones=ZONES,
        spans=spans,
        view_edge=see_everything(),
    )
    assert journeys["visitor"].tolist() == [1, 2, 3, 4]
    assert journeys["zones"].tolist() == [
        ("in", "hall", "out"), ("in", "hall", "in"), ("in", "hall", "out"), ("in",),
    ]  # fmt: skip
    assert journeys["is_start_seen"].tolist() == [True] * 4
    assert journeys["is_end_seen"].tolist() == [True, True, True, False]
    assert journeys.loc[Ways.of(journeys).is_whole, "visitor"].tolist() == [1, 2, 3]


def see_everything() -> ViewEdge:
    geometry = CameraGeometry(np.array([[0.04, 0.0, -20.0], [0.0, 0.04, -20.0], [0.0, 0.0, 1.0]]))
    floor = Polygon.from_points([(0, 0), (25, 0), (25, 4), (0, 4)], what="floor")
    return ViewEdge(views=[CameraView(CameraId("cam"), geometry, (2000, 2000))], around=floor)
