from __future__ import annotations

import numpy as np
import pytest

from vision.tracking.association import NO_MATCH_COST, assign, compute_costs, compute_overlaps
from vision.tracking.kalman_filter import BoxKalmanFilter, boxes_to_axes

PERSON = np.array([[100.0, 100.0, 180.0, 300.0]])


def make_tracks(boxes: np.ndarray, *, unseen_s: float = 0.1) -> BoxKalmanFilter:
    tracks = BoxKalmanFilter.empty()
    tracks.add(boxes_to_axes(boxes))
    for _ in range(20):
        tracks.predict(0.1)
        tracks.correct(np.arange(len(boxes)), boxes_to_axes(boxes))
    tracks.predict(unseen_s)
    return tracks


def shifted(right_px: float, down_px: float = 0.0) -> np.ndarray:
    return PERSON + np.array([right_px, down_px, right_px, down_px])


def test_overlaps_are_intersection_over_union() -> None:
    first = np.array([[0.0, 0.0, 10.0, 10.0]])
    second = np.array([[0.0, 0.0, 10.0, 10.0], [5.0, 0.0, 15.0, 10.0], [20.0, 0.0, 30.0, 10.0]])
    np.testing.assert_allclose(compute_overlaps(first, second), [[1.0, 1 / 3, 0.0]])


def test_overlap_of_empty_boxes_is_nothing() -> None:
    assert compute_overlaps(np.zeros((1, 4)), np.zeros((1, 4)))[0, 0] == 0


def test_costs_grow_with_the_distance() -> None:
    tracks = make_tracks(PERSON)
    costs = [compute_costs(tracks, shifted(right_px))[0, 0] for right_px in (0, 10, 20, 30)]
    assert costs == sorted(costs)
    assert np.isfinite(costs).all()


def test_someone_far_away_is_impossible() -> None:
    assert np.isinf(compute_costs(make_tracks(PERSON), shifted(150)))[0, 0]


def test_the_gate_widens_with_the_time_unseen() -> None:
    assert np.isfinite(compute_costs(make_tracks(PERSON, unseen_s=1.0), shifted(150)))[0, 0]


def test_hidden_feet_stay_possible() -> None:
    without_legs = PERSON - np.array([0, 0, 0, 90])
    assert compute_costs(make_tracks(PERSON), without_legs)[0, 0] < NO_MATCH_COST


def test_a_child_is_not_the_adult_at_the_same_place() -> None:
    child = np.array([[125.0, 215.0, 155.0, 300.0]])
    assert np.isinf(compute_costs(make_tracks(PERSON), child))[0, 0]


def test_a_track_in_sight_beats_one_that_was_lost() -> None:
    tracks = make_tracks(np.vstack([PERSON, shifted(40)]), unseen_s=0.1)
    tracks.position_variance[1] *= 400
    tracks.position[1] = boxes_to_axes(shifted(20))[0]
    costs = compute_costs(tracks, shifted(15))
    assert costs[0, 0] < costs[1, 0]


@pytest.mark.parametrize(("tracks", "boxes"), [(0, 3), (2, 0), (0, 0)])
def test_nobody_and_nothing(tracks: int, boxes: int) -> None:
    costs = compute_costs(make_tracks(np.repeat(PERSON, tracks, axis=0)), np.repeat(PERSON, boxes, axis=0))
    assert costs.shape == (tracks, boxes)
    rows, columns = assign(costs)
    assert len(rows) == len(columns) == 0


def test_the_total_counts_and_not_the_first_best() -> None:
    rows, columns = assign(np.array([[1.0, 2.0], [2.0, 20.0]]))
    assert sorted(zip(rows.tolist(), columns.tolist(), strict=True)) == [(0, 1), (1, 0)]


def test_pairs_that_cost_too_much_are_left_apart() -> None:
    rows, columns = assign(np.array([[1.0, np.inf], [np.inf, NO_MATCH_COST]]))
    assert rows.tolist() == columns.tolist() == [0]


def test_a_match_is_not_given_up_for_two_poor_ones() -> None:
    rows, columns = assign(np.array([[1.0, 25.0], [25.0, np.inf]]))
    assert rows.tolist() == columns.tolist() == [0]
