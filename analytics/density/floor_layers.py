"""Layers of the floor beside presence: visitors, stops and stop times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.density.direction_field import MIN_VISITORS
from analytics.domain.arrays import FloatArray, IntArray
from analytics.metrics.coverage import FloorGrid
from analytics.metrics.presence import PresenceRows


@dataclass(frozen=True, slots=True, eq=False)
class FloorLayers:
    """Layers of the floor; arrays of shape (rows, columns), row 0 at the lowest y.

    Attributes:
        visitors_per_m2: different visitors per m² of cell. A cell larger than a step counts fewer people than
            fit into it, so that only grids of one cell size are comparable.
        stop_probability: visitors who stop in the cell over visitors who were in it; NaN below the minimum
            number of visitors, like the median.
        median_stop_s: of the stops in the cell that were seen whole or to their end.
    """

    visitors_per_m2: FloatArray
    stop_probability: FloatArray
    median_stop_s: FloatArray


def compute_floor_layers(
    *,
    rows: PresenceRows,
    stops: pd.DataFrame,
    grid: FloorGrid,
    min_visitors: int = MIN_VISITORS,
) -> FloorLayers:
    """Compute unique visitors, probability of a stop, and median stop time of each cell.

    A stop belongs to the cell of its mean position.

    Args:
        rows: by visitor.
        stops: columns of ``STOP_COLUMN_NAMES`` of the same visitors.
        min_visitors: below it, cells have no stop figures, so that nobody can be recognised.
    """
    cells = grid.rows * grid.columns
    visitors = _count_pairs(grid.find_cells(rows.x_m, rows.y_m), rows.person_ids[rows.person], cells)
    at = grid.find_cells(stops["x_m"].to_numpy(np.float64), stops["y_m"].to_numpy(np.float64))
    who = stops["visitor"].to_numpy(np.int64)
    stopped = _count_pairs(at, who, cells)
    enough = visitors >= min_visitors
    probability = np.full(cells, np.nan)
    # a stop's mean position may lie in a cell that the person's rows only surround
    probability[enough] = np.minimum(stopped[enough] / visitors[enough], 1.0)
    return FloorLayers(
        visitors_per_m2=visitors.reshape(grid.shape) / grid.cell_m**2,
        stop_probability=probability.reshape(grid.shape),
        median_stop_s=find_median_stops(stops, grid, min_visitors=min_visitors),
    )


def find_median_stops(
    stops: pd.DataFrame, grid: FloorGrid, *, min_visitors: int = MIN_VISITORS
) -> FloatArray:
    """Return the median length of the stops in each cell, seconds, shape (rows, columns).

    Args:
        stops: columns of ``STOP_COLUMN_NAMES``; those with an unseen end have no length.
        min_visitors: cells in which fewer visitors stopped are NaN, so that nobody can be recognised.
    """
    cells = grid.rows * grid.columns
    at = grid.find_cells(stops["x_m"].to_numpy(np.float64), stops["y_m"].to_numpy(np.float64))
    stopped = _count_pairs(at, stops["visitor"].to_numpy(np.int64), cells)
    known = (at >= 0) & (stops["censored_end"] == 0).to_numpy(bool)
    by_cell = pd.Series(stops["seconds"].to_numpy(np.float64)[known]).groupby(at[known]).median()
    median_s = np.full(cells, np.nan)
    median_s[by_cell.index.to_numpy(np.int64)] = by_cell.to_numpy(np.float64)
    median_s[stopped < min_visitors] = np.nan
    return median_s.reshape(grid.shape)


def _count_pairs(cell: IntArray, who: IntArray, cells: int) -> IntArray:
    """Count the different people per cell, shape (cells,)."""
    is_on = cell >= 0
    pairs = np.unique(np.column_stack([cell[is_on], who[is_on]]), axis=0)
    return np.bincount(pairs[:, 0], minlength=cells).astype(np.int64)
