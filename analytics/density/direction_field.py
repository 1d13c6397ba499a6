"""Walking directions by cell: the mean velocity, and how much people agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray, IntArray
from analytics.metrics.coverage import CameraView, FloorGrid
from analytics.metrics.presence import PresenceRows
from analytics.metrics.speed import STANDING_M_S, measure_velocity

MIN_VISITORS = 5
"""Minimum number of visitors of a cell with a value: fewer show no habit and might identify a person."""


@dataclass(frozen=True, slots=True, eq=False)
class DirectionField:
    """Walking directions and speeds; arrays of shape (rows, columns), row 0 at the lowest y, NaN if unknown.

    Attributes:
        vx_m_s, vy_m_s: mean velocity, weighted by time.
        concentration: length R of the mean of the unit vectors, 0 (all directions alike) to 1 (one
            direction); 0 for two equal opposite streams (Mardia and Jupp 2000, Directional Statistics, 2.3).
        median_speed_m_s: of those who walk.
    """

    grid: FloorGrid
    vx_m_s: FloatArray
    vy_m_s: FloatArray
    concentration: FloatArray
    median_speed_m_s: FloatArray


def compute_direction_field(
    *,
    rows: PresenceRows,
    grid: FloorGrid,
    views: Sequence[CameraView] = (),
    min_visitors: int = MIN_VISITORS,
) -> DirectionField:
    """Compute the mean velocity of walking people per cell.

    Rows are weighted by their time. A standing person has no direction, only position errors, so rows slower
    than ``STANDING_M_S`` are left out. Cells that no view sees and those with too few visitors have no value.

    Args:
        rows: cut where people are unseen for a second or two.
        views: empty: the whole grid is taken as seen.
    """
    vx, vy = measure_velocity(rows)
    speed = np.hypot(vx, vy)
    cell = grid.find_cells(rows.x_m, rows.y_m)
    used = np.flatnonzero((cell >= 0) & (speed >= STANDING_M_S))
    weight, at = rows.seconds()[used], cell[used]
    vx, vy, speed = vx[used], vy[used], speed[used]
    cells = grid.rows * grid.columns

    def sum_up(values: FloatArray) -> FloatArray:
        return np.bincount(at, weights=values, minlength=cells).astype(np.float64)

    walking_s = sum_up(weight)
    pairs = np.unique(np.column_stack([at, rows.person[used]]), axis=0)
    visitors = np.bincount(pairs[:, 0], minlength=cells).astype(np.int64)
    enough = (visitors >= min_visitors) & (walking_s > 0)
    if views:
        is_seen = np.zeros(cells, bool)
        for view in views:
            is_seen |= view.sees(grid.centres())
        enough &= is_seen
    divisor = np.where(enough, walking_s, np.nan)
    angle = np.arctan2(vy, vx)
    length = np.hypot(sum_up(weight * np.cos(angle)), sum_up(weight * np.sin(angle))) / divisor
    median = np.where(enough, _find_medians(at, speed, weight, cells), np.nan)
    return DirectionField(
        grid=grid,
        vx_m_s=(sum_up(weight * vx) / divisor).reshape(grid.shape),
        vy_m_s=(sum_up(weight * vy) / divisor).reshape(grid.shape),
        concentration=length.reshape(grid.shape),
        median_speed_m_s=median.reshape(grid.shape),
    )


def _find_medians(at: IntArray, values: FloatArray, weight: FloatArray, cells: int) -> FloatArray:
    """Return the weighted median of each cell, shape (cells,)."""
    order = np.lexsort((values, at))
    at, values, running = at[order], values[order], np.cumsum(weight[order])
    first = np.searchsorted(at, np.arange(cells))
    behind = np.searchsorted(at, np.arange(cells), side="right")
    before = np.where(first > 0, running[first - 1], 0.0) if len(running) else np.zeros(cells)
    total = (running[behind - 1] if len(running) else np.zeros(cells)) - before
    median = np.full(cells, np.nan)
    filled = np.flatnonzero(behind > first)
    middle = np.searchsorted(running, before[filled] + total[filled] / 2 - 1e-12)
    median[filled] = values[np.clip(middle, first[filled], behind[filled] - 1)]
    return median
