"""Found and true boxes are paired one to one, and recall and precision count the pairs."""

from __future__ import annotations

import numpy as np
import pytest

from tools.training.detection_accuracy import (
    DetectionAccuracy,
    compare_detections,
    match_boxes,
)
from vision.pixel_types import Detections

LEFT = [0.0, 0.0, 10.0, 10.0]
RIGHT = [100.0, 0.0, 110.0, 10.0]
NEAR_LEFT = [0.0, 0.0, 10.0, 8.0]  # overlaps LEFT by 0.8
FAR = [500.0, 0.0, 510.0, 10.0]


def boxes(*rows: list[float]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.array(rows, np.float32).reshape(-1, 4)


@pytest.mark.parametrize(
    ("labels", "found", "pairs"),
    [
        (boxes(LEFT, RIGHT), boxes(RIGHT, LEFT), [(1, 0), (0, 1)]),
        (boxes(LEFT), boxes(NEAR_LEFT, LEFT), [(0, 0)]),  # the stronger takes it, though it fits less
        (boxes(NEAR_LEFT, LEFT), boxes(LEFT), [(1, 0)]),  # the better of two labels
        (boxes(LEFT), boxes(FAR), []),
        (boxes(), boxes(LEFT), []),
        (boxes(LEFT), boxes(), []),
    ],
)
def test_boxes_are_paired_by_overlap_and_score(
    labels: np.ndarray, found: np.ndarray, pairs: list[tuple[int, int]]
) -> None:  # type: ignore[type-arg]
    assert match_boxes(labels, found) == pairs


def test_accuracy_counts_over_pictures_above_a_score() -> None:
    pictures = [
        (boxes(LEFT, RIGHT), Detections(boxes(LEFT, FAR, RIGHT), np.array([0.9, 0.5, 0.2], np.float32))),
        (boxes(LEFT), Detections.empty()),
    ]
    assert compare_detections(pictures) == DetectionAccuracy(3, 3, 2)
    strict = compare_detections(pictures, minimum_score=0.3)
    assert strict == DetectionAccuracy(3, 2, 1)
    assert (strict.recall, strict.precision) == (pytest.approx(1 / 3), 0.5)
