"""Batches for training: random scale, place, mirror and light of the pictures of a rendered data set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from analytics.domain.errors import OutputError
from tools.training.rendered_dataset import read_dataset
from vision.detection.letterbox import PAD_GREY
from vision.pixel_types import Picture

MAX_COVERED = 0.75
"""A person covered by more than this is not asked for."""
_MIN_HEIGHT_PX = 7.0
_INTERPOLATIONS = (cv2.INTER_LINEAR, cv2.INTER_LINEAR, cv2.INTER_AREA, cv2.INTER_CUBIC)


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Pictures and boxes as the loss wants them.

    Attributes:
        pictures: shape (n, 3, height, width) float32, RGB, 0 to 1.
        picture_of_box: shape (m,), which picture each box is in.
        boxes: shape (m, 4) float32, centre, width and height as shares of the picture.
    """

    pictures: npt.NDArray[np.float32]
    picture_of_box: npt.NDArray[np.int64]
    boxes: npt.NDArray[np.float32]


def make_batches(
    *, folders: tuple[Path, ...], size: int, input_wh: tuple[int, int], rng: np.random.Generator
) -> Iterator[Batch]:
    """Batches without end; every picture once before any again."""
    pictures = [(folder / name, boxes) for folder in folders for name, boxes in read_dataset(folder).items()]
    while True:
        order = rng.permutation(len(pictures))
        for start in range(0, len(order) - size + 1, size):
            augmented = [
                augment(picture=_read(pictures[i][0]), boxes=pictures[i][1], input_wh=input_wh, rng=rng)
                for i in order[start : start + size]
            ]
            yield _collate([a[0] for a in augmented], [a[1] for a in augmented])


def augment(
    *, picture: Picture, boxes: npt.NDArray[np.float32], input_wh: tuple[int, int], rng: np.random.Generator
) -> tuple[Picture, npt.NDArray[np.float32]]:
    """One picture at the network's size, changed at random, and its boxes, shape (n, 4) in its pixels.

    ``boxes`` has shape (n, 5), the last column being the covered share.
    """
    width, height = input_wh
    fit = min(width / picture.shape[1], height / picture.shape[0])
    scale = fit * float(np.exp(rng.uniform(np.log(0.75), np.log(2.0)))) if rng.random() < 0.7 else fit
    interpolation = _INTERPOLATIONS[int(rng.integers(len(_INTERPOLATIONS)))]
    resized = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=interpolation)
    left, top = (
        int(rng.integers(min(0, room), max(0, room) + 1))
        for room in (width - resized.shape[1], height - resized.shape[0])
    )
    canvas = np.full((height, width, 3), PAD_GREY, np.uint8)
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + resized.shape[1], width), min(top + resized.shape[0], height)
    canvas[y0:y1, x0:x1] = resized[y0 - top : y1 - top, x0 - left : x1 - left]
    kept = boxes[boxes[:, 4] <= MAX_COVERED, :4] * scale + np.array([left, top, left, top], np.float32)
    clipped = np.clip(kept, 0, np.array([width, height, width, height], np.float32))
    area = np.prod(kept[:, 2:] - kept[:, :2], axis=1)
    rest = np.prod(clipped[:, 2:] - clipped[:, :2], axis=1)
    usable = (rest > 0.35 * area) & (clipped[:, 3] - clipped[:, 1] >= _MIN_HEIGHT_PX)
    clipped = clipped[usable]
    if rng.random() < 0.5:
        canvas = np.ascontiguousarray(canvas[:, ::-1])
        clipped[:, [0, 2]] = width - clipped[:, [2, 0]]
    return _change_light(canvas, rng), clipped


def _change_light(picture: Picture, rng: np.random.Generator) -> Picture:
    gain = rng.uniform(0.65, 1.4) * rng.uniform(0.92, 1.08, 3)
    lit = picture.astype(np.float32) * gain.astype(np.float32) + np.float32(rng.normal(0, 8))
    grey = lit.mean(axis=2, keepdims=True)
    saturation = 0.0 if rng.random() < 0.06 else float(rng.uniform(0.4, 1.3))
    lit = grey + (lit - grey) * np.float32(saturation)
    if rng.random() < 0.2:
        lit = np.asarray(cv2.GaussianBlur(lit, (0, 0), float(rng.uniform(0.4, 1.0))), np.float32)
    return np.asarray(np.clip(lit, 0, 255), np.uint8)


def _read(path: Path) -> Picture:
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise OutputError(
            "The picture {file} of the rendered data set cannot be read.",
            "Delete the folder of the data set, so that it is rendered again.",
            file=path.name,
        )
    return np.asarray(picture, np.uint8)


def _collate(pictures: list[Picture], boxes: list[npt.NDArray[np.float32]]) -> Batch:
    height, width = pictures[0].shape[:2]
    stacked = np.stack(pictures)[:, :, :, ::-1].transpose(0, 3, 1, 2)
    corners = np.concatenate(boxes)
    size = np.array([width, height], np.float32)
    centres = (corners[:, :2] + corners[:, 2:]) / 2 / size
    return Batch(
        np.ascontiguousarray(stacked, np.float32) / np.float32(255),
        np.repeat(np.arange(len(boxes)), [len(b) for b in boxes]),
        np.column_stack([centres, (corners[:, 2:] - corners[:, :2]) / size]).astype(np.float32),
    )
