"""Layers of the floor beside presence: who was there, who stopped there, and for how long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.density.direction_field import MIN_VISITORS
from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.metrics.coverage import FloorGrid
from analytics.metrics.presence import PresenceRows


@dataclass(frozen=True, slots=True, eq=False)
class FloorLayers:
    """Arrays of shape (rows, columns), row 0 at the lowest y; not a number where nobody looked.

    Attributes:
        visitors_per_m2: different visitors per m² of cell. A cell larger than a step counts fewer than it
            has room for, so that only grids of one cell size compare.
        stop_probability: visitors who stop in the cell over visitors who were in it; not a number below the
            least number of visitors, as with the median.
        median_stop_s: of the stops in the cell that were seen whole or to their end.
        stops: how many stops there were.
    """

    grid: FloorGrid
    visitors_per_m2: FloatArray
    stop_probability: FloatArray
    median_stop_s: FloatArray
    stops: IntArray


def compute_floor_layers(
    *,
    rows: PresenceRows,
    stops: pd.DataFrame,
    grid: FloorGrid,
    is_observed: BoolArray | None = None,
    min_visitors: int = MIN_VISITORS,
) -> FloorLayers:
    """Unique visitors, probability of a stop, and median stop time of each cell.

    A stop belongs to the cell of its middle position.

    Args:
        rows: by visitor.
        stops: columns of ``STOP_COLUMN_NAMES`` of the same visitors.
        is_observed: shape (rows, columns), where enough was observed (as a heatmap's); None: everywhere.
        min_visitors: below, nothing is said of stops: nobody is to be recognised.
    """
    observed = np.ones(grid.shape, bool) if is_observed is None else is_observed
    cells = grid.rows * grid.columns
    visitors = _count_pairs(grid.find_cells(rows.x_m, rows.y_m), rows.person_ids[rows.person], cells)
    at = grid.find_cells(stops["x_m"].to_numpy(np.float64), stops["y_m"].to_numpy(np.float64))
    who = stops["visitor"].to_numpy(np.int64)
    stopped = _count_pairs(at, who, cells)
    count = np.bincount(at[at >= 0], minlength=cells)
    enough = observed.ravel() & (visitors >= min_visitors)
    probability = np.full(cells, np.nan)
    # a stop's middle may lie in a cell that the person's rows only surround
    probability[enough] = np.minimum(stopped[enough] / visitors[enough], 1.0)
    median_s = np.where(observed, find_median_stops(stops, grid, min_visitors=min_visitors), np.nan)
    return FloorLayers(
        grid=grid,
        visitors_per_m2=np.where(observed, visitors.reshape(grid.shape) / grid.cell_m**2, np.nan),
        stop_probability=probability.reshape(grid.shape),
        median_stop_s=median_s,
        stops=count.reshape(grid.shape).astype(np.int64),
    )


def find_median_stops(
    stops: pd.DataFrame, grid: FloorGrid, *, min_visitors: int = MIN_VISITORS
) -> FloatArray:
    """Median length of the stops in each cell, seconds, shape (rows, columns); not a number below the least.

    Args:
        stops: columns of ``STOP_COLUMN_NAMES``; those whose end was not seen have no length.
        min_visitors: who stopped there, so that nobody is recognised.
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
    """Different people per cell, shape (cells,)."""
    is_on = cell >= 0
    pairs = np.unique(np.column_stack([cell[is_on], who[is_on]]), axis=0)
    return np.bincount(pairs[:, 0], minlength=cells).astype(np.int64)
