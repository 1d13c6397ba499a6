"""Fusion of tracklets of several cameras: one person or two."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.identifiers import CameraId
from analytics.metrics.coverage import CameraView
from analytics.visitors.cameras.overlap_fusion import fuse_overlaps
from analytics.visitors.tracklet_rows import read_tracklet_rows
from tests.unit.analytics.visitors.walks import join, walk

OTHERS = 12
"""People seen by both cameras, from which their disagreement is estimated."""


def look_along_x(camera: str) -> CameraView:
    """Make a view from above with x upwards in the picture and y to the right."""
    floor_from_pixel = np.array([[0.0, -0.01, 10.0], [0.01, 0.0, 0.0], [0.0, 0.0, 1.0]])
    return CameraView(CameraId(camera), CameraGeometry(floor_from_pixel), (1000, 1000))


def count_people(*seen: tuple[str, float], lasts_s: float = 40.0, views: Sequence[CameraView] = ()) -> int:
    """Return the number of people found when cameras see standing people at places x, with noise."""
    others = [(camera, 10.0 + 5 * number) for number in range(OTHERS) for camera in ("east", "west")]
    walks = [
        walk(number, start_s=0, end_s=lasts_s, at_m=(x_m, 0), camera=camera, seed=number)
        for number, (camera, x_m) in enumerate((*seen, *others), start=1)
    ]
    return count_groups(join(*walks), views=views) - OTHERS


def count_groups(tracks: pd.DataFrame, *, views: Sequence[CameraView] = ()) -> int:
    groups = fuse_overlaps(read_tracklet_rows(tracks), views=views)
    return len(set(groups.label.tolist()))


@pytest.mark.parametrize(("apart_m", "people"), [(0.2, 1), (1.1, 1), (1.7, 2)])
def test_two_tracks_of_two_cameras_merge_up_to_a_distance(apart_m: float, people: int) -> None:
    assert count_people(("east", 0.0), ("west", apart_m)) == people


def test_along_a_line_of_sight_they_may_be_farther_apart() -> None:
    views = [look_along_x("east"), look_along_x("west")]
    assert count_people(("east", 0.0), ("west", 1.7), views=views) == 1
    assert count_people(("east", 0.0), ("west", 2.6), views=views) == 2


def test_two_people_displaced_by_one_camera_stay_two() -> None:
    # the first's place in the west is nearer to the second's in the east than to the first's
    assert count_people(("east", 0.0), ("west", 0.8), ("east", 1.1), ("west", 1.9)) == 2


def test_two_people_seen_by_both_cameras_stay_two() -> None:
    assert count_people(("east", 0.0), ("west", 0.1), ("east", 1.1), ("west", 1.0)) == 2
    assert count_people(("east", 0.0), ("west", 0.1), ("west", 1.1)) == 2


@pytest.mark.parametrize("cameras", [2, 3, 4, 8])
def test_two_side_by_side_are_two_however_many_cameras_see_both(cameras: int) -> None:
    names = [f"cam{number}" for number in range(cameras)]
    walks = [
        walk(number, start_s=0, end_s=60, at_m=(x_m, 0), camera=camera, seed=number)
        for number, (x_m, camera) in enumerate(itertools.product((0.0, 0.75), names), start=1)
    ]
    assert count_groups(join(*walks)) == 2


def test_two_side_by_side_are_two_however_often_cameras_lose_them() -> None:
    # each camera at other times
    places = itertools.product((0.0, 0.75), {"north": 0, "south": 6, "west": 12}.items(), range(4))
    walks = [
        walk(number, start_s=begin_s, end_s=begin_s + 18, at_m=(x_m, 0), camera=camera, seed=number)
        for number, (x_m, (camera, late_s), part) in enumerate(places, start=1)
        for begin_s in [20 * part + late_s]
    ]
    groups = fuse_overlaps(read_tracklet_rows(join(*walks)))
    of_first, of_second = (set(part.tolist()) for part in np.split(groups.label, 2))
    assert not of_first & of_second
    assert len(of_first) <= 2
    assert len(of_second) <= 2


def test_short_tracks_of_two_cameras_stay_two_people() -> None:
    assert count_people(("east", 0.0), ("west", 1.1), lasts_s=1.4) == 2


@pytest.mark.parametrize(("state", "people"), [("interpolated", 1), ("confirmed", 2)])
def test_interpolated_rows_may_overlap_another_tracklet(state: str, people: int) -> None:
    first = walk(1, start_s=0, end_s=13, camera="east", seed=1)
    second = walk(2, start_s=10, end_s=25, camera="east", seed=2)
    throughout = walk(3, start_s=0, end_s=25, camera="west", seed=3)
    first.loc[first["time_s"].between(10.0, 12.9), "state"] = state
    assert count_groups(join(first, second, throughout)) == people
