"""Where in the picture feet have been seen: there, no furniture hides them.

A counter hides the same pixels at any time. So where somebody's feet were seen, a box that is too short for a
person of mean height shows somebody short rather than somebody whose feet are hidden.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

_COLUMNS = 40
"""Cells across the picture; a cell is as high as it is wide."""


class VisibleFloor:
    """How often feet were seen in each cell of one camera's picture."""

    def __init__(self, frame_size_wh: tuple[int, int]) -> None:
        width, height = frame_size_wh
        self._cell_px = max(width / _COLUMNS, 1.0)
        # a border of a cell all around stands for whatever is outside the picture
        rows, columns = int(height / self._cell_px) + 3, int(width / self._cell_px) + 3
        self._last = (float(rows - 1), float(columns - 1))
        self._columns = columns
        self._seen = np.zeros(rows * columns)
        is_inside = np.zeros((rows, columns))
        is_inside[1:-1, 1:-1] = 1.0
        self._is_inside = is_inside.reshape(-1)

    def learn(self, u: FloatArray, v: FloatArray) -> None:
        """Take feet that were seen at pixels, shapes (n,)."""
        cells = self._find_cells(u, v)
        np.add.at(self._seen, cells, self._is_inside[cells])

    def count(self, u: FloatArray, v: FloatArray) -> FloatArray:
        """How often feet were seen in the cells of pixels; 0 outside the picture."""
        counts: FloatArray = self._seen.take(self._find_cells(u, v))
        return counts

    def _find_cells(self, u: FloatArray, v: FloatArray) -> npt.NDArray[np.intp]:
        last_row, last_column = self._last
        # the maximum and minimum that take any number for less than none put what is no pixel outside
        rows = np.fmin(np.fmax(v / self._cell_px + 1.0, 0.0), last_row).astype(np.intp)
        columns = np.fmin(np.fmax(u / self._cell_px + 1.0, 0.0), last_column).astype(np.intp)
        return rows * self._columns + columns
