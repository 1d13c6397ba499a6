from __future__ import annotations

import numpy as np
import pytest

from vision.tracking.association import assign, compute_overlaps

NO_MATCH_COST = 26.0


def test_overlaps_are_intersection_over_union() -> None:
    first = np.array([[0.0, 0.0, 10.0, 10.0]])
    second = np.array([[0.0, 0.0, 10.0, 10.0], [5.0, 0.0, 15.0, 10.0], [20.0, 0.0, 30.0, 10.0]])
    np.testing.assert_allclose(compute_overlaps(first, second), [[1.0, 1 / 3, 0.0]])


def test_overlap_of_empty_boxes_is_nothing() -> None:
    assert compute_overlaps(np.zeros((1, 4)), np.zeros((1, 4)))[0, 0] == 0


@pytest.mark.parametrize("shape", [(0, 3), (2, 0), (0, 0)])
def test_nobody_and_nothing(shape: tuple[int, int]) -> None:
    rows, columns = assign(np.empty(shape), no_match_cost=NO_MATCH_COST)
    assert len(rows) == len(columns) == 0


def test_the_total_counts_and_not_the_first_best() -> None:
    rows, columns = assign(np.array([[1.0, 2.0], [2.0, 20.0]]), no_match_cost=NO_MATCH_COST)
    assert sorted(zip(rows.tolist(), columns.tolist(), strict=True)) == [(0, 1), (1, 0)]


def test_pairs_that_cost_too_much_are_left_apart() -> None:
    rows, columns = assign(np.array([[1.0, np.inf], [np.inf, NO_MATCH_COST]]), no_match_cost=NO_MATCH_COST)
    assert rows.tolist() == columns.tolist() == [0]


def test_a_match_is_not_given_up_for_two_poor_ones() -> None:
    rows, columns = assign(np.array([[1.0, 25.0], [25.0, np.inf]]), no_match_cost=NO_MATCH_COST)
    assert rows.tolist() == columns.tolist() == [0]
