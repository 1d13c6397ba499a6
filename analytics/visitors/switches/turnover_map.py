"""Places where people come and go on the floor: edges and doors, and where tracks begin."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from scipy import ndimage

from analytics.domain.arrays import FloatArray
from analytics.domain.floor_geometry import Polygon
from analytics.metrics.coverage import CameraView, FloorGrid, ViewEdge
from analytics.visitors.tracklet_ends import EndStates
from analytics.visitors.visitor_settings import SCALES, STITCH

EDGE_CELL_M = 0.2


class TurnoverPrior:
    """Prior probability of coming and going, from edges of the views and doors."""

    def __init__(self, *, views: Sequence[CameraView], doors: shapely.Geometry, outline: Polygon) -> None:
        """Prepare the floor within ``outline``; without views and doors every place is alike."""
        self._doors = doors
        self._edge = (
            ViewEdge(views=views, around=outline, cell_m=EDGE_CELL_M, margin_m=1.0) if views else None
        )

    def measure_distance(self, x_m: FloatArray, y_m: FloatArray) -> FloatArray:
        """Return metres to the nearest edge of the views or door; infinite if neither is known."""
        distance_m = np.full(len(x_m), np.inf)
        if not shapely.is_empty(self._doors):
            distance_m = np.minimum(distance_m, shapely.distance(self._doors, shapely.points(x_m, y_m)))
        if self._edge is not None:
            distance_m = np.minimum(distance_m, self._edge.measure_distance(x_m, y_m))
        return distance_m

    def estimate(self, states: EndStates, *, forward: bool) -> FloatArray:
        """Return the probability that each end is a departure (``forward``), or each beginning an arrival.

        From its place, and from up to a second later (or earlier); shape (pieces,), 0 to 1.
        """
        distance_m = np.full(len(states), np.inf)
        for seconds in (0.0, 0.5, 1.0):
            way_s = seconds if forward else -seconds
            x_m, y_m = states.x_m + way_s * states.vx_m_s, states.y_m + way_s * states.vy_m_s
            distance_m = np.minimum(distance_m, self.measure_distance(x_m, y_m))
        nearness = np.exp(-((distance_m / SCALES.place_m) ** 2))
        return np.asarray(
            STITCH.middle_share + (STITCH.edge_share - STITCH.middle_share) * nearness, np.float64
        )


class TurnoverMap:
    """Smoothed counts of beginnings over the floor."""

    def __init__(self, x_m: FloatArray, y_m: FloatArray, *, sigma_m: float) -> None:
        """Map the places ``x_m``, ``y_m``; ``sigma_m`` is the kernel's standard deviation."""
        xy = np.column_stack([x_m, y_m])
        extent = np.ptp(xy, axis=0) + 6 * sigma_m
        cell_m = max(sigma_m / 2, float(np.sqrt(extent[0] * extent[1] / 1e6)))
        self._grid = FloorGrid.around(outline_of(xy), cell_m=cell_m, margin_m=3 * sigma_m)
        self._cells = self._grid.find_cells(x_m, y_m)
        self._sigma_cells = sigma_m / cell_m

    def measure_density(self, weight: FloatArray) -> FloatArray:
        """Return the weight per m² at each of the places, shape (places,)."""
        rows, columns = self._grid.shape
        counts = np.bincount(self._cells, weight, rows * columns).reshape(rows, columns)
        smooth = ndimage.gaussian_filter(counts, self._sigma_cells, mode="constant", truncate=3.0)
        density: FloatArray = smooth.ravel()[self._cells] / self._grid.cell_m**2
        return density


def outline_of(xy_m: FloatArray, *, margin_m: float = 0.5) -> Polygon:
    """Return the rectangle around points, shape (n, 2) in metres, with a margin."""
    low, high = xy_m.min(axis=0) - margin_m, xy_m.max(axis=0) + margin_m
    return Polygon(((low[0], low[1]), (high[0], low[1]), (high[0], high[1]), (low[0], high[1])))
