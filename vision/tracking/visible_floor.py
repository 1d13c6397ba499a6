"""Where in the picture feet have been seen, and where furniture has hidden them.

A counter hides the same pixels at any time. So where somebody's feet were seen, a box that is too short for a
person of mean height shows somebody short rather than somebody whose feet are hidden; and the other way round
where the feet of people whose stature is known were hidden by nobody.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

HIDDEN_FEET_CHANCE = 0.06
"""How often feet are hidden with nobody in front."""
FEET_KNOWN_LOOKS = 2.0
"""The first chance that furniture hides feet counts as much as so many looks at a place."""
MOST_HIDDEN_CHANCE = 0.9
"""Wherever furniture hides feet, some are seen beside it."""
_COLUMNS = 40
"""Cells across the picture; a cell is as high as it is wide."""
RECENT_LOOKS = 2000
"""So many looks are remembered of which place they were, wherever they were: a place becomes new again while
others are looked at, lest a morning's school class be what everybody is compared with for good."""
HIDDEN_LACKS_SHARE = 0.1
"""Of whoever is hidden by furniture, so much of the height is missing at least; boxes err by less."""


class VisibleFloor:
    """How often feet were seen, and hidden, in each cell of one camera's picture."""

    def __init__(self, frame_size_wh: tuple[int, int]) -> None:
        width, height = frame_size_wh
        self._cell_px = max(width / _COLUMNS, 1.0)
        # a border of a cell all around stands for whatever is outside the picture
        rows, columns = int(height / self._cell_px) + 3, int(width / self._cell_px) + 3
        self._last = np.array([[columns - 1.0], [rows - 1.0]])
        self._columns = columns
        self._seen = np.zeros(rows * columns)
        self._hidden = np.zeros(rows * columns)
        self._recent, self._recent_looks = np.zeros(rows * columns), 0.0
        # of each cell, since it is asked for far more often than anything is learned
        self._hidden_chance = np.full(rows * columns, HIDDEN_FEET_CHANCE)
        is_inside = np.zeros((rows, columns))
        is_inside[1:-1, 1:-1] = 1.0
        self._is_inside = is_inside.reshape(-1)

    def learn(self, uv: FloatArray) -> FloatArray:
        """Take feet that were seen at pixels, shape (2, n).

        Returns:
            How much these people tell of people's heights, shape (n,): 1 in a place where no feet were seen
            lately, and so much less with every look that all looks at one place tell 1.64 at most, until
            others were looked at. Who stands there for an hour is one person, and may be behind a counter.
        """
        cells = self._find_cells(uv)
        novelty: FloatArray = 1.0 / np.square(1.0 + self._recent.take(cells))
        np.add.at(self._recent, cells, 1.0)
        self._recent_looks += len(cells)
        if self._recent_looks > RECENT_LOOKS:
            self._recent *= 0.5
            self._recent_looks *= 0.5
        self._add(self._seen, cells)
        return novelty

    def learn_hidden(self, uv: FloatArray, xyxy: FloatArray) -> None:
        """Take pixels at which feet must have been that were taken for hidden, with nobody in front.

        Where feet are mostly hidden, seen ones are taken for hidden as well, so that a map that believed it
        would never find out that a counter was moved. What the box lacks tells.

        Args:
            uv: shape (2, n).
            xyxy: the boxes of these people, shape (n, 4), pixels.
        """
        is_lacking = uv[1] - xyxy[:, 3] > HIDDEN_LACKS_SHARE * (uv[1] - xyxy[:, 1])
        self._add(self._hidden, self._find_cells(uv[:, is_lacking]))
        self._add(self._seen, self._find_cells(uv[:, ~is_lacking]))

    def find_hidden_chance(self, uv: FloatArray) -> FloatArray:
        """How often furniture hides feet at pixels, shape (2, n), by how often they were seen and hidden."""
        chance: FloatArray = self._hidden_chance.take(self._find_cells(uv))
        return chance

    def count(self, uv: FloatArray) -> FloatArray:
        """How often feet were seen in the cells of pixels, shape (2, n); 0 outside the picture."""
        counts: FloatArray = self._seen.take(self._find_cells(uv))
        return counts

    def count_hidden(self, uv: FloatArray) -> FloatArray:
        """How often feet were hidden in the cells of pixels, shape (2, n); 0 outside the picture."""
        counts: FloatArray = self._hidden.take(self._find_cells(uv))
        return counts

    def _add(self, counts: FloatArray, cells: npt.NDArray[np.intp]) -> None:
        for cell in cells.tolist():
            counts[cell] += self._is_inside[cell]
            seen, hidden = float(self._seen[cell]), float(self._hidden[cell])
            chance = (HIDDEN_FEET_CHANCE * FEET_KNOWN_LOOKS + hidden) / (FEET_KNOWN_LOOKS + seen + hidden)
            self._hidden_chance[cell] = min(chance, MOST_HIDDEN_CHANCE)

    def _find_cells(self, uv: FloatArray) -> npt.NDArray[np.intp]:
        # the maximum and minimum that take any number for less than none put what is no pixel outside
        places = uv / self._cell_px
        places += 1.0
        np.fmax(places, 0.0, out=places)
        np.fmin(places, self._last, out=places)
        columns, rows = places.astype(np.intp)
        cells: npt.NDArray[np.intp] = rows * self._columns + columns
        return cells
