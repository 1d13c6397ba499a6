"""Assignment of detections to tracks: costs, gates and the assignment of least total cost.

Overlap alone, as in ByteTrack (Zhang et al., ECCV 2022), fails at the two to five frames a second of a hall
with many cameras, where a walker leaves the box of the frame before. So the cost is the negative
log-likelihood of the detection under the track's prediction, whose uncertainty grows with the time since the
last sighting, plus a smaller part for the overlap.
"""

from __future__ import annotations

import numpy as np

from analytics.domain.arrays import FloatArray, IndexArray
from vision.tracking.kalman_filter import BoxKalmanFilter, axes_to_boxes, boxes_to_axes

GATE_DISTANCE2 = 11.34
"""Squared Mahalanobis distance of the horizontal and the better vertical axis: 99 % of the chi-square
distribution with three degrees of freedom, one more than the axes because the better one is chosen."""
GATE_OVERLAP = 0.5
"""Overlap that passes the gate at any distance in sigmas."""
HIDDEN_PART_COST = 4.0
"""Maximum cost of the worse of top and bottom: hidden feet must not lose the track."""
OVERLAP_COST = 4.0
"""Cost of no overlap at all."""
MAX_HEIGHT_RATIO = 2.2
"""Maximum ratio between a box and a prediction: half a person may be hidden, and a little more."""
NO_MATCH_COST = 26.0
"""Minus twice the logarithm of the likelihood of a miss (one in ten) together with a newcomer (one in a
thousand per frame and square box height), in the units of the other costs; a pair that costs more is
rejected."""


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


def compute_costs(tracks: BoxKalmanFilter, xyxy: FloatArray) -> FloatArray:
    """Return the cost of each track and detection, shape (n, m); infinite for impossible pairs.

    Args:
        tracks: tracks, predicted to the time of the detections.
        xyxy: detected boxes, shape (m, 4).
    """
    if not len(tracks) or not len(xyxy):
        return np.empty((len(tracks), len(xyxy)))
    measured = boxes_to_axes(xyxy)
    noise = tracks.measurement_variance()
    spread = tracks.position_variance + noise
    distance2 = (measured[None] - tracks.position[:, None]) ** 2 / spread[:, None]
    across, top, bottom = distance2[..., 0], distance2[..., 1], distance2[..., 2]
    closer, farther = np.minimum(top, bottom), np.maximum(top, bottom)
    overlaps = compute_overlaps(axes_to_boxes(tracks.position), xyxy)
    uncertainty = np.log(spread[:, 0] / noise[:, 0]) + np.log(spread[:, 2] / noise[:, 2])
    costs: FloatArray = (
        np.minimum(across + closer, GATE_DISTANCE2)
        + np.minimum(farther, HIDDEN_PART_COST)
        + OVERLAP_COST * (1 - overlaps)
        + uncertainty[:, None]
    )
    height_ratio = np.log((measured[:, 2] - measured[:, 1])[None] / tracks.height_px[:, None])
    is_possible = (across + closer < GATE_DISTANCE2) | (overlaps > GATE_OVERLAP)
    is_possible &= np.abs(height_ratio) < np.log(MAX_HEIGHT_RATIO)
    return np.where(is_possible, costs, np.inf)


def assign(costs: FloatArray, *, no_match_cost: float = NO_MATCH_COST) -> tuple[IndexArray, IndexArray]:
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
