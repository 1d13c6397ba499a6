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
        self._seen = np.zeros((int(height / self._cell_px) + 1, int(width / self._cell_px) + 1))

    def learn(self, u: FloatArray, v: FloatArray) -> None:
        """Take feet that were seen at pixels, shapes (n,)."""
        rows, columns, is_inside = self._find_cells(u, v)
        np.add.at(self._seen, (rows[is_inside], columns[is_inside]), 1.0)

    def count(self, u: FloatArray, v: FloatArray) -> FloatArray:
        """How often feet were seen in the cells of pixels; 0 outside the picture."""
        rows, columns, is_inside = self._find_cells(u, v)
        counts: FloatArray = np.where(is_inside, self._seen[rows, columns], 0.0)
        return counts

    def _find_cells(
        self, u: FloatArray, v: FloatArray
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
        rows = np.floor(np.nan_to_num(v, nan=-1.0) / self._cell_px)
        columns = np.floor(np.nan_to_num(u, nan=-1.0) / self._cell_px)
        last_row, last_column = self._seen.shape[0] - 1, self._seen.shape[1] - 1
        is_inside = (rows >= 0) & (rows <= last_row) & (columns >= 0) & (columns <= last_column)
        return (
            np.clip(rows, 0, last_row).astype(np.intp),
            np.clip(columns, 0, last_column).astype(np.intp),
            is_inside,
        )
