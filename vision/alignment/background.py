"""The empty floor of a camera: the median of its last pictures without people, small and grey."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from analytics.domain.arrays import BoolArray
from vision.pixel_types import Picture

GreyPicture = npt.NDArray[np.uint8]
"""Shape (height, width)."""

BACKGROUND_WIDTH_PX = 480
"""Width of the small copy, at which a shift of half a percent is more than two pixels."""
SAMPLES = 15
"""Number of pictures, odd so that a median is one of them."""
_SURROUNDINGS_PX = 20.0
_BOX_MARGIN_PART = 0.1
"""Margin around a box, as a share of its size, for shadows, hair and elbows."""


def shrink_size(size_wh: tuple[int, int]) -> tuple[int, int]:
    """Return width and height of the small copy of a picture."""
    width = min(size_wh[0], BACKGROUND_WIDTH_PX)
    return width, max(1, round(size_wh[1] * width / size_wh[0]))


def shrink_picture(picture: Picture) -> GreyPicture:
    """Return a small grey copy, ``BACKGROUND_WIDTH_PX`` wide or as wide as the picture where that is less.

    Args:
        picture: shape (height, width, 3), BGR.
    """
    height, width = picture.shape[:2]
    small = cv2.resize(picture, shrink_size((width, height)), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)


class BackgroundModel:
    """The last ``SAMPLES`` pictures of one size, in memory only."""

    def __init__(self) -> None:
        self._pictures: npt.NDArray[np.uint8] | None = None
        self._covered: npt.NDArray[np.bool_] | None = None
        self._count = 0
        self._known: GreyPicture | None = None

    @property
    def is_full(self) -> bool:
        """Return whether the maximum number of pictures is stored."""
        return self._count >= SAMPLES

    def reset(self) -> None:
        """Drop all pictures."""
        self._count = 0

    def add(self, picture: GreyPicture, people_xyxy: npt.NDArray[np.float32] | Sequence[float] = ()) -> None:
        """Add a picture; one of another size starts a new background.

        Args:
            people_xyxy: shape (n, 4), boxes of people in pixels of this small picture; what they cover does
                not count.
        """
        if self._pictures is None or self._pictures.shape[1:] != picture.shape:
            self._pictures = np.zeros((SAMPLES, *picture.shape), np.uint8)
            self._covered = np.zeros((SAMPLES, *picture.shape), np.bool_)
            self._count = 0
        assert self._covered is not None
        place = self._count % SAMPLES
        covered = cover_boxes(picture.shape, np.asarray(people_xyxy, np.float64).reshape(-1, 4))
        self._covered[place] = covered
        self._pictures[place] = picture
        # as much above as below every grey level, so that the median is that of the other pictures
        self._pictures[place][covered] = 255 if self._count % 2 else 0
        self._count += 1

    def drop_hidden(self) -> None:
        """Drop earlier values where people stand now, as they show another view."""
        self._known = None

    def estimate(self) -> tuple[GreyPicture, BoolArray]:
        """Return the median picture, and where it is unknown because people stood there in most pictures.

        There it shows what it showed before, or the grey of the surroundings. Only once something was added.
        """
        assert self._pictures is not None
        assert self._covered is not None
        count = min(self._count, SAMPLES)
        middle = count // 2
        median = np.partition(self._pictures[:count], middle, axis=0)[middle]
        unknown: BoolArray = self._covered[:count].sum(axis=0) > count // 2
        self._known = _fill(np.asarray(median, np.uint8), unknown, self._known)
        return self._known, unknown


def _fill(picture: GreyPicture, unknown: BoolArray, known: GreyPicture | None) -> GreyPicture:
    """Fill unknown pixels from another picture, or with the mean of their surroundings."""
    if not unknown.any():
        return picture
    if known is None or known.shape != picture.shape:
        weight = cv2.GaussianBlur((~unknown).astype(np.float32), (0, 0), _SURROUNDINGS_PX)
        light = cv2.GaussianBlur(np.where(unknown, 0, picture).astype(np.float32), (0, 0), _SURROUNDINGS_PX)
        known = np.asarray(np.clip(light / np.maximum(weight, 1e-3), 0, 255), np.uint8)
    return np.where(unknown, known, picture)


def cover_boxes(shape: tuple[int, ...], xyxy: npt.NDArray[np.float64]) -> BoolArray:
    """Return which pixels, of a (height, width) shape, lie in or near boxes, shape (n, 4)."""
    covered = np.zeros(shape, np.bool_)
    for left, top, right, bottom in xyxy.tolist():
        across, down = _BOX_MARGIN_PART * (right - left), _BOX_MARGIN_PART * (bottom - top)
        rows = slice(max(0, int(top - down)), max(0, int(bottom + down) + 1))
        covered[rows, max(0, int(left - across)) : max(0, int(right + across) + 1)] = True
    return covered
