"""Boxes that were found against boxes that are true: who was found, and what was found that is nobody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vision.pixel_types import Detections

Boxes = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class DetectionAccuracy:
    """Counts over all pictures.

    Attributes:
        true_count: labelled boxes.
        found_count: detected boxes.
        matched_count: pairs of both.
    """

    true_count: int
    found_count: int
    matched_count: int

    @property
    def recall(self) -> float:
        """Share of the labelled boxes that were found; not a number where there is none."""
        return self.matched_count / self.true_count if self.true_count else float("nan")

    @property
    def precision(self) -> float:
        """Share of the detected boxes that are labelled; not a number where there is none."""
        return self.matched_count / self.found_count if self.found_count else float("nan")


def compare_detections(
    pictures: Iterable[tuple[Boxes, Detections]], *, minimum_iou: float = 0.5, minimum_score: float = 0.0
) -> DetectionAccuracy:
    """Count over pictures of labelled boxes (n, 4) xyxy and detections, both in pixels.

    Args:
        minimum_score: weaker detections are left out.
    """
    true_count = found_count = matched_count = 0
    for labels, detections in pictures:
        found = detections.xyxy[detections.score >= minimum_score]
        true_count += len(labels)
        found_count += len(found)
        matched_count += len(match_boxes(labels, found, minimum_iou=minimum_iou))
    return DetectionAccuracy(true_count, found_count, matched_count)


def match_boxes(labels: Boxes, found: Boxes, *, minimum_iou: float = 0.5) -> list[tuple[int, int]]:
    """Pairs (index of label, index of found box), strongest detection first, as in PASCAL VOC and COCO.

    Each detection in turn takes the free label that it overlaps most, if by at least the minimum.

    Args:
        found: shape (n, 4), in descending order of score.
    """
    overlaps = intersection_over_union(labels, found)
    pairs: list[tuple[int, int]] = []
    for index in range(len(found)):
        if len(labels) == 0:
            break
        label = int(overlaps[:, index].argmax())
        if overlaps[label, index] >= minimum_iou:
            pairs.append((label, index))
            overlaps[label] = -1
    return pairs


def intersection_over_union(first: Boxes, second: Boxes) -> npt.NDArray[np.float64]:
    """Shape (len(first), len(second)): shared area over joint area of boxes xyxy; 0 for empty boxes."""
    one = np.asarray(first, np.float64).reshape(-1, 1, 4)
    two = np.asarray(second, np.float64).reshape(1, -1, 4)
    width = np.minimum(one[..., 2], two[..., 2]) - np.maximum(one[..., 0], two[..., 0])
    height = np.minimum(one[..., 3], two[..., 3]) - np.maximum(one[..., 1], two[..., 1])
    shared = np.maximum(width, 0) * np.maximum(height, 0)
    areas = [(box[..., 2] - box[..., 0]) * (box[..., 3] - box[..., 1]) for box in (one, two)]
    joint = areas[0] + areas[1] - shared
    result: npt.NDArray[np.float64] = np.divide(shared, joint, out=np.zeros_like(shared), where=joint > 0)
    return result
