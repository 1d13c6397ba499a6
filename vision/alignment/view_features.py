"""The features of a camera's view: corner points with binary descriptors, and edge strengths.

Neither shows a person: the points are those of the empty floor, and no picture can be made of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from analytics.domain.arrays import BoolArray, FloatArray
from vision.alignment.background import GreyPicture

Descriptors = npt.NDArray[np.uint8]

MAX_POINTS = 700
GRID = (8, 6)
"""Columns and rows of the cells over which points are spread and edges are measured."""
FINE_PX, COARSE_PX = 1.2, 2.0
"""Scales of edges: a defocused lens loses the first, a covered one also the second."""
_CANDIDATES = 2500
_POINTS_PER_CELL = 24
_FAST_THRESHOLD = 8
_PATCH_PX = 31
_LOCAL_SIGMA_PX = 8.0
_MIN_CONTRAST = 4.0
"""Grey levels below which local contrast is noise and not amplified."""
_HIDDEN_MARGIN_PX = 17


@dataclass(frozen=True, slots=True, eq=False)
class ViewFeatures:
    """The features of one small grey view.

    Attributes:
        size_wh: of the small picture.
        points_px: shape (n, 2), u and v in it.
        descriptors: shape (n, 32), ORB.
        edges, structure: shape (rows, columns) of ``GRID``: mean strength of fine and coarse edges, grey
            levels.
        tones: the same shape: mean grey level of each cell.
    """

    size_wh: tuple[int, int]
    points_px: FloatArray
    descriptors: Descriptors
    edges: FloatArray
    structure: FloatArray
    tones: FloatArray

    def __len__(self) -> int:
        return len(self.points_px)


def find_features(
    picture: GreyPicture,
    *,
    unknown: BoolArray | None = None,
    hidden: Sequence[Sequence[tuple[float, float]]] = (),
) -> ViewFeatures:
    """Compute the features of a background.

    Args:
        unknown: where the background is not known, shape of the picture.
        hidden: polygons in its pixels that do not move with the view, such as privacy masks.
    """
    height, width = picture.shape
    allowed = np.full(picture.shape, 255, np.uint8)
    if unknown is not None and unknown.any():
        grown = cv2.dilate(unknown.astype(np.uint8), np.ones((5, 5), np.uint8))
        allowed[grown > 0] = 0
    for polygon in hidden:
        corners = np.round(np.asarray(polygon)).astype(np.int32)
        cv2.fillPoly(allowed, [corners], 0)
        cv2.polylines(allowed, [corners], True, 0, 2 * _HIDDEN_MARGIN_PX)
    normal = normalise_contrast(picture)
    orb = cv2.ORB.create(
        nfeatures=_CANDIDATES, scaleFactor=1.3, nlevels=4, patchSize=_PATCH_PX, fastThreshold=_FAST_THRESHOLD
    )
    found = orb.detect(normal, allowed)
    kept = _spread(found, (width, height))
    keypoints, descriptors = orb.compute(normal, kept)
    points = np.array([keypoint.pt for keypoint in keypoints], np.float64).reshape(-1, 2)
    return ViewFeatures(
        (width, height),
        points,
        # None for a picture without a corner
        np.asarray(descriptors if len(points) else np.empty((0, 32)), np.uint8),
        measure_edges(picture, sigma_px=FINE_PX),
        measure_edges(picture, sigma_px=COARSE_PX),
        measure_tones(picture),
    )


def normalise_contrast(picture: GreyPicture) -> GreyPicture:
    """Return the picture with equal local mean and about equal local contrast."""
    grey = picture.astype(np.float32)
    mean = cv2.GaussianBlur(grey, (0, 0), _LOCAL_SIGMA_PX)
    offset = grey - mean
    deviation = np.sqrt(cv2.GaussianBlur(offset * offset, (0, 0), _LOCAL_SIGMA_PX))
    return np.asarray(np.clip(128 + 48 * offset / np.maximum(deviation, _MIN_CONTRAST), 0, 255), np.uint8)


def measure_edges(picture: npt.NDArray[np.uint8] | npt.NDArray[np.float32], *, sigma_px: float) -> FloatArray:
    """Return the mean edge strength per cell of ``GRID``, grey levels; shape (rows, columns).

    The Laplacian of the picture smoothed by a Gaussian of ``sigma_px``.
    """
    smooth = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), sigma_px)
    strength = np.abs(cv2.Laplacian(smooth, cv2.CV_32F))
    return np.asarray(cv2.resize(strength, GRID, interpolation=cv2.INTER_AREA), np.float64)


def measure_tones(picture: npt.NDArray[np.uint8] | npt.NDArray[np.float32]) -> FloatArray:
    """Return the mean grey level of each cell of ``GRID``; shape (rows, columns)."""
    return np.asarray(cv2.resize(picture.astype(np.float32), GRID, interpolation=cv2.INTER_AREA), np.float64)


def find_cells(points_px: FloatArray, size_wh: tuple[int, int]) -> npt.NDArray[np.int64]:
    """Return the cell number of ``GRID`` for each point, shape (n, 2); clipped to the picture."""
    column = np.clip(points_px[:, 0] * GRID[0] / size_wh[0], 0, GRID[0] - 1).astype(np.int64)
    row = np.clip(points_px[:, 1] * GRID[1] / size_wh[1], 0, GRID[1] - 1).astype(np.int64)
    return row * GRID[0] + column


def _spread(found: Sequence[cv2.KeyPoint], size_wh: tuple[int, int]) -> list[cv2.KeyPoint]:
    """Select the strongest points of every cell, so that one busy stand does not dominate."""
    if not found:
        return []
    ordered = sorted(found, key=lambda keypoint: -keypoint.response)
    cells = find_cells(np.array([keypoint.pt for keypoint in ordered]), size_wh)
    counts = np.zeros(GRID[0] * GRID[1], np.int64)
    kept = []
    for keypoint, cell in zip(ordered, cells.tolist(), strict=True):
        if counts[cell] < _POINTS_PER_CELL:
            counts[cell] += 1
            kept.append(keypoint)
    return kept[:MAX_POINTS]
