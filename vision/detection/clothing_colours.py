"""Colours of people's clothes in a picture: a few numbers per box, for immediate use by the tracker.

They distinguish a visitor's clothes from those of others nearby, and no more: 128 points of the torso and the
legs become histograms of 62 numbers. They are held while the person is tracked, and neither stored nor sent.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vision.pixel_types import Picture

FloatArray = npt.NDArray[np.float32]

TORSO_HEIGHTS, LEGS_HEIGHTS = (0.20, 0.50), (0.55, 0.85)
"""Parts of the box from its top, in box heights; the face is left out."""
MIDDLE_WIDTHS = (0.2, 0.8)
MIN_WH_PX = (6.0, 20.0)
"""Minimum size in pixels; a smaller box shows too much of the background."""
CHROMA_BINS, LIGHTNESS_BINS = 5, 6
COLOURS = 2 * (CHROMA_BINS**2 + LIGHTNESS_BINS)
"""Number of values that describe a box."""
_POINTS = 8
"""Sampled points along each side of each part."""
_MIN_SEEN = 0.5
"""Minimum share of each part's points that are neither blackened nor behind another person."""
BESIDE_BODY_WIDTHS = 0.1
"""Share of a box's width, at each side, that shows none of its person."""
NEARER_HEIGHTS = 0.02
"""Difference in box heights by which a nearer person's feet are lower in the picture."""
_DARK_LEVELS = 36.0
"""Added to the sum of the channels: for near black, the colour is only sensor noise."""
_MEDIUM_CHROMA, _MAX_CHROMA = 0.12, 0.8
"""Scale and limit of chroma: most clothes are nearly grey, so small differences count for more."""
_DARKEST_OCTAVES = -3.0
"""Lower end against the picture's mean; bins are an octave apart, the last one is open."""
_EXPOSURE_POINTS = 24
"""Sampled points along the longer side of the picture."""


def describe_clothes(picture: Picture, xyxy: FloatArray) -> FloatArray:
    """Return descriptions of the clothes of people in boxes.

    Args:
        picture: the picture of the boxes, or a smaller copy; areas hidden for privacy are black in it.
        xyxy: shape (n, 4), in pixels of this picture.

    Returns:
        Shape (n, 62), of length 1 each: square roots of histograms of colour and of lightness against the
        picture's, of torso and legs, so that half the squared distance of two is Hellinger's, from 0 for
        equal clothes to 1. NaN for a box that is too small, too much
        blackened, or covered by others for the most part.
    """
    count = len(xyxy)
    if not count:
        return np.empty((0, COLOURS), np.float32)
    # an invalid box has no size left
    xyxy = np.where(np.isfinite(xyxy), xyxy, np.float32(0))
    rows, columns = _place_points(xyxy)
    blue, green, red = _read_points(picture, rows, columns)
    total = blue + green
    total += red
    is_seen = total > 0
    if count > 1:
        is_seen &= ~_find_covered(xyxy, rows, columns)
    weight = 1.0 / (total + _DARK_LEVELS)
    chroma = np.empty((2, *total.shape), np.float32)
    chroma[0] = (red - green) * weight
    chroma[1] = (red + green - 2 * blue) * (0.5 * weight)
    chroma /= np.abs(chroma) + _MEDIUM_CHROMA
    chroma *= (CHROMA_BINS - 1) / (2 * _MAX_CHROMA)
    chroma += (CHROMA_BINS - 1) / 2
    lightness = np.log2((total + _DARK_LEVELS) / (_measure_exposure(picture) + _DARK_LEVELS))
    lightness -= _DARKEST_OCTAVES
    histograms = _count(chroma, lightness, is_seen)
    seen = np.count_nonzero(is_seen, axis=2)
    histograms /= 4.0 * np.maximum(seen, 1)[:, :, None]
    described = np.sqrt(histograms.reshape(count, COLOURS), dtype=np.float32)
    is_small = (xyxy[:, 2:] - xyxy[:, :2] < np.array(MIN_WH_PX, np.float32)).any(axis=1)
    described[is_small | (seen < _MIN_SEEN * _POINTS**2).any(axis=1)] = np.nan
    return described


