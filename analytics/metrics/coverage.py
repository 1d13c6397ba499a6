"""Camera coverage of the floor: visible points, observed seconds of cells, the edge of the view."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from analytics.domain.arrays import BoolArray, FloatArray
from analytics.domain.camera_geometry import MEAN_HEIGHT_M, CameraGeometry
from analytics.domain.floor_geometry import Polygon
from analytics.domain.identifiers import CameraId
from analytics.domain.zone import CountingLine, Zone
from analytics.metrics.observation import clip_intervals, unite_spans

SUBSAMPLES = 3
"""A cell's share of a polygon is measured on 3 x 3 points: accurate to a tenth of a cell, and fast."""

PIXEL_DIGITS = 6
"""Digits after the point of projected pixels, whose last bits differ between processors: floor exactly at the
edge of a picture is seen on all of them."""
MIN_PERSON_SHARE = 0.01
"""Minimum person height in parts of the picture's longer side: no detector finds smaller people.

Such a person has 6 of a network's 640 pixels; half of those with 20 to 25 are found.
"""


@dataclass(frozen=True, slots=True)
class CameraView:
    """The field of view of one camera.

    Attributes:
        mask: polygons in pixels within which people are ignored or cannot be seen.
        gives_persons: its tracks are whole persons.
    """

    camera: CameraId
    geometry: CameraGeometry
    frame_size_wh: tuple[int, int]
    mask: tuple[tuple[tuple[float, float], ...], ...] = ()
    gives_persons: bool = False

    def sees(self, xy_m: FloatArray) -> BoolArray:
        """Return which floor points, shape (n, 2) in metres, lie in the picture and outside its mask.

        Points at which a standing person would be too small for any detector count as unseen.
        """
        width_px, height_px = self.frame_size_wh
        uv = self.geometry.project_to_pixel(xy_m).round(PIXEL_DIGITS)
        with np.errstate(invalid="ignore"):
            is_seen: BoolArray = (
                (uv[:, 0] >= 0) & (uv[:, 0] <= width_px) & (uv[:, 1] >= 0) & (uv[:, 1] <= height_px)
            )
        if not self.geometry.looks_straight_down:
            pictured = is_seen.nonzero()[0]
            person_px = self.geometry.measure_upright_px(xy_m[pictured], height_m=MEAN_HEIGHT_M)
            least_px = round(MIN_PERSON_SHARE * max(self.frame_size_wh), PIXEL_DIGITS)
            is_seen[pictured] = person_px.round(PIXEL_DIGITS) >= least_px
        for polygon in self.mask:
            # its edge belongs to it: two that touch leave nothing between them
            is_seen &= ~shapely.intersects_xy(shapely.Polygon(polygon), uv[:, 0], uv[:, 1])
        return is_seen


LINE_POINTS = 21
NOWHERE: shapely.Geometry = shapely.GeometryCollection()


