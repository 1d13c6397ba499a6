"""Presence on the floor, corrected for observed time and area."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from analytics.domain.arrays import BoolArray, FloatArray
from analytics.domain.floor_geometry import Polygon
from analytics.metrics.coverage import CameraView, FloorGrid, compute_observed_seconds
from analytics.metrics.observation import find_unobserved, unite_spans
from analytics.metrics.presence import OrderedRows, PresenceRows, order_rows

MIN_OBSERVED = 0.2
"""Cells with a smaller observed share of the smoothed floor and time have no value."""
MIN_HEATMAP_CELL_M = 0.25
MAX_CELLS = 250_000
"""Maximum number of cells; cells grow on larger floors, as a picture shows no more."""
MIN_BANDWIDTH_M = 0.5
ROWS_AT_ONCE = 2**17
"""Row count whose columns fit a processor's cache."""
MAX_SAMPLE_S = 2.0
"""Maximum time that a row stands for: afterwards the person may be anywhere."""


@dataclass(frozen=True, slots=True, eq=False)
class Heatmap:
    """Presence per cell; arrays of shape (rows, columns), row 0 at the lowest y.

    Attributes:
        person_seconds: as seen, not smoothed; their sum is the presence within the grid.
        person_seconds_per_m2: over the whole period, smoothed and corrected for unobserved time; NaN off the
            floor and where too little was observed.
        observed_s: seconds observed by at least one camera.
        is_floor: cells that are at least partly floor.
        coverage: observed time times observed floor over the period times the floor, 0 to 1.
    """

    grid: FloorGrid
    person_seconds: FloatArray
    person_seconds_per_m2: FloatArray
    observed_s: FloatArray
    is_floor: BoolArray
    coverage: float
    bandwidth_m: float
    period_s: tuple[float, float]

    @property
    def duration_s(self) -> float:
        """Length of the period, seconds."""
        return self.period_s[1] - self.period_s[0]

    def is_unobserved(self) -> BoolArray:
        """Return the cells of floor without a value."""
        return self.is_floor & np.isnan(self.person_seconds_per_m2)

    def people_per_m2(self) -> FloatArray:
        """Return the mean density, persons per m²."""
        return self.person_seconds_per_m2 / self.duration_s


def compute_heatmap(
    *,
    tracks: pd.DataFrame,
    spans: pd.DataFrame | None,
    camera_views: Sequence[CameraView],
    outline: Polygon,
    period_s: tuple[float, float],
    obstacles: Sequence[Polygon] = (),
    cell_m: float | None = None,
    bandwidth_m: float | None = None,
    ordered: OrderedRows | None = None,
) -> Heatmap:
    """Compute time-weighted presence over the floor as (K * H) / (K * T), scaled to the period.

    H are the person-seconds of a cell, T its observed seconds times its floor, K a Gaussian. The division
    corrects for cameras that were off and for floor beyond walls, into which a plain blur would leak (the
    estimator of Nadaraya and Watson, with exposure for the count). Cells where K * T is less than a fifth of
    full observation have no value.

    Args:
        tracks: the columns of ``TRACK_COLUMNS``.
        spans: spans in which cameras were analysed; None: all the time.
        camera_views: empty: the whole floor is taken as seen.
        obstacles: areas that people cannot stand on.
        cell_m: None: 0.25 m, or more on a very large floor.
        bandwidth_m: standard deviation of K, metres; 0: no smoothing. None: 0.5 m, or the median position
            error if that is larger.
        ordered: the tracks by visitor, if already ordered.
    """
    observed = None if spans is None else unite_spans(spans)
    ordered = order_rows(tracks) if ordered is None else ordered
    rows = ordered.cut(
        longest_gap_s=MAX_SAMPLE_S,
        unobserved=None if observed is None else find_unobserved(observed),
    )
    if bandwidth_m is None:
        bandwidth_m = _find_bandwidth(rows.sigma_m)
    if cell_m is None:
        cell_m = max(MIN_HEATMAP_CELL_M, math.sqrt(shapely.box(*outline.to_shape().bounds).area / MAX_CELLS))
    grid = FloorGrid.around(outline, cell_m=cell_m, margin_m=math.ceil(bandwidth_m / cell_m) * cell_m)
    return correct_presence(
        _sum_in_cells(grid, rows),
        grid=grid,
        observed_s=compute_observed_seconds(grid=grid, views=camera_views, spans=spans, period_s=period_s),
        outline=outline,
        obstacles=obstacles,
        period_s=period_s,
        bandwidth_m=bandwidth_m,
    )


