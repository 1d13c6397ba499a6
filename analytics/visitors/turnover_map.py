"""Where on the floor people come and go, which is at edges and doors, and learned where it is not known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely
from scipy import ndimage

from analytics.domain.floor_geometry import Polygon
from analytics.domain.zone import Zone, ZoneKind
from analytics.metrics.coverage import CameraView, FloorGrid, ViewEdge
from analytics.visitors.tracklet_ends import EndStates
from analytics.visitors.visitor_settings import StitchSettings

FloatArray = npt.NDArray[np.float64]

EDGE_CELL_M = 0.2
DOOR_KINDS = (ZoneKind.ENTRANCE, ZoneKind.EXIT)


def estimate_turnover(
    states: EndStates,
    *,
    forward: bool,
    views: Sequence[CameraView],
    zones: Sequence[Zone],
    settings: StitchSettings,
) -> FloatArray:
    """How likely each tracklet's end is somebody who leaves (``forward``) or its beginning one who comes.

    From its place alone, or where it is a second later (or was a second earlier); shape (pieces,), 0 to 1.
    """
    if not len(states):
        return np.empty(0)
    way_s = 1.0 if forward else -1.0
    places = [
        np.column_stack([states.x_m + way_s * s * states.vx_m_s, states.y_m + way_s * s * states.vy_m_s])
        for s in (0.0, 0.5, 1.0)
    ]
    doors = shapely.union_all([zone.outline.to_shape() for zone in zones if zone.kind in DOOR_KINDS])
    if not views and doors.is_empty:
        return np.full(len(states), settings.unknown_share)
    distance_m = np.full(len(states), np.inf)
    if not doors.is_empty:
        for xy in places:
            distance_m = np.minimum(distance_m, shapely.distance(doors, shapely.points(xy)))
    if views:
        edge = ViewEdge(
            views=views, around=_outline(np.concatenate(places)), cell_m=EDGE_CELL_M, margin_m=1.0
        )
        for xy in places:
            distance_m = np.minimum(distance_m, edge.measure_distance(xy[:, 0], xy[:, 1]))
    lowest = settings.middle_share if views else settings.unknown_share
    nearness = np.exp(-((distance_m / settings.edge_reach_m) ** 2))
    return np.asarray(lowest + (settings.edge_share - lowest) * nearness, np.float64)


class TurnoverMap:
    """Counts of beginnings or ends over the floor, smoothed."""

    def __init__(self, x_m: FloatArray, y_m: FloatArray, *, sigma_m: float) -> None:
        """Map the places ``x_m``, ``y_m``; ``sigma_m`` is the kernel's standard deviation."""
        xy = np.column_stack([x_m, y_m])
        extent = np.ptp(xy, axis=0) + 6 * sigma_m
        cell_m = max(sigma_m / 2, float(np.sqrt(extent[0] * extent[1] / 1e6)))
        self._grid = FloorGrid.around(_outline(xy), cell_m=cell_m, margin_m=3 * sigma_m)
        self._cells = self._grid.find_cells(x_m, y_m)
        self._sigma_cells = sigma_m / cell_m

    def measure_density(self, weight: FloatArray) -> FloatArray:
        """Weight per m² at each of the places, shape (places,)."""
        rows, columns = self._grid.shape
        counts = np.bincount(self._cells, weight, rows * columns).reshape(rows, columns)
        smooth = ndimage.gaussian_filter(counts, self._sigma_cells, mode="constant", truncate=3.0)
        density: FloatArray = smooth.ravel()[self._cells] / self._grid.cell_m**2
        return density


def _outline(xy_m: FloatArray) -> Polygon:
    low, high = xy_m.min(axis=0) - 0.5, xy_m.max(axis=0) + 0.5
    return Polygon(((low[0], low[1]), (high[0], low[1]), (high[0], high[1]), (low[0], high[1])))
