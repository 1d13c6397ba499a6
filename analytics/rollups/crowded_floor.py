"""Crowded minutes of each floor cell, which can be added up over days."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from analytics.density.crowd_moments import STEP_S, sample_crowd_moments
from analytics.density.heatmap import MAX_SAMPLE_S
from analytics.density.level_of_service import Level, ServiceMap, map_service
from analytics.density.voronoi_density import measure_individual_density
from analytics.domain.arrays import FloatArray
from analytics.metrics.coverage import FloorGrid
from analytics.rollups.stretch import Stretch

CROWDED_FLOOR_COLUMN_NAMES = ("start_s", "cell", "minutes")
"""Columns of the table. ``start_s``: of the stretch, 0. ``cell``: raveled index in ``Stretch.grid``;
``minutes`` at level D of Fruin's walkway or worse. Cells that were never so crowded have no row;
observation follows from spans and views."""
MAX_MOMENTS = 720
"""Maximum number of sampled moments: every 40 s of eight hours."""


def tabulate_crowded_floor(stretch: Stretch) -> pd.DataFrame:
    """Return one row per crowded cell, columns of ``CROWDED_FLOOR_COLUMN_NAMES``."""
    everywhere_s = np.full(stretch.grid.shape, stretch.duration_s)
    service = measure_floor_service(stretch, stretch.grid, everywhere_s)
    minutes = np.nan_to_num(service.minutes_at_or_below(Level.D)).ravel()
    cell = np.flatnonzero(minutes)
    return pd.DataFrame(
        {"start_s": np.zeros(len(cell)), "cell": cell.astype(np.int32), "minutes": minutes[cell]}
    )


def sum_crowded_minutes(table: pd.DataFrame, grid: FloorGrid) -> FloatArray:
    """Return the minutes of all stretches, shape (rows, columns) of the grid of ``floor_hours``; 0 if none.

    Args:
        table: columns of ``CROWDED_FLOOR_COLUMN_NAMES``.
    """
    cell, minutes = table["cell"].to_numpy(np.int64), table["minutes"].to_numpy(np.float64)
    added = np.bincount(cell, minutes, minlength=grid.rows * grid.columns)
    return np.asarray(added.reshape(grid.shape), np.float64)


def measure_floor_service(stretch: Stretch, grid: FloorGrid, seen_s: FloatArray) -> ServiceMap:
    """Compute for how long each cell was at each level, from the Voronoi density of the nearest person.

    Args:
        seen_s: observed seconds of each cell, shape (rows, columns).
    """
    observed_s = float(np.diff(stretch.observed, axis=1).sum())
    moments = sample_crowd_moments(
        rows=stretch.ordered.cut(longest_gap_s=MAX_SAMPLE_S),
        observed=stretch.observed,
        period_s=stretch.period_s,
        step_s=max(STEP_S, observed_s / MAX_MOMENTS),
    )
    obstacles = shapely.union_all([obstacle.outline.to_shape() for obstacle in stretch.plan.obstacles])
    floor = stretch.plan.outline.to_shape().difference(obstacles)
    return map_service(
        moments=moments,
        individual=measure_individual_density(moments, floor=floor),
        grid=grid,
        floor=floor,
        period_s=stretch.period_s,
        observed_s=seen_s,
    )