def correct_presence(
    presence: FloatArray,
    *,
    grid: FloorGrid,
    observed_s: FloatArray,
    outline: Polygon,
    obstacles: Sequence[Polygon],
    period_s: tuple[float, float],
    bandwidth_m: float,
) -> Heatmap:
    """Compute a heatmap from person-seconds and observed seconds of cells; see ``compute_heatmap``.

    Args:
        presence, observed_s: shape (rows, columns).
        bandwidth_m: standard deviation of the kernel, metres.
    """
    cell_m = grid.cell_m
    area_m2 = measure_floor(grid, outline=outline, obstacles=obstacles)
    duration_s = period_s[1] - period_s[0]
    exposure = smooth_cells(observed_s * area_m2, bandwidth_m / cell_m)
    full = smooth_cells(duration_s * area_m2, bandwidth_m / cell_m)
    enough = (area_m2 > 0) & (exposure > 0) & (exposure >= MIN_OBSERVED * full)
    density = np.full(grid.shape, np.nan)
    smoothed = smooth_cells(presence, bandwidth_m / cell_m)
    density[enough] = smoothed[enough] / exposure[enough] * duration_s
    floor_time = float(area_m2.sum()) * duration_s
    return Heatmap(
        grid=grid,
        person_seconds=presence,
        person_seconds_per_m2=density,
        observed_s=observed_s,
        is_floor=area_m2 > 0,
        coverage=float((observed_s * area_m2).sum() / floor_time) if floor_time > 0 else 0.0,
        bandwidth_m=bandwidth_m,
        period_s=period_s,
    )


def _find_bandwidth(sigma_m: FloatArray) -> float:
    """Return the median position error, but at least ``MIN_BANDWIDTH_M``."""
    if 2 * np.count_nonzero(sigma_m > MIN_BANDWIDTH_M) < max(1, len(sigma_m)):
        return MIN_BANDWIDTH_M
    return max(MIN_BANDWIDTH_M, float(np.median(sigma_m)))


def _sum_in_cells(grid: FloorGrid, rows: PresenceRows) -> FloatArray:
    """Return the seconds of the rows in every cell, of the grid's shape."""
    seconds = rows.seconds()
    sums = np.zeros(grid.rows * grid.columns + 1)
    for begin in range(0, len(seconds), ROWS_AT_ONCE):
        part = slice(begin, begin + ROWS_AT_ONCE)
        cell = grid.find_cells(rows.x_m[part], rows.y_m[part])
        sums += np.bincount(cell + 1, weights=seconds[part], minlength=len(sums))
    # the first entry is what lies off the grid
    return sums[1:].reshape(grid.shape)


def measure_floor(grid: FloorGrid, *, outline: Polygon, obstacles: Sequence[Polygon]) -> FloatArray:
    """Return the accessible floor of every cell, m², shape (rows, columns)."""
    floor = outline.to_shape().difference(shapely.union_all([o.to_shape() for o in obstacles]))
    return np.asarray(grid.measure_share(floor) * grid.cell_m**2, np.float64)


def smooth_cells(values: FloatArray, sigma_cells: float) -> FloatArray:
    """Smooth the last two axes with a Gaussian; values beyond the border count as zero."""
    if sigma_cells <= 0:
        return values
    sigma = (0.0,) * (values.ndim - 2) + (sigma_cells, sigma_cells)
    from scipy import ndimage

    return np.asarray(ndimage.gaussian_filter(values, sigma, mode="constant", truncate=4.0), np.float64)
