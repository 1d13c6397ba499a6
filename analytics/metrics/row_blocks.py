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
    """Blocks of rows with finite positions, each of shape (n,), metres."""

    def __init__(self, *, x_m: FloatArray, y_m: FloatArray) -> None:
        self._x_m, self._y_m = x_m, y_m
        begins = np.arange(0, len(x_m), BLOCK_ROWS)
        if len(begins):
            self._low = np.minimum.reduceat(x_m, begins), np.minimum.reduceat(y_m, begins)
            self._high = np.maximum.reduceat(x_m, begins), np.maximum.reduceat(y_m, begins)
        else:
            self._low = self._high = np.empty(0), np.empty(0)

    def find_near_blocks(self, points: tuple[Point, ...], reach_m: float) -> IntArray:
        """Return the blocks that meet the bounding box of ``points`` widened by a reach."""
        corners = np.asarray(points)
        low, high = corners.min(axis=0) - reach_m, corners.max(axis=0) + reach_m
        is_near = np.ones(len(self._low[0]), bool)
        for axis in range(2):
            is_near &= (self._high[axis] >= low[axis]) & (self._low[axis] <= high[axis])
        return np.flatnonzero(is_near).astype(np.int64, copy=False)

    def find_near(self, points: tuple[Point, ...]) -> IntArray:
        """Return the rows in the bounding box of ``points``, in order."""
        blocks = self.find_near_blocks(points, 0.0)
        corners = np.asarray(points)
        low, high = corners.min(axis=0), corners.max(axis=0)
        x_m, y_m = take_blocks(self._x_m, blocks), take_blocks(self._y_m, blocks)
        is_near = (x_m >= low[0]) & (x_m <= high[0]) & (y_m >= low[1]) & (y_m <= high[1])
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
