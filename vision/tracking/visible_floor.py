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
        self._last = np.array([[columns - 1.0], [rows - 1.0]])
        self._columns = columns
        self._seen = np.zeros(rows * columns)
        is_inside = np.zeros((rows, columns))
        is_inside[1:-1, 1:-1] = 1.0
        self._is_inside = is_inside.reshape(-1)

    def learn(self, uv: FloatArray) -> None:
        """Take feet that were seen at pixels, shape (2, n)."""
        cells = self._find_cells(uv)
        np.add.at(self._seen, cells, self._is_inside[cells])

    def count(self, uv: FloatArray) -> FloatArray:
        """How often feet were seen in the cells of pixels, shape (2, n); 0 outside the picture."""
        counts: FloatArray = self._seen.take(self._find_cells(uv))
        return counts

    def _find_cells(self, uv: FloatArray) -> npt.NDArray[np.intp]:
        # the maximum and minimum that take any number for less than none put what is no pixel outside
        columns, rows = np.fmin(np.fmax(uv / self._cell_px + 1.0, 0.0), self._last).astype(np.intp)
        cells: npt.NDArray[np.intp] = rows * self._columns + columns
        return cells