@dataclass(frozen=True, slots=True)
class FloorGrid:
    """Square cells over the floor; row 0 is the lowest y, column 0 the lowest x.

    Attributes:
        x_m, y_m: lower left corner of cell (0, 0).
    """

    x_m: float
    y_m: float
    cell_m: float
    columns: int
    rows: int

    @staticmethod
    def around(outline: Polygon, *, cell_m: float, margin_m: float = 0.0) -> FloorGrid:
        """Return the grid that covers an outline and a margin around it."""
        corners = np.asarray(outline.points)
        low, high = corners.min(axis=0) - margin_m, corners.max(axis=0) + margin_m
        columns, rows = np.maximum(1, np.ceil((high - low) / cell_m - 1e-9)).astype(int)
        return FloorGrid(float(low[0]), float(low[1]), cell_m, int(columns), int(rows))

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns), the shape of an array over the cells."""
        return self.rows, self.columns

    @property
    def rect(self) -> tuple[float, float, float, float]:
        """Left, bottom, width and height, metres."""
        return self.x_m, self.y_m, self.columns * self.cell_m, self.rows * self.cell_m

    def x_edges(self) -> FloatArray:
        """Return the borders of the columns, shape (columns + 1,), metres."""
        return np.asarray(self.x_m + self.cell_m * np.arange(self.columns + 1), np.float64)

    def y_edges(self) -> FloatArray:
        """Return the borders of the rows, shape (rows + 1,), metres."""
        return np.asarray(self.y_m + self.cell_m * np.arange(self.rows + 1), np.float64)

    def centres(self) -> FloatArray:
        """Return the centres of the cells in raveled order, shape (rows * columns, 2), metres."""
        x, y = np.meshgrid(self.x_edges()[:-1] + self.cell_m / 2, self.y_edges()[:-1] + self.cell_m / 2)
        return np.column_stack([x.ravel(), y.ravel()])

    def find_cells(self, x_m: FloatArray, y_m: FloatArray) -> npt.NDArray[np.int64]:
        """Return the raveled index of the cell of every point, -1 off the grid."""
        column = np.floor((x_m - self.x_m) / self.cell_m).astype(np.int64)
        row = np.floor((y_m - self.y_m) / self.cell_m).astype(np.int64)
        is_on = (column >= 0) & (column < self.columns) & (row >= 0) & (row < self.rows)
        return np.where(is_on, row * self.columns + column, -1)

    def measure_share(self, shape: shapely.Geometry) -> FloatArray:
        """Return the share, 0 to 1, of every cell that lies in a shape; shape (rows, columns)."""
        offsets = ((np.arange(SUBSAMPLES) + 0.5) / SUBSAMPLES - 0.5) * self.cell_m
        centres = self.centres()
        share = np.zeros(len(centres))
        for dx in offsets:
            for dy in offsets:
                share += shapely.contains_xy(shape, centres[:, 0] + dx, centres[:, 1] + dy)
        return (share / SUBSAMPLES**2).reshape(self.shape)


def compute_observed_seconds(
    *,
    grid: FloorGrid,
    views: Sequence[CameraView],
    spans: pd.DataFrame | None,
    period_s: tuple[float, float],
) -> FloatArray:
    """Compute the seconds of a period in which at least one camera saw each cell; shape (rows, columns).

    A moment at which two cameras see a cell counts once. Without views every cell counts as seen while any
    camera was analysed; without spans every camera counts as analysed all the time.
    """
    seconds = _measure_seconds(grid.centres(), views=views, spans=spans, period_s=period_s)
    return seconds.reshape(grid.shape)


def compute_zone_coverage(
    *,
    outline: Polygon,
    views: Sequence[CameraView],
    spans: pd.DataFrame | None,
    period_s: tuple[float, float],
) -> float:
    """Return a zone's observed time times observed area, over the period times its area; 0 to 1."""
    duration_s = period_s[1] - period_s[0]
    if duration_s <= 0:
        return 0.0
    grid = FloorGrid.around(outline, cell_m=math.sqrt(outline.to_shape().area) / 20)
    weight = grid.measure_share(outline.to_shape())
    observed = compute_observed_seconds(grid=grid, views=views, spans=spans, period_s=period_s)
    return float(min(1.0, (observed * weight).sum() / (weight.sum() * duration_s)))


def compute_line_coverage(
    *,
    line: CountingLine,
    views: Sequence[CameraView],
    spans: pd.DataFrame | None,
    period_s: tuple[float, float],
) -> float:
    """Return a line's observed time times observed length, over the period times its length; 0 to 1."""
    duration_s = period_s[1] - period_s[0]
    if duration_s <= 0:
        return 0.0
    seconds = _measure_seconds(list_line_points(line), views=views, spans=spans, period_s=period_s)
    return float(min(1.0, seconds.mean() / duration_s))


def list_line_points(line: CountingLine) -> FloatArray:
    """Return points along a counting line for testing its visibility, shape (LINE_POINTS, 2)."""
    along = np.linspace(0.0, 1.0, LINE_POINTS)
    return np.asarray(shapely.get_coordinates(line.path.to_shape().interpolate(along, normalized=True)))


def _measure_seconds(
    points_m: FloatArray,
    *,
    views: Sequence[CameraView],
    spans: pd.DataFrame | None,
    period_s: tuple[float, float],
) -> FloatArray:
    """Return the seconds in which at least one camera saw each point, shape (n, 2); shape (n,)."""
    start_s, end_s = period_s
    if not views:
        seconds = end_s - start_s
        if spans is not None:
            seconds = _measure_length(spans, None, period_s)
        return np.full(len(points_m), max(0.0, seconds))
    combination = np.zeros(len(points_m), dtype=object)
    for bit, view in enumerate(views):
        combination = combination + view.sees(points_m).astype(object) * (1 << bit)
    observed = np.zeros(len(combination))
    codes, uniques = pd.factorize(combination)
    for code, bits in enumerate(uniques):
        cameras = {str(view.camera) for bit, view in enumerate(views) if int(bits) >> bit & 1}
        if cameras:
            seconds = end_s - start_s if spans is None else _measure_length(spans, cameras, period_s)
            observed[codes == code] = seconds
    return observed


