"""The weight of two tracklets of two cameras: one person or two."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.identifiers import CameraId
from analytics.metrics.coverage import CameraView
from analytics.visitors.cameras.overlap_fusion import compute_log_overlap, fuse_overlaps
from analytics.visitors.tracklet_pairs import TrackletPairs
from analytics.visitors.tracklet_rows import read_tracklet_rows
from analytics.visitors.visitor_settings import OverlapSettings
from tests.unit.analytics.visitors.walks import join, walk


def weigh(
    *,
    off_m: float,
    log_one: float,
    log_company: float,
    log_stranger: float,
    line: tuple[float, float] = (0.0, 0.0),
) -> float:
    pairs = TrackletPairs(
        a=np.array([0]),
        b=np.array([1]),
        samples=np.array([100]),
        middle_x_m=np.array([off_m]),
        middle_y_m=np.array([0.0]),
        scatter_m2=np.array([0.03]),
        variance=np.array([0.03]),
        log_one=np.array([log_one]),
        log_company=np.array([log_company]),
        log_stranger=np.array([log_stranger]),
        line_a=np.array([line]),
        line_b=np.zeros((1, 2)),
    )
    (found,) = compute_log_overlap(
        pairs, shift_m=(0.0, 0.0), shift_sigma_m=0.12, crowding_per_m2=0.2, settings=OverlapSettings()
    )
    return float(found)


def test_who_stands_beside_somebody_and_leaves_is_less_likely_the_same_than_who_is_in_the_same_place() -> (
    None
):
    # a neighbour 0.65 m away who walks off in the end, and one person seen twice: as measured in a scene
    beside = weigh(off_m=0.65, log_one=-0.12, log_company=-4.55, log_stranger=-2.32)
    same = weigh(off_m=0.05, log_one=1.19, log_company=0.43, log_stranger=-1.88)
    assert beside < 2.0 < same - 2.0


def test_a_tracklet_that_lies_off_throughout_can_still_be_of_the_person() -> None:
    together = {"log_one": 1.2, "log_company": 0.4, "log_stranger": -1.9}
    assert weigh(off_m=0.45, **together) > 0.0 > weigh(off_m=1.2, **together)


def test_a_tracklet_that_lies_off_may_stray_as_somebody_who_walks_along() -> None:
    # feet hidden from one camera: of one person, as measured in a scene of two cameras face to face
    straying = {"log_one": -0.83, "log_company": -0.36, "log_stranger": -1.95}
    alone = -OverlapSettings().alone_log_ratio
    assert weigh(off_m=0.84, **straying) > alone
    assert weigh(off_m=1.6, **straying) < alone


def test_a_tracklet_lies_off_along_a_line_of_sight_rather_than_across_it() -> None:
    together = {"log_one": 1.2, "log_company": 0.4, "log_stranger": -1.9}
    along, across = (weigh(off_m=0.9, line=line, **together) for line in ((1.0, 0.0), (0.0, 1.0)))
    assert along > weigh(off_m=0.9, **together) > across


OTHERS = 12
"""People who are surely seen by both cameras, so that it is known how these agree."""


def look_along_x(camera: str) -> CameraView:
    """From above, with x upwards in the picture and y to the right."""
    floor_from_pixel = np.array([[0.0, -0.01, 10.0], [0.01, 0.0, 0.0], [0.0, 0.0, 1.0]])
    return CameraView(CameraId(camera), CameraGeometry(floor_from_pixel), (1000, 1000))


def count_people(*seen: tuple[str, float], lasts_s: float = 40.0, views: Sequence[CameraView] = ()) -> int:
    """How many people those are whom cameras see stand at places x, each with noise of its own."""
    others = [(camera, 10.0 + 5 * number) for number in range(OTHERS) for camera in ("east", "west")]
    walks = [
        walk(number, start_s=0, end_s=lasts_s, at_m=(x_m, 0), camera=camera, seed=number)
        for number, (camera, x_m) in enumerate((*seen, *others), start=1)
    ]
    return count_groups(join(*walks), views=views) - OTHERS


def count_groups(tracks: pd.DataFrame, *, views: Sequence[CameraView] = ()) -> int:
    groups = fuse_overlaps(read_tracklet_rows(tracks), settings=OverlapSettings(), views=views)
    return len(set(groups.label.tolist()))


@pytest.mark.parametrize(("apart_m", "people"), [(0.2, 1), (1.1, 1), (1.7, 2)])
def test_of_two_whom_one_camera_each_sees_there_is_rather_one(apart_m: float, people: int) -> None:
    assert count_people(("east", 0.0), ("west", apart_m)) == people


def test_along_a_line_of_sight_they_may_be_farther_apart() -> None:
    views = [look_along_x("east"), look_along_x("west")]
    assert count_people(("east", 0.0), ("west", 1.7), views=views) == 1
    assert count_people(("east", 0.0), ("west", 2.6), views=views) == 2


def test_two_of_whom_one_camera_sees_each_farther_off_are_two() -> None:
    # the first's place in the west is nearer to the second's in the east than to the first's
    assert count_people(("east", 0.0), ("west", 0.8), ("east", 1.1), ("west", 1.9)) == 2


def test_two_whom_both_cameras_see_are_two() -> None:
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
    groups = fuse_overlaps(read_tracklet_rows(join(*walks)), settings=OverlapSettings())
    of_first, of_second = (set(part.tolist()) for part in np.split(groups.label, 2))
    assert not of_first & of_second
    assert len(of_first) <= 2
    assert len(of_second) <= 2


def test_for_a_moment_two_may_each_be_unseen_by_a_camera() -> None:
    assert count_people(("east", 0.0), ("west", 1.1), lasts_s=1.4) == 2


@pytest.mark.parametrize(("state", "people"), [("interpolated", 1), ("confirmed", 2)])
def test_where_a_tracker_only_goes_on_the_person_may_be_seen_in_another_tracklet(
    state: str, people: int
) -> None:
    first = walk(1, start_s=0, end_s=13, camera="east", seed=1)
    second = walk(2, start_s=10, end_s=25, camera="east", seed=2)
    throughout = walk(3, start_s=0, end_s=25, camera="west", seed=3)
    first.loc[first["time_s"].between(10.0, 12.9), "state"] = state
    assert count_groups(join(first, second, throughout)) == people
