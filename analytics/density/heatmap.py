"""Presence on the floor, corrected for where and how long anybody looked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from scipy import ndimage

from analytics.domain.arrays import BoolArray, FloatArray
from analytics.domain.floor_geometry import Polygon
from analytics.metrics.coverage import CameraView, FloorGrid, compute_observed_seconds
from analytics.metrics.observation import find_unobserved, unite_spans
from analytics.metrics.presence import OrderedRows, PresenceRows, order_rows

MIN_OBSERVED = 0.2
"""Where less of the smoothed floor and time was observed, there is no value."""
FINEST_CELL_M = 0.25
MAX_CELLS = 250_000
"""Cells grow on floors that would need more; a picture shows no more, and they stay small in a file."""
MIN_BANDWIDTH_M = 0.5
ROWS_AT_ONCE = 2**17
"""Their columns stay in a processor's cache."""
MAX_SAMPLE_S = 2.0
"""A row stands for no longer than this: afterwards the person may be anywhere."""


@dataclass(frozen=True, slots=True, eq=False)
class Heatmap:
    """Presence per cell; arrays of shape (rows, columns), row 0 at the lowest y.

    Attributes:
        person_seconds: as seen, not smoothed; their sum is the presence within the grid.
        person_seconds_per_m2: over the whole period, smoothed and corrected for the time in which a cell was
            not observed; not a number off the floor and where too little was observed.
        observed_s: seconds in which at least one camera looked.
        is_floor: cells of which some is floor.
        coverage: observed time times observed floor over the period times the floor, 0 to 1.
        outside_s: person-seconds off the grid.
    """

    grid: FloorGrid
    person_seconds: FloatArray
    person_seconds_per_m2: FloatArray
    observed_s: FloatArray
    is_floor: BoolArray
    coverage: float
    bandwidth_m: float
    period_s: tuple[float, float]
    outside_s: float

    @property
    def duration_s(self) -> float:
        """Length of the period, seconds."""
        return self.period_s[1] - self.period_s[0]

    def is_unobserved(self) -> BoolArray:
        """Floor without a value."""
        return self.is_floor & np.isnan(self.person_seconds_per_m2)

    def per_open_hour(self) -> FloatArray:
        """Person-seconds per m² and hour, for comparisons of periods of different length."""
        return self.person_seconds_per_m2 * (3600.0 / self.duration_s)

    def people_per_m2(self) -> FloatArray:
        """Mean density."""
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
    """Time-weighted presence over the floor as (K * H) / (K * T), scaled to the period.

    H are the person-seconds of a cell, T its observed seconds times its floor, K a Gaussian. The division
    corrects for cameras that were off and for floor beyond walls, where a plain blur would leak to (Nadaraya
    and Watson's estimator, with exposure for the count). There is no value where K * T is less than a fifth
    of what full observation would give.

    Args:
        tracks: the columns of ``TRACK_COLUMNS``.
        spans: when cameras were analysed; None: all the time.
        camera_views: empty: the whole floor is taken as seen.
        obstacles: where nobody can stand.
        cell_m: None: 0.25 m, or more on a very large floor.
        bandwidth_m: standard deviation of K, metres; 0: no smoothing. None: 0.5 m, or the median position
            error where that is larger.
        ordered: the tracks by visitor, where they are ordered already.
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
        cell_m = max(FINEST_CELL_M, math.sqrt(shapely.box(*outline.to_shape().bounds).area / MAX_CELLS))
    grid = FloorGrid.around(outline, cell_m=cell_m, margin_m=math.ceil(bandwidth_m / cell_m) * cell_m)
    presence, outside_s = _sum_in_cells(grid, rows)
    return correct_presence(
        presence,
        grid=grid,
        observed_s=compute_observed_seconds(grid=grid, views=camera_views, spans=spans, period_s=period_s),
        outline=outline,
        obstacles=obstacles,
        period_s=period_s,
        bandwidth_m=bandwidth_m,
        outside_s=outside_s,
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
    outside_s: float = 0.0,
) -> Heatmap:
    """As ``compute_heatmap`` from person-seconds of cells and the seconds for which each was observed.

    Args:
        presence, observed_s: shape (rows, columns).
        bandwidth_m: standard deviation of the kernel, metres.
        outside_s: person-seconds off the grid.
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
        outside_s=outside_s,
    )


def _find_bandwidth(sigma_m: FloatArray) -> float:
    """The median position error, but no less than ``MIN_BANDWIDTH_M``."""
    if 2 * np.count_nonzero(sigma_m > MIN_BANDWIDTH_M) < max(1, len(sigma_m)):
        return MIN_BANDWIDTH_M
    return max(MIN_BANDWIDTH_M, float(np.median(sigma_m)))


def _sum_in_cells(grid: FloorGrid, rows: PresenceRows) -> tuple[FloatArray, float]:
    """Seconds of the rows in every cell, of the grid's shape, and off the grid."""
    seconds = rows.seconds()
    sums = np.zeros(grid.rows * grid.columns + 1)
    for begin in range(0, len(seconds), ROWS_AT_ONCE):
        part = slice(begin, begin + ROWS_AT_ONCE)
        cell = grid.find_cells(rows.x_m[part], rows.y_m[part])
        sums += np.bincount(cell + 1, weights=seconds[part], minlength=len(sums))
    return sums[1:].reshape(grid.shape), float(sums[0])


def measure_floor(grid: FloorGrid, *, outline: Polygon, obstacles: Sequence[Polygon]) -> FloatArray:
    """The floor of every cell on which one can stand, m², shape (rows, columns)."""
    floor = outline.to_shape().difference(shapely.union_all([o.to_shape() for o in obstacles]))
    return np.asarray(grid.measure_share(floor) * grid.cell_m**2, np.float64)


def smooth_cells(values: FloatArray, sigma_cells: float) -> FloatArray:
    """A Gaussian over the last two axes; beyond the border there is nothing."""
    if sigma_cells <= 0:
        return values
    sigma = (0.0,) * (values.ndim - 2) + (sigma_cells, sigma_cells)
    return np.asarray(ndimage.gaussian_filter(values, sigma, mode="constant", truncate=4.0), np.float64)
