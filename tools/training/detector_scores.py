"""How well a detector finds the people of a rendered data set or of labelled pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from analytics.domain.errors import ModelError
from tools.training.detection_accuracy import intersection_over_union, match_boxes
from tools.training.rendered_dataset import read_dataset
from vision.detection.detector import Detector, detect
from vision.pixel_types import Detections, Picture

COUNTED_COVER = 0.5
"""People covered by this much or more are neither asked for nor counted as false."""
MIN_HEIGHT_SHARE = 0.05
"""People lower than this share of the picture's height likewise."""


@dataclass(frozen=True, slots=True)
class DetectorScore:
    """Recall over the counted people and precision over the detections, at one least score."""

    minimum_score: float
    people: int
    found_people: int
    detections: int
    true_detections: int

    @property
    def recall(self) -> float:
        """Share of the people that were found."""
        return self.found_people / self.people if self.people else float("nan")

    @property
    def precision(self) -> float:
        """Share of the detections that are people; those of people who do not count are left out."""
        return self.true_detections / self.detections if self.detections else float("nan")


def score_on_dataset(
    detector: Detector, folder: Path, *, minimum_scores: tuple[float, ...], minimum_iou: float = 0.5
) -> list[DetectorScore]:
    """Recall and precision on a rendered data set, one result per least score, as `score_on_pictures`."""
    return score_on_pictures(detector, _read(folder), minimum_scores=minimum_scores, minimum_iou=minimum_iou)


def score_on_pictures(
    detector: Detector,
    pictures: Iterable[tuple[Picture, npt.NDArray[np.float32]]],
    *,
    minimum_scores: tuple[float, ...],
    minimum_iou: float = 0.5,
) -> list[DetectorScore]:
    """Recall and precision, one result per least score.

    Boxes have shape (n, 5): left, top, right, bottom in pixels and the covered share. People covered by half
    or more, or lower than a twentieth of the picture, do not count: neither as missed nor, when they are
    found, as false.
    """
    found = [(boxes, detect(detector, [picture])[0], picture.shape[0]) for picture, boxes in pictures]
    return [
        _score(found, minimum_score=minimum_score, minimum_iou=minimum_iou)
        for minimum_score in minimum_scores
    ]


def _score(
    found: list[tuple[npt.NDArray[np.float32], Detections, int]], *, minimum_score: float, minimum_iou: float
) -> DetectorScore:
    people = found_people = detections = true_detections = 0
    for boxes, seen, height in found:
        counts = (boxes[:, 4] < COUNTED_COVER) & (boxes[:, 3] - boxes[:, 1] >= MIN_HEIGHT_SHARE * height)
        xyxy = seen.xyxy[seen.score >= minimum_score]
        pairs = match_boxes(boxes[:, :4], xyxy, minimum_iou=minimum_iou)
        hits = sum(bool(counts[label]) for label, _ in pairs)
        matched = {index for _, index in pairs}
        # a second look at people who do not count: a box that shows a part of one is not a false alarm
        rest = np.array([i for i in range(len(xyxy)) if i not in matched], int)
        others = boxes[~counts, :4]
        excused = (
            int((intersection_over_union(others, xyxy[rest]).max(axis=0) >= 0.3).sum())
            if len(rest) and len(others)
            else 0
        )
        people += int(counts.sum())
        found_people += hits
        true_detections += hits
        detections += hits + len(rest) - excused
    return DetectorScore(minimum_score, people, found_people, detections, true_detections)


def _read(folder: Path) -> Iterator[tuple[Picture, npt.NDArray[np.float32]]]:
    for name, boxes in read_dataset(folder).items():
        picture = cv2.imread(str(folder / name), cv2.IMREAD_COLOR)
        if picture is None:
            raise ModelError(
                "The picture {file} of the data set cannot be read.",
                "Delete the folder of the data set, so that it is rendered again.",
                file=name,
            )
        yield np.asarray(picture, np.uint8), boxes
