"""Bounding boxes of blocks of rows, so that a zone examines only rows that may be near it.

Rows are ordered by person and time, so that a block of a few seconds lies together on the floor.
"""

from __future__ import annotations

import numpy as np

from analytics.domain.arrays import FloatArray, IntArray
from analytics.domain.floor_geometry import Point

BLOCK_ROWS = 16
"""Rows of a block: three seconds at five rows per second."""


class RowBlocks:
    """Blocks of rows with finite positions and errors, each of shape (n,), metres.

    Attributes:
        max_sigma_m: largest error in each block, shape (blocks,).
    """

    def __init__(self, *, x_m: FloatArray, y_m: FloatArray, sigma_m: FloatArray) -> None:
        self._x_m, self._y_m, self._sigma_m = x_m, y_m, sigma_m
        begins = np.arange(0, len(x_m), BLOCK_ROWS)
        if len(begins):
            self._low = np.minimum.reduceat(x_m, begins), np.minimum.reduceat(y_m, begins)
            self._high = np.maximum.reduceat(x_m, begins), np.maximum.reduceat(y_m, begins)
            self.max_sigma_m = np.maximum.reduceat(sigma_m, begins)
        else:
            self._low = self._high = np.empty(0), np.empty(0)
            self.max_sigma_m = np.empty(0)

    def find_near_blocks(self, points: tuple[Point, ...], reach_m: FloatArray) -> IntArray:
        """Return the blocks that meet the bounding box of ``points`` widened by each block's reach."""
        corners = np.asarray(points)
        low, high = corners.min(axis=0), corners.max(axis=0)
        is_near = np.ones(len(reach_m), bool)
        for axis in range(2):
            is_near &= self._high[axis] >= low[axis] - reach_m
            is_near &= self._low[axis] <= high[axis] + reach_m
        return np.flatnonzero(is_near).astype(np.int64, copy=False)

    def measure_min_depth(self, blocks: IntArray, half_planes: FloatArray) -> FloatArray:
        """Return the minimum depth of all positions of the given blocks in a convex polygon, metres.

        Args:
            half_planes: of ``find_half_planes``.
        """
        depth = np.full(len(blocks), np.inf)
        low, high = ([bounds[axis][blocks] for axis in range(2)] for bounds in (self._low, self._high))
        for a, b, c in half_planes.tolist():
            nearest = a * (low if a >= 0 else high)[0] + b * (low if b >= 0 else high)[1] - c
            np.minimum(depth, nearest, out=depth)
        return depth

    def find_near(self, points: tuple[Point, ...], *, min_reach_m: float, reach_sigmas: float) -> IntArray:
        """Return the rows in the bounding box of ``points`` widened by each row's reach, in order.

        Args:
            reach_sigmas: reach of a row in position errors,
            min_reach_m: but at least this far.
        """
        blocks = self.find_near_blocks(points, np.maximum(min_reach_m, reach_sigmas * self.max_sigma_m))
        corners = np.asarray(points)
        low, high = corners.min(axis=0), corners.max(axis=0)
        x_m, y_m = take_blocks(self._x_m, blocks), take_blocks(self._y_m, blocks)
        reach_m = np.maximum(min_reach_m, reach_sigmas * take_blocks(self._sigma_m, blocks))
        is_near = (x_m >= low[0] - reach_m) & (x_m <= high[0] + reach_m)
        is_near &= (y_m >= low[1] - reach_m) & (y_m <= high[1] + reach_m)
        return np.asarray(list_rows(blocks, len(self._x_m))[is_near], np.int64)


def list_rows(blocks: IntArray, count: int) -> IntArray:
    """Return the rows of ascending blocks, out of ``count`` rows."""
    rows = (blocks[:, None] * BLOCK_ROWS + np.arange(BLOCK_ROWS)).reshape(-1)
    return np.asarray(rows[: np.searchsorted(rows, count)], np.int64)


def take_blocks(values: FloatArray, blocks: IntArray) -> FloatArray:
    """Return the values, shape (n,), of the rows of ascending blocks; faster than row by row."""
    whole = values[: len(values) // BLOCK_ROWS * BLOCK_ROWS].reshape(-1, BLOCK_ROWS)
    if not len(blocks) or blocks[-1] < len(whole):
        return whole[blocks].reshape(-1)
    return np.concatenate([whole[blocks[:-1]].reshape(-1), values[len(whole) * BLOCK_ROWS :]])
