from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from analytics.domain.identifiers import CameraId, TrackletId
from analytics.domain.track import TrackPoint, TrackState
from analytics.visitors.live.live_stitching import LiveStitcher, LiveVisitor
from tests.unit.analytics.visitors.walks import join, walk


def points_of(tracks: pd.DataFrame) -> list[TrackPoint]:
    return [
        TrackPoint(
            row.time_s, CameraId(row.camera), TrackletId(row.tracklet), float(row.x_m), float(row.y_m),
            float(row.sigma_m), None, TrackState.CONFIRMED,
        )
        for row in tracks.itertuples()
    ]  # fmt: skip


def play(
    stitcher: LiveStitcher, tracks: pd.DataFrame, *, step_s: float = 0.2
) -> list[tuple[float, tuple[LiveVisitor, ...]]]:
    points = points_of(tracks)
    end_s = float(tracks["time_s"].max())
    shown, begin = [], 0
    for time_s in np.arange(step_s, end_s + step_s, step_s).tolist():
        end = begin
        while end < len(points) and points[end].time_s <= time_s:
            end += 1
        shown.append((time_s, stitcher.update(time_s, points[begin:end])))
        begin = end
    return shown


def numbers(shown: list[tuple[float, tuple[LiveVisitor, ...]]]) -> set[int]:
    return {visitor.visitor for _, visitors in shown for visitor in visitors}


def test_a_visitor_is_shown_after_a_bounded_delay() -> None:
    shown = play(LiveStitcher(), walk(1, start_s=0, end_s=10, at_m=(3, 4), seed=1))
    first_s = min(time_s for time_s, visitors in shown if visitors)
    assert first_s <= 1.3
    (visitor,) = shown[-1][1]
    assert (visitor.x_m, visitor.y_m) == pytest.approx((3, 4), abs=0.3)
    assert visitor.seen_s == pytest.approx(10.0)


def test_a_lost_visitor_keeps_their_number() -> None:
    tracks = join(
        walk(1, start_s=0, end_s=20, at_m=(3, 3), seed=1),
        walk(2, start_s=24, end_s=40, at_m=(3.1, 3), seed=2),
    )
    stitcher = LiveStitcher()
    assert numbers(play(stitcher, tracks)) == {1}
    assert stitcher.find_visitor(2) == 1


def test_a_distant_track_gets_a_new_number() -> None:
    tracks = join(walk(1, start_s=0, end_s=20), walk(2, start_s=21, end_s=40, at_m=(12, 3)))
    assert numbers(play(LiveStitcher(), tracks)) == {1, 2}


def test_a_visitor_in_two_cameras_is_shown_once() -> None:
    way = (0.8, 0.0)
    tracks = join(
        walk(1, start_s=0, end_s=20, velocity_m_s=way, seed=1),
        walk(2, start_s=5.1, end_s=30, at_m=(0.2, 0.1), velocity_m_s=way, camera="east", seed=2),
    )
    shown = play(LiveStitcher(), tracks)
    assert max(len(visitors) for _, visitors in shown) == 1
    assert numbers(shown) == {1}


def test_a_visitor_who_left_is_no_longer_shown() -> None:
    stitcher = LiveStitcher()
    play(stitcher, walk(1, start_s=0, end_s=10))
    assert len(stitcher.update(11.0, [])) == 1
    assert stitcher.update(14.0, []) == ()


def test_old_tracklets_are_forgotten() -> None:
    stitcher = LiveStitcher()
    play(stitcher, walk(1, start_s=0, end_s=10))
    assert stitcher.find_visitor(1) == 1
    stitcher.update(60.0, [])
    assert stitcher.find_visitor(1) is None


def test_a_clock_that_is_set_back_begins_an_empty_floor() -> None:
    stitcher = LiveStitcher()
    play(stitcher, walk(1, start_s=100, end_s=110))
    assert stitcher.update(50.0, []) == ()
    later = walk(2, start_s=50, end_s=55, at_m=(1, 1))
    visitors: tuple[LiveVisitor, ...] = ()
    for point in points_of(later):
        visitors = stitcher.update(point.time_s, [point])
    assert len(visitors) == 1


def test_points_that_are_none_do_no_harm() -> None:
    stitcher = LiveStitcher()
    broken = TrackPoint(
        0.1, CameraId("cam"), TrackletId(1), float("nan"), 0.0, 0.1, None, TrackState.CONFIRMED
    )
    unsure = TrackPoint(
        0.1, CameraId("cam"), TrackletId(2), 1.0, 0.0, float("nan"), 1.8, TrackState.CONFIRMED
    )
    assert stitcher.update(0.2, [broken, unsure, unsure]) == ()
    (visitor,) = stitcher.update(1.4, [])
    assert (visitor.x_m, visitor.y_m) == (1.0, 0.0)
    assert visitor.sigma_m > 0


def stand_before(cameras: Sequence[str]) -> list[pd.DataFrame]:
    """Make two people side by side; each camera has two tracklets of them."""
    places = itertools.product(cameras, (0.0, 1.0))
    return [
        walk(number, start_s=0, end_s=40, at_m=(x_m, 0), camera=camera, seed=number)
        for number, (camera, x_m) in enumerate(places, start=1)
    ]


def test_a_swapped_tracklet_makes_no_new_visitor_with_other_cameras() -> None:
    went_over = walk(11, start_s=0, end_s=40, seed=11, camera="west")
    went_over.loc[went_over["time_s"] > 15, "x_m"] += 1.0
    neighbour_before = walk(12, start_s=0, end_s=15, at_m=(1.0, 0), seed=12, camera="west")
    left = walk(13, start_s=15.6, end_s=40, seed=13, camera="west")
    stitcher = LiveStitcher()
    shown = play(stitcher, join(*stand_before(["north", "south"]), went_over, neighbour_before, left))
    assert len(shown[-1][1]) == 2
    assert stitcher.find_visitor(13) == stitcher.find_visitor(1) != stitcher.find_visitor(2)
    assert stitcher.find_visitor(11) == stitcher.find_visitor(2)


def test_two_side_by_side_stay_two_before_many_cameras() -> None:
    shown = play(LiveStitcher(), join(*stand_before(["north", "south", "west", "east"])))
    assert {len(visitors) for time_s, visitors in shown if time_s > 5} == {2}
    assert len(numbers(shown)) == 2
