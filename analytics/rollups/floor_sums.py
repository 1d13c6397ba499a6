"""Layers of the floor over long periods, from sums by hour instead of tracks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.density.direction_field import MIN_VISITORS
from analytics.density.heatmap import MIN_BANDWIDTH_M, smooth_cells
from analytics.domain.arrays import FloatArray
from analytics.metrics.coverage import FloorGrid


def sum_cells(hours: pd.DataFrame, column: str, grid: FloorGrid) -> FloatArray:
    """Return the sum of a column of ``FLOOR_HOUR_COLUMN_NAMES`` by cell, shape (rows, columns)."""
    cell, values = hours["cell"].to_numpy(np.int64), hours[column].to_numpy(np.float64)
    sums = np.bincount(cell, weights=values, minlength=grid.rows * grid.columns)
    return sums.astype(np.float64).reshape(grid.shape)


@dataclass(frozen=True, slots=True, eq=False)
class FloorSums:
    """Columns of ``FLOOR_HOUR_COLUMN_NAMES`` over a period; shape (rows, columns), 0 without people.

    Attributes:
        visitors, stopped_visitors: added over the hours; a visitor counts in every hour of a stay.
    """

    grid: FloorGrid
    visitors: FloatArray
    stopped_visitors: FloatArray
    walking_s: FloatArray
    vx_sum_m: FloatArray
    vy_sum_m: FloatArray
    speed_sum_m: FloatArray

    @staticmethod
    def of(hours: pd.DataFrame, grid: FloorGrid) -> FloorSums:
        """Return the sums of hours.

        Args:
            hours: columns of ``FLOOR_HOUR_COLUMN_NAMES`` on this grid.
        """
        return FloorSums(
            grid,
            *(
                sum_cells(hours, name, grid)
                for name in (
                    "visitors",
                    "stopped_visitors",
                    "walking_s",
                    "vx_sum_m",
                    "vy_sum_m",
                    "speed_sum_m",
                )
            ),
        )

    def visitors_per_m2(self) -> FloatArray:
        """Return the sum of each hour's different visitors per m²."""
        return np.asarray(self.visitors / self.grid.cell_m**2, np.float64)

    def stop_probability(self) -> FloatArray:
        """Return the share of a cell's visitors by hour who stop there; NaN below the minimum of visitors.

        Both counts are smoothed before the division, as presence and exposure are in a heatmap.
        """
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.minimum(self._smooth(self.stopped_visitors) / self._smooth(self.visitors), 1.0)
        return np.where(self.visitors >= MIN_VISITORS, share, np.nan)

    def mean_speed_m_s(self, *, min_visitors: int = MIN_VISITORS) -> FloatArray:
        """Return the time-weighted mean walking speed; NaN below the minimum of visitors."""
        return self._divide(self.speed_sum_m, self.walking_s, min_visitors)

    def mean_velocity_m_s(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the mean walking velocity along x and y, and the agreement of directions, 0 to 1.

        The agreement is the length of the mean velocity over the mean speed: 1 if all walk one way, 0 for two
        equal opposite streams. It is Mardia and Jupp's concentration (2000, Directional Statistics, 2.3) with
        speeds as weights.
        """
        vx = self._divide(self.vx_sum_m, self.walking_s, MIN_VISITORS)
        vy = self._divide(self.vy_sum_m, self.walking_s, MIN_VISITORS)
        return vx, vy, np.hypot(vx, vy) / self.mean_speed_m_s(min_visitors=MIN_VISITORS)

    def _divide(self, above: FloatArray, below: FloatArray, min_visitors: int) -> FloatArray:
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = self._smooth(above) / self._smooth(below)
        return np.where((self.visitors >= min_visitors) & (below > 0), ratio, np.nan)

    def _smooth(self, values: FloatArray) -> FloatArray:
        return smooth_cells(values, MIN_BANDWIDTH_M / self.grid.cell_m)
