"""What share of the boxes of one network another one finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from tools.training.detection_accuracy import match_boxes
from vision.detection.detector import detect
from vision.detection.openvino_detector import OpenVinoDetector
from vision.pixel_types import Picture

REFERENCE_SCORE = 0.5
IOU = 0.5
EVERY = 5


@dataclass(frozen=True, slots=True)
class Recall:
    """Shares, 0 to 1."""

    overall: float
    by_clip: dict[str, float]


def measure_recall(*, reference: Path, candidate: Path, clips: Sequence[Path]) -> Recall:
    """Boxes of the reference at score 0.5 that the candidate finds at IoU 0.5, on every fifth picture."""
    expected, found = {}, {}
    first, second = OpenVinoDetector.load(reference), OpenVinoDetector.load(candidate)
    for clip in clips:
        expected[clip.name] = found[clip.name] = 0
        for picture in read_pictures(clip):
            (wanted,), (seen,) = detect(first, [picture]), detect(second, [picture])
            boxes = wanted.xyxy[wanted.score >= REFERENCE_SCORE]
            expected[clip.name] += len(boxes)
            found[clip.name] += len(match_boxes(boxes, seen.xyxy, minimum_iou=IOU))
    first.close()
    second.close()
    return Recall(
        overall=sum(found.values()) / sum(expected.values()),
        by_clip={name: found[name] / max(1, expected[name]) for name in expected},
    )


def read_pictures(clip: Path) -> Iterator[Picture]:
    """Every fifth picture of a clip."""
    with av.open(str(clip)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number % EVERY == 0:
                yield frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False)