def _place_points(xyxy: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return rows of torso and legs, shape (n, 2, k), and columns, shape (n, k), in pixels."""
    steps = (np.arange(_POINTS, dtype=np.float32) + 0.5) / _POINTS
    down = np.stack([low + (high - low) * steps for low, high in (TORSO_HEIGHTS, LEGS_HEIGHTS)])
    across = MIDDLE_WIDTHS[0] + (MIDDLE_WIDTHS[1] - MIDDLE_WIDTHS[0]) * steps
    left, top, right, bottom = xyxy.T
    rows = top[:, None, None] + (bottom - top)[:, None, None] * down
    columns = left[:, None] + (right - left)[:, None] * across
    return rows, columns


def _find_covered(xyxy: FloatArray, rows: FloatArray, columns: FloatArray) -> npt.NDArray[np.bool_]:
    """Return which points, shape (n, 2, points), lie behind a nearer person, whose feet are lower."""
    left, top, right, bottom = xyxy.T
    margin = BESIDE_BODY_WIDTHS * (right - left)
    is_beside = columns[:, None] > (left + margin)[:, None]
    is_beside &= columns[:, None] < (right - margin)[:, None]
    down = rows.reshape(len(rows), -1, 1)
    is_nearer = bottom > (bottom + NEARER_HEIGHTS * (bottom - top))[:, None]
    is_level = (down > top) & (down < bottom) & is_nearer[:, None]
    covering = is_level.astype(np.float32) @ is_beside.astype(np.float32)
    is_covered: npt.NDArray[np.bool_] = (covering > 0.5).reshape(len(rows), 2, -1)
    return is_covered


def _read_points(picture: Picture, rows: FloatArray, columns: FloatArray) -> FloatArray:
    """Return blue, green and red at the points of torso and legs, shape (3, n, 2, points)."""
    height, width = picture.shape[:2]
    row = np.clip(rows, 0, height - 1).astype(np.intp)[:, :, :, None]
    column = np.clip(columns, 0, width - 1).astype(np.intp)[:, None, None, :]
    points = picture[row, column].reshape(len(rows), 2, _POINTS**2, 3)
    return np.ascontiguousarray(np.moveaxis(points, 3, 0), dtype=np.float32)


def _measure_exposure(picture: Picture) -> float:
    """Return the mean sum of the channels over pixels that are not blackened."""
    step = max(max(picture.shape) // _EXPOSURE_POINTS, 1)
    blue, green, red = np.moveaxis(picture[step // 2 :: step, step // 2 :: step].astype(np.int32), 2, 0)
    sums = blue + green + red
    seen = np.count_nonzero(sums)
    return float(sums.sum()) / seen if seen else 0.0


def _count(chroma: FloatArray, lightness: FloatArray, is_seen: npt.NDArray[np.bool_]) -> FloatArray:
    """Return histograms of colour and lightness, shape (n, 2, 31), points interpolated between bins."""
    parts = is_seen.shape[0] * 2
    per_part = COLOURS // 2
    begin = np.arange(parts).reshape(-1, 2, 1) * per_part
    np.clip(chroma, 0, CHROMA_BINS - 1, out=chroma)
    np.clip(lightness, 0, LIGHTNESS_BINS - 1, out=lightness)
    low = np.minimum(chroma.astype(np.intp), CHROMA_BINS - 2)
    beyond = chroma - low
    low_light = np.minimum(lightness.astype(np.intp), LIGHTNESS_BINS - 2)
    beyond_light = (lightness - low_light) * is_seen
    far, near = beyond[0] * is_seen, (1 - beyond[0]) * is_seen
    cell = begin + low[0] * CHROMA_BINS + low[1]
    light = begin + CHROMA_BINS**2 + low_light
    where = np.stack([cell, cell + 1, cell + CHROMA_BINS, cell + CHROMA_BINS + 1, light, light + 1])
    weights = np.stack(
        [
            near * (1 - beyond[1]),
            near * beyond[1],
            far * (1 - beyond[1]),
            far * beyond[1],
            is_seen - beyond_light,
            beyond_light,
        ]
    )
    counted = np.bincount(where.ravel(), weights.ravel(), minlength=parts * per_part)
    return counted.reshape(-1, 2, per_part).astype(np.float32)
