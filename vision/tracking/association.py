"""Overlaps of boxes, and the assignment of detections to tracks of least total cost."""

from __future__ import annotations

import numpy as np

from analytics.domain.arrays import FloatArray, IndexArray


def compute_overlaps(first_xyxy: FloatArray, second_xyxy: FloatArray) -> FloatArray:
    """Return the intersection over union, shape (n, m), of boxes of shape (n, 4) and (m, 4)."""
    upper_left = np.maximum(first_xyxy[:, None, :2], second_xyxy[None, :, :2])
    lower_right = np.minimum(first_xyxy[:, None, 2:], second_xyxy[None, :, 2:])
    sides = np.maximum(lower_right - upper_left, 0.0)
    shared = sides[..., 0] * sides[..., 1]
    first_area = (first_xyxy[:, 2] - first_xyxy[:, 0]) * (first_xyxy[:, 3] - first_xyxy[:, 1])
    second_area = (second_xyxy[:, 2] - second_xyxy[:, 0]) * (second_xyxy[:, 3] - second_xyxy[:, 1])
    total = first_area[:, None] + second_area[None, :] - shared
    overlaps: FloatArray = shared / np.maximum(total, 1e-9)
    return overlaps


def assign(costs: FloatArray, *, no_match_cost: float) -> tuple[IndexArray, IndexArray]:
    """Return the matched rows and columns, each at most once, at the least total cost.

    A pair that costs ``no_match_cost`` or more is not matched.
    """
    if not costs.size:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    rows: IndexArray = (np.minimum.reduce(costs, axis=1) < no_match_cost).nonzero()[0]
    columns: IndexArray = costs.argmin(axis=1).take(rows)
    if len(set(columns.tolist())) == len(columns):
        # the cheapest of each row, if no two rows compete for a column
        return rows, columns
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(np.minimum(costs, no_match_cost))
    is_match = costs[rows, columns] < no_match_cost
    return rows[is_match], columns[is_match]
