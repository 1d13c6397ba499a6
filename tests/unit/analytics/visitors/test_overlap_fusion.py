"""The weight of two tracklets of two cameras: one person or two."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.visitors.overlap_fusion import compute_log_overlap, fuse_overlaps
from analytics.visitors.tracklet_pairs import TrackletPairs
from analytics.visitors.tracklet_rows import read_tracklet_rows
from analytics.visitors.visitor_settings import OverlapSettings
from tests.unit.analytics.visitors.walks import join, walk


def weigh(*, off_m: float, log_one: float, log_company: float, log_stranger: float) -> float:
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


OTHERS = 12
"""People who are surely seen by both cameras, so that it is known how these agree."""


def count_people(*seen: tuple[str, float], lasts_s: float = 40.0) -> int:
    """How many people those are whom cameras see stand at places x, each with noise of its own."""
    others = [(camera, 10.0 + 5 * number) for number in range(OTHERS) for camera in ("east", "west")]
    walks = [
        walk(number, start_s=0, end_s=lasts_s, at_m=(x_m, 0), camera=camera, seed=number)
        for number, (camera, x_m) in enumerate((*seen, *others), start=1)
    ]
    return count_groups(join(*walks)) - OTHERS


def count_groups(tracks: pd.DataFrame) -> int:
    groups = fuse_overlaps(read_tracklet_rows(tracks), settings=OverlapSettings())
    return len(set(groups.label.tolist()))


@pytest.mark.parametrize(("apart_m", "people"), [(0.2, 1), (1.1, 1), (1.7, 2)])
def test_of_two_whom_one_camera_each_sees_there_is_rather_one(apart_m: float, people: int) -> None:
    assert count_people(("east", 0.0), ("west", apart_m)) == people


def test_two_whom_both_cameras_see_are_two() -> None:
    assert count_people(("east", 0.0), ("west", 0.1), ("east", 1.1), ("west", 1.0)) == 2
    assert count_people(("east", 0.0), ("west", 0.1), ("west", 1.1)) == 2


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