def _measure_length(spans: pd.DataFrame, cameras: set[str] | None, period_s: tuple[float, float]) -> float:
    clipped = clip_intervals(unite_spans(spans, cameras=cameras), start_s=period_s[0], end_s=period_s[1])
    return float(np.diff(clipped, axis=1).sum())


class ViewEdge:
    """Distances of floor points from floor that no camera sees, and from doors."""

    def __init__(
        self,
        *,
        views: Sequence[CameraView],
        around: Polygon,
        doors: shapely.Geometry = NOWHERE,
        cell_m: float = 0.1,
        margin_m: float = 2.0,
    ) -> None:
        """Map the views on and around an outline.

        Args:
            doors: floor in view at which people come and go as at the edge of the view.
            cell_m: resolution of the map; coarser for a floor of more than a million cells.
            margin_m: floor further outside the outline is ignored.
        """
        self._doors = doors
        corners = np.asarray(around.points)
        extent = np.ptp(corners, axis=0) + 2 * margin_m
        cell_m = max(cell_m, math.sqrt(float(extent[0] * extent[1]) / 1e6))
        self._grid = FloorGrid.around(around, cell_m=cell_m, margin_m=margin_m)
        centres = self._grid.centres()
        is_seen = np.zeros(len(centres), bool)
        for view in views:
            is_seen |= view.sees(centres)
        if not shapely.is_empty(doors):
            shapely.prepare(doors)
            is_seen &= ~shapely.contains_xy(doors, centres[:, 0], centres[:, 1])
        if is_seen.all():
            self._distance_m = np.full(self._grid.shape, np.inf)
        else:
            from scipy import ndimage

            distance = ndimage.distance_transform_edt(is_seen.reshape(self._grid.shape), sampling=cell_m)
            self._distance_m = np.asarray(distance, np.float64)

    def measure_distance(self, x_m: FloatArray, y_m: FloatArray) -> FloatArray:
        """Return metres to the nearest unseen floor; 0 on it, infinite beyond the map."""
        cell = self._grid.find_cells(x_m, y_m)
        return np.where(cell >= 0, self._distance_m.ravel()[cell], np.inf)

    def measure_door_distance(self, x_m: FloatArray, y_m: FloatArray) -> FloatArray:
        """Return metres to the nearest door; 0 in it, infinite without doors."""
        if shapely.is_empty(self._doors):
            return np.full(len(x_m), np.inf)
        return np.asarray(shapely.distance(self._doors, shapely.points(x_m, y_m)), np.float64)


def map_zones_edge(
    zones: Sequence[Zone], views: Sequence[CameraView], doors: shapely.Geometry = NOWHERE
) -> ViewEdge | None:
    """Return the edge of the view on and around zones; None without a zone or a view."""
    if not zones or not views:
        return None
    corners = np.array([p for zone in zones for p in zone.outline.points])
    return ViewEdge(views=views, around=_box(corners), doors=doors)


def map_floor_edge(
    tracks: pd.DataFrame, views: Sequence[CameraView], doors: shapely.Geometry = NOWHERE
) -> ViewEdge | None:
    """Return the edge of the view on the floor of tracks, columns ``x_m`` and ``y_m``; None without any."""
    if not views:
        return None
    xy_m = tracks[["x_m", "y_m"]].to_numpy(np.float64)
    xy_m = xy_m[np.isfinite(xy_m).all(axis=1)]
    if not len(xy_m):
        return None
    return ViewEdge(views=views, around=_box(xy_m), doors=doors, cell_m=0.2)


def _box(points: FloatArray) -> Polygon:
    (left, bottom), (right, top) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    right, top = max(right, left + 0.1), max(top, bottom + 0.1)
    return Polygon(((left, bottom), (right, bottom), (right, top), (left, top)))
