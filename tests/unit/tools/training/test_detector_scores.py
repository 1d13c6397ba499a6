from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from tools.training.detector_scores import score_on_dataset
from tools.training.rendered_dataset import LABEL_COLUMNS
from vision.pixel_types import Detections, Picture


class OneAnswer:
    """Implements `PendingDetections` and `Detector` with a prepared answer."""

    input_wh = (100, 100)

    def __init__(self, boxes: list[list[float]], scores: list[float]) -> None:
        self._answer = Detections(np.array(boxes, np.float32).reshape(-1, 4), np.array(scores, np.float32))

    def submit(self, pictures: Sequence[Picture]) -> OneAnswer:
        return self

    def wait(self) -> list[Detections]:
        return [self._answer]

    def close(self) -> None:
        """Nothing to let go of."""


def write_one_picture(folder: Path, boxes: list[list[float]]) -> None:
    cv2.imwrite(str(folder / "000000.jpg"), np.zeros((100, 100, 3), np.uint8))
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(LABEL_COLUMNS)
        writer.writerows(["000000.jpg", *box] for box in boxes)


SEEN = [10.0, 10.0, 30.0, 60.0, 0.1]
HIDDEN = [60.0, 10.0, 80.0, 60.0, 0.6]
TINY = [40.0, 90.0, 42.0, 93.0, 0.0]


@pytest.mark.parametrize(
    ("boxes", "scores", "recall", "precision"),
    [
        ([SEEN[:4]], [0.9], 1.0, 1.0),
        ([SEEN[:4], HIDDEN[:4]], [0.9, 0.8], 1.0, 1.0),
        ([SEEN[:4], [40, 60, 50, 80]], [0.9, 0.8], 1.0, 0.5),
        ([SEEN[:4], SEEN[:4]], [0.9, 0.8], 1.0, 0.5),
        ([[60, 10, 80, 35]], [0.9], 0.0, float("nan")),
        ([SEEN[:4]], [0.3], 0.0, float("nan")),
    ],
    ids=["found", "hidden excused", "false alarm", "found twice", "part of hidden excused", "too weak"],
)
def test_recall_and_precision_count_people_covered_by_less_than_half(
    tmp_path: Path, boxes: list[list[float]], scores: list[float], recall: float, precision: float
) -> None:
    write_one_picture(tmp_path, [SEEN, HIDDEN, TINY])
    score = score_on_dataset(OneAnswer(boxes, scores), tmp_path, minimum_scores=(0.5,))[0]
    assert score.people == 1
    assert score.recall == pytest.approx(recall, nan_ok=True)
    assert score.precision == pytest.approx(precision, nan_ok=True)
