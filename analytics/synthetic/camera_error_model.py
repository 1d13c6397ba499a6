"""What a person detector would report of people whose true boxes are known: a small, plain error model.

Boxes are in pixels (left, top, right, bottom). A person is hidden by what stands before them, in part or
wholly; what is left of a box jitters, is scored, or is missed; now and then a box comes from nothing. The
numbers are plausible for a small network, not fitted to one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

ROWS, COLUMNS = 8, 3
"""Points of a box at which it is looked whether the person is hidden."""
_COLUMN_PARTS = np.array([0.25, 0.5, 0.75])
_BODY_PART = 0.7
"""Width of the body in its box: what is beside it hides nobody."""


@dataclass(frozen=True, slots=True)
class CameraErrorModel:
    """How a detector fails.

    Attributes:
        detected_share: of people in plain view, in each frame.
        seen_share_needed, seen_share_enough: of a body; below the first nobody is found, above the second
            everybody as in plain view, between them in proportion.
        smallest_px, large_enough_px: height of a box, likewise.
        edge_sigma_parts, edge_sigma_px: standard deviation of each edge, in box heights and in pixels.
        plain_score, hidden_score_loss, score_sigma: mean score in plain view, what it loses for a body that
            is hidden wholly, and its standard deviation.
        ghosts_per_frame: boxes without a person.
    """

    detected_share: float = 0.96
    seen_share_needed: float = 0.2
    seen_share_enough: float = 0.6
    smallest_px: float = 10.0
    large_enough_px: float = 22.0
    edge_sigma_parts: float = 0.02
    edge_sigma_px: float = 0.6
    plain_score: float = 0.82
    hidden_score_loss: float = 0.5
    score_sigma: float = 0.07
    ghosts_per_frame: float = 0.01


def place_body_points(xyxy: FloatArray) -> FloatArray:
    """Points on bodies with boxes of shape (n, 4): shape (n, ROWS * COLUMNS, 2), row by row from the top."""
    rows = (np.arange(ROWS) + 0.5) / ROWS
    u = xyxy[:, None, 0] + (xyxy[:, 2] - xyxy[:, 0])[:, None] * np.tile(_COLUMN_PARTS, ROWS)
    v = xyxy[:, None, 1] + (xyxy[:, 3] - xyxy[:, 1])[:, None] * np.repeat(rows, COLUMNS)
    return np.stack([u, v], axis=2)


def hide_behind_each_other(*, xyxy: FloatArray, distance_m: FloatArray, points: FloatArray) -> BoolArray:
    """Which body points, shape (n, ROWS * COLUMNS), lie behind a person who is nearer to the camera."""
    margin = (xyxy[:, 2] - xyxy[:, 0]) * (1 - _BODY_PART) / 2
    left, right = xyxy[:, 0] + margin, xyxy[:, 2] - margin
    u, v = points[:, None, :, 0], points[:, None, :, 1]
    is_nearer = distance_m[None, :] < distance_m[:, None] - 0.05
    is_behind = (u > left[None, :, None]) & (u < right[None, :, None])
    is_behind &= (v > xyxy[None, :, None, 1]) & (v < xyxy[None, :, None, 3]) & is_nearer[:, :, None]
    return np.asarray(is_behind.any(axis=1), np.bool_)


def report_boxes(
    *,
    xyxy: FloatArray,
    hidden: BoolArray,
    size_wh: tuple[int, int],
    rng: np.random.Generator,
    model: CameraErrorModel,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """The boxes and scores of one frame, best score first.

    Args:
        xyxy: true boxes, shape (n, 4), of whole bodies.
        hidden: body points that are covered or outside the picture, shape (n, ROWS * COLUMNS).
    """
    seen_rows = np.asarray(~hidden.reshape(-1, ROWS, COLUMNS).all(axis=2), np.bool_)
    seen_share = 1.0 - hidden.mean(axis=1)
    height = xyxy[:, 3] - xyxy[:, 1]
    first = np.argmax(seen_rows, axis=1)
    last = ROWS - np.argmax(seen_rows[:, ::-1], axis=1)
    seen = xyxy.copy()
    seen[:, 1] = xyxy[:, 1] + height * first / ROWS
    seen[:, 3] = xyxy[:, 1] + height * last / ROWS
    seen_height = seen[:, 3] - seen[:, 1]
    chance = model.detected_share * _rise(seen_share, model.seen_share_needed, model.seen_share_enough)
    chance *= _rise(seen_height, model.smallest_px, model.large_enough_px)
    found = rng.random(len(xyxy)) < chance
    sigma = model.edge_sigma_parts * seen_height + model.edge_sigma_px
    boxes = seen + rng.normal(0, 1, seen.shape) * sigma[:, None]
    score = model.plain_score - model.hidden_score_loss * (1 - seen_share)
    score = score + rng.normal(0, model.score_sigma, len(xyxy))
    boxes, score = boxes[found], np.clip(score[found], 0.1, 0.97)
    if rng.random() < model.ghosts_per_frame:
        boxes = np.vstack([boxes, _make_ghost(size_wh, rng)])
        score = np.append(score, rng.uniform(0.1, 0.5))
    width, frame_height = size_wh
    boxes = np.clip(boxes, 0, (width, frame_height, width, frame_height))
    kept = (boxes[:, 2] - boxes[:, 0] > 2) & (boxes[:, 3] - boxes[:, 1] > 4)
    boxes, score = boxes[kept], score[kept]
    order = np.argsort(-score, kind="stable")
    return boxes[order].astype(np.float32), score[order].astype(np.float32)


def _rise(value: FloatArray, low: float, high: float) -> FloatArray:
    return np.clip((value - low) / (high - low), 0.0, 1.0)


def _make_ghost(size_wh: tuple[int, int], rng: np.random.Generator) -> FloatArray:
    height = rng.uniform(25, 90)
    left, bottom = rng.uniform(0, size_wh[0] - 20), rng.uniform(height, size_wh[1])
    return np.array([left, bottom - height, left + 0.4 * height, bottom])
