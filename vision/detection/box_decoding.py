"""Decoding of a detection network's raw output into boxes of people, in pixels of its input."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

MAX_PEOPLE = 300
"""Limit per picture; more boxes are noise. Ultralytics has the same limit."""

_MAX_CANDIDATES = 3000
"""Limit for suppression, whose cost is quadratic; the strongest candidates include every person."""


class HeadKind(StrEnum):
    """Output format of a network's last layer.

    ``DENSE``: (1, 4 + classes, anchors), centre, size and one score per class, overlapping;
    ``END_TO_END``: (1, boxes, 6), corners, score and class, one box per object (YOLO26).
    """

    DENSE = "dense"
    END_TO_END = "end_to_end"


def recognise_head(shape: tuple[int, ...], class_count: int | None) -> HeadKind | None:
    """Return the kind of head by the shape of its output; None if it is not a detector's."""
    if len(shape) != 3:
        return None
    if shape[2] == 6:
        return HeadKind.END_TO_END
    if class_count is None:
        return HeadKind.DENSE if 5 <= shape[1] < shape[2] else None
    return HeadKind.DENSE if shape[1] == 4 + class_count else None


def decode_dense(
    output: Floats, *, person_class: int, minimum_score: float, iou_threshold: float
) -> tuple[Floats, Floats]:
    """Return boxes (n, 4) xyxy and scores (n,), strongest first, of one picture's (4 + classes, anchors).

    A box counts as a person only if no other class scores higher there, as in Ultralytics' own decoding.
    """
    candidates = np.flatnonzero(output[4 + person_class] > minimum_score)
    if len(candidates) == 0:
        return _no_boxes()
    if output.shape[0] > 5:
        rivals = output[4:, candidates]
        candidates = candidates[rivals.argmax(axis=0) == person_class]
    score = output[4 + person_class, candidates]
    x, y, width, height = output[:4, candidates]
    xyxy = np.stack((x - width / 2, y - height / 2, x + width / 2, y + height / 2), axis=1)
    return keep_people(xyxy, score, iou_threshold=iou_threshold)


def decode_end_to_end(output: Floats, *, person_class: int, minimum_score: float) -> tuple[Floats, Floats]:
    """Return boxes (n, 4) xyxy and scores (n,), strongest first, of one picture's (boxes, 6)."""
    mask = (output[:, 4] > minimum_score) & (output[:, 5].round() == person_class)
    found = output[mask]
    return keep_people(found[:, :4], found[:, 4], iou_threshold=None)


def keep_people(xyxy: Floats, score: Floats, *, iou_threshold: float | None) -> tuple[Floats, Floats]:
    """Return the boxes (n, 4) and scores (n,) of class person, strongest first.

    Args:
        iou_threshold: see `suppress_overlaps`; None for boxes that do not overlap.
    """
    order = np.argsort(-score, kind="stable")[:_MAX_CANDIDATES]
    xyxy, score = xyxy[order], score[order]
    if iou_threshold is not None:
        kept = suppress_overlaps(xyxy, iou_threshold=iou_threshold)
        xyxy, score = xyxy[kept], score[kept]
    return xyxy[:MAX_PEOPLE], score[:MAX_PEOPLE]


def suppress_overlaps(xyxy: Floats, *, iou_threshold: float) -> npt.NDArray[np.intp]:
    """Return indices of the boxes that no stronger remaining box overlaps by more than the threshold.

    Args:
        xyxy: shape (n, 4), strongest first.
    """
    if len(xyxy) < 2:
        return np.arange(len(xyxy))
    left, top, right, bottom = xyxy.T
    area = (right - left) * (bottom - top)
    waiting = np.arange(len(xyxy))
    kept: list[int] = []
    while len(waiting):
        best, waiting = waiting[0], waiting[1:]
        kept.append(int(best))
        width = np.minimum(right[best], right[waiting]) - np.maximum(left[best], left[waiting])
        height = np.minimum(bottom[best], bottom[waiting]) - np.maximum(top[best], top[waiting])
        shared = np.maximum(width, 0) * np.maximum(height, 0)
        # compared without a division: boxes without an area must not give NaN
        waiting = waiting[shared <= iou_threshold * (area[best] + area[waiting] - shared)]
    return np.array(kept, np.intp)


def _no_boxes() -> tuple[Floats, Floats]:
    return np.empty((0, 4), np.float32), np.empty(0, np.float32)
