"""Bounding boxes of blocks of rows, so that a zone looks only at the rows that may be near it.

Rows are ordered by person and time, so that a block of a few seconds lies together on the floor.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analytics.domain.floor_geometry import Point

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

ROWS = 16
"""Of a block: three seconds at five rows a second."""


class RowBlocks:
    """The blocks of finite positions and their errors, each of shape (n,), metres."""

    def __init__(self, *, x_m: FloatArray, y_m: FloatArray, sigma_m: FloatArray) -> None:
        self._x_m, self._y_m, self._sigma_m = x_m, y_m, sigma_m
        begins = np.arange(0, len(x_m), ROWS)
        if len(begins):
            self._low = np.minimum.reduceat(x_m, begins), np.minimum.reduceat(y_m, begins)
            self._high = np.maximum.reduceat(x_m, begins), np.maximum.reduceat(y_m, begins)
            self._largest_sigma_m = np.maximum.reduceat(sigma_m, begins)

    def find_near(
        self, points: tuple[Point, ...], *, smallest_reach_m: float, reach_sigmas: float
    ) -> IntArray:
        """Rows in the bounding box of ``points`` widened by each row's reach, in their order.

        Args:
            reach_sigmas: a row reaches so many of its position errors,
            smallest_reach_m: but at least this far.
        """
        if not len(self._x_m):
            return np.empty(0, np.int64)
        corners = np.asarray(points)
        low, high = corners.min(axis=0), corners.max(axis=0)
        reach_m = np.maximum(smallest_reach_m, reach_sigmas * self._largest_sigma_m)
        is_near = np.ones(len(reach_m), bool)
        for axis in range(2):
            is_near &= (self._high[axis] >= low[axis] - reach_m) & (self._low[axis] <= high[axis] + reach_m)
        blocks = np.flatnonzero(is_near)
        rows = (blocks[:, None] * ROWS + np.arange(ROWS)).reshape(-1)
        rows = rows[: np.searchsorted(rows, len(self._x_m))]
        x_m, y_m = self._x_m[rows], self._y_m[rows]
        reach_m = np.maximum(smallest_reach_m, reach_sigmas * self._sigma_m[rows])
        is_near = (x_m >= low[0] - reach_m) & (x_m <= high[0] + reach_m)
        is_near &= (y_m >= low[1] - reach_m) & (y_m <= high[1] + reach_m)
        return np.asarray(rows[is_near], np.int64)
