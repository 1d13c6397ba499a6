"""Moves between zones: near B is four seconds from A, far C forty; half of the visitors go to either."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.columns import TRACK_COLUMNS, empty_table
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.floor_geometry import Polygon
from analytics.domain.identifiers import CameraId, ZoneId
from analytics.domain.zone import Zone, ZoneKind
from analytics.dwell.visits import VisitSettings, compute_stays
from analytics.flows.places import OUTSIDE
from analytics.flows.transitions import TransitionSettings, estimate_transitions
from analytics.metrics.coverage import CameraView, ViewEdge
from tests.support.halls.known_crowd import make_track_table

FLOOR = Polygon.from_points([(-2, -2), (60, -2), (60, 12), (-2, 12)], what="floor")
DURATION_S = 7200.0


def make_zone(name: str, left_m: float, *, kind: ZoneKind = ZoneKind.BOOTH) -> Zone:
    corners = [(left_m, 2.0), (left_m + 4, 2.0), (left_m + 4, 8.0), (left_m, 8.0)]
    return Zone(ZoneId(name), kind, Polygon.from_points(corners, what=name))


ZONES = [make_zone("A", 10.0), make_zone("B", 18.0), make_zone("C", 54.0)]


def make_walks(*, visitors: int, losses_per_s: float, seed: int = 0) -> pd.DataFrame:
    """Make people who enter the view at x = 0, stop in A for 6 s and in B or C for good, at 1 m/s."""
    random = np.random.default_rng(seed)
    tables = []
    for number in range(visitors):
        goal_x = 20.0 if number % 2 else 56.0
        knots_s = np.cumsum([0.0, 12.0, 6.0, goal_x - 12.0, 8.0])
        moments = np.arange(0.0, knots_s[-1], 0.2)
        x = np.interp(moments, knots_s, [0.0, 12.0, 12.0, goal_x, goal_x])
        lost_s = random.exponential(1 / losses_per_s) if losses_per_s else np.inf
        # the far ones pass by B
        y = np.interp(moments, [18.0, 22.0, 55.0, 60.0], [5.0, 10.0, 10.0, 5.0] if goal_x > 30 else [5.0] * 4)
        x, y, moments = (values[moments < lost_s] for values in (x, y, moments))
        tables.append(
            make_track_table(
                time_s=20.0 + 30.0 * number + moments, tracklet=np.full(len(x), number),
                visitor=np.full(len(x), number), x_m=x, y_m=y,
            )
        )  # fmt: skip
    return pd.concat(tables, ignore_index=True).sort_values("time_s", kind="stable", ignore_index=True)


def find_shares(tracks: pd.DataFrame, *, is_view_known: bool = True) -> dict[tuple[str, str], float]:
    table = estimate(tracks, is_view_known=is_view_known)
    return {
        (begin, end): share
        for begin, end, share in zip(table["from"], table["to"], table["share"], strict=True)
    }


def estimate(tracks: pd.DataFrame, *, is_view_known: bool = True) -> pd.DataFrame:
    # the picture ends at x = -0.5
    geometry = CameraGeometry(np.array([[0.05, 0.0, -0.5], [0.0, 0.05, -10.0], [0.0, 0.0, 1.0]]))
    view = CameraView(CameraId("cam"), geometry, (2000, 1000))
    stays = compute_stays(tracks=tracks, zones=ZONES, spans=None, settings=VisitSettings())
    return estimate_transitions(
        tracks=tracks, stays=stays, zones=ZONES, spans=None, period_s=(0.0, DURATION_S),
        view_edge=ViewEdge(views=[view], around=FLOOR, cell_m=0.2) if is_view_known else None,
    )  # fmt: skip


def test_whole_tracks_give_the_exact_shares_of_moves() -> None:
    shares = find_shares(make_walks(visitors=200, losses_per_s=0.0))
    assert shares == {
        ("A", "B"): pytest.approx(0.5),
        ("A", "C"): pytest.approx(0.5),
        (OUTSIDE, "A"): pytest.approx(1.0),
    }


def test_lost_tracks_hide_long_moves_and_weights_bring_them_back() -> None:
    tracks = make_walks(visitors=230, losses_per_s=0.03)
    table = estimate(tracks).set_index(["from", "to"])
    seen = table["moves"]
    assert seen[("A", "C")] / (seen[("A", "B")] + seen[("A", "C")]) < 0.35
    assert table["share"][("A", "C")] == pytest.approx(0.5, abs=0.08)
    assert table["share_low"][("A", "C")] < 0.5 < table["share_high"][("A", "C")]


def test_without_views_every_end_counts_as_outside() -> None:
    shares = find_shares(make_walks(visitors=100, losses_per_s=0.03), is_view_known=False)
    assert shares[("A", OUTSIDE)] > 0.3
    assert sum(share for (begin, _), share in shares.items() if begin == "A") == pytest.approx(1.0)


def test_too_few_moves_are_left_out() -> None:
    least = TransitionSettings().min_moves
    assert find_shares(make_walks(visitors=least - 1, losses_per_s=0.0)) == {}
    assert find_shares(make_walks(visitors=2 * least, losses_per_s=0.0)) != {}


def test_an_empty_table_has_no_transitions() -> None:
    assert find_shares(empty_table(TRACK_COLUMNS)) == {}
    assert find_shares(empty_table(TRACK_COLUMNS), is_view_known=False) == {}
