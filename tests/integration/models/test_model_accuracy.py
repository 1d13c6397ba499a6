"""The real network finds the labelled people of a corridor."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from resources.files import resource_path
from tools.training.detection_accuracy import compare_detections
from vision.detection.detector import detect
from vision.detection.model_catalogue import SHIPPED_MODEL
from vision.detection.openvino_detector import OpenVinoDetector
from vision.pixel_types import Picture


def read_labels(path: Path) -> dict[int, list[list[float]]]:
    """Boxes xyxy by frame; people whom others hide are not counted."""
    boxes: dict[int, list[list[float]]] = {}
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["occluded"] == "0":
                left, top = float(row["left"]), float(row["top"])
                right, bottom = left + float(row["w"]), top + float(row["h"])
                boxes.setdefault(int(row["frame"]), []).append([left, top, right, bottom])
    return boxes


def read_frames(video: Path, numbers: set[int]) -> dict[int, Picture]:
    capture = cv2.VideoCapture(str(video))
    frames: dict[int, Picture] = {}
    for number in range(max(numbers) + 1):
        is_read, picture = capture.read()
        assert is_read
        if number in numbers:
            frames[number] = np.asarray(picture, np.uint8)
    capture.release()
    return frames


def test_the_network_that_ships_finds_drawn_visitors() -> None:
    frame = read_frames(resource_path("demo", "demo.expoflow", "clips", "middle-west.mp4"), {160})[160]
    detector = OpenVinoDetector.load(resource_path("models", SHIPPED_MODEL), minimum_score=0.45)
    (found,) = detect(detector, [frame])
    assert 5 <= len(found.score) <= 14


@pytest.mark.footage
@pytest.mark.parametrize("minimum_score", [pytest.param(0.1, marks=pytest.mark.slow), 0.25])
def test_at_least_40_of_44_labelled_people_are_found(footage: Path, minimum_score: float) -> None:
    labels = read_labels(footage / "clips" / "gt" / "EnterExitCrossingPaths1cor_sparse_boxes_gt.csv")
    frames = read_frames(footage / "clips" / "caviar_EnterExitCrossingPaths1cor.mpg", set(labels))
    detector = OpenVinoDetector.load(resource_path("models", SHIPPED_MODEL), minimum_score=minimum_score)
    numbers = sorted(labels)
    found = detect(detector, [frames[number] for number in numbers])
    pairs = [
        (np.array(labels[number], np.float32), each) for number, each in zip(numbers, found, strict=True)
    ]
    accuracy = compare_detections(pairs, minimum_iou=0.5)
    assert accuracy.true_count == 44
    assert accuracy.matched_count >= 40
