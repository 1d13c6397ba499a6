"""Individual density: the floor that is nearer to one person than to anybody else.

Steffen and Seyfried (2010), Physica A 389, 1902. Own code on scipy and shapely, which tests hold to PedPy's:
PedPy wants tables without missing frames and convex areas, and brings pyplot, which keeps global state.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import QhullError, Voronoi, cKDTree
from shapely.geometry.base import BaseGeometry

from analytics.metrics.coverage import FloorGrid
from analytics.metrics.crowd_moments import CrowdMoments

FloatArray = npt.NDArray[np.float64]
ShapeArray = npt.NDArray[np.object_]

CUT_OFF_M = 1.0
"""Nobody's floor reaches further: a person alone in a hall does not have all of it."""
QUAD_SEGMENTS = 16
TILE_M = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class IndividualDensity:
    """Of each position of crowd moments.

    Attributes:
        cells: the floor of each person as polygons, shape (n,).
        per_m2: one over its area, shape (n,); not a number for a person who is off the floor.
    """

    cells: ShapeArray
    per_m2: FloatArray


def measure_individual_density(
    moments: CrowdMoments,
    *,
    floor: BaseGeometry,
    cut_off_m: float = CUT_OFF_M,
    quad_segments: int = QUAD_SEGMENTS,
) -> IndividualDensity:
    """The Voronoi cell of everybody at each moment, within the floor and a circle, and the density in it.

    Two people at the very same place share a cell that has no area; they count with each half of it.

    Args:
        floor: where one can walk; a cell that an obstacle divides is the part with the person in it.
        cut_off_m: radius of the circle,
        quad_segments: drawn with so many sides in a quarter.
    """
    cells = np.full(len(moments.x_m), shapely.Polygon(), object)
    per_m2 = np.full(len(moments.x_m), np.nan)
    tiles = _FloorTiles(floor, cut_off_m)
    for people in moments.slices():
        if people.stop == people.start:
            continue
        xy = np.column_stack([moments.x_m[people], moments.y_m[people]])
        places, owner, sharers = np.unique(xy, axis=0, return_inverse=True, return_counts=True)
        shapes = _cut_cells(_find_cells(places, cut_off_m), places, tiles, cut_off_m, quad_segments)
        area_m2 = shapely.area(shapes) / sharers
        with np.errstate(divide="ignore"):
            density = np.where(area_m2 > 0, 1.0 / area_m2, np.nan)
        cells[people], per_m2[people] = shapes[owner], density[owner]
    return IndividualDensity(cells, per_m2)


def measure_area_density(
    moments: CrowdMoments, individual: IndividualDensity, area: BaseGeometry
) -> FloatArray:
    """Mean over an area of the individual densities, persons per m², at each moment, shape (m,).

    D = sum over the people of (area of the cell within the measured area / area of the cell) / measured area.
    """
    shapely.prepare(area)
    touched = np.flatnonzero(shapely.intersects(area, individual.cells) & np.isfinite(individual.per_m2))
    own = individual.cells[touched]
    share = shapely.area(shapely.intersection(own, area)) / shapely.area(own)
    sums = np.bincount(moments.moment()[touched], weights=share, minlength=len(moments.time_s))
    return np.asarray(sums / float(area.area), np.float64)


def spread_over_grid(
    moments: CrowdMoments,
    individual: IndividualDensity,
    grid: FloorGrid,
    moment: int,
    *,
    cut_off_m: float = CUT_OFF_M,
) -> FloatArray:
    """The density at the middle of every cell at one moment, persons per m², shape (rows, columns).

    It is that of the nearest person, as in their Voronoi cell; 0 where nobody is within the cut-off.
    """
    people = slice(int(moments.first[moment]), int(moments.first[moment + 1]))
    density = np.zeros(grid.rows * grid.columns)
    if people.stop > people.start:
        xy = np.column_stack([moments.x_m[people], moments.y_m[people]])
        distance_m, nearest = cKDTree(xy).query(grid.centres(), distance_upper_bound=cut_off_m)
        is_near = np.isfinite(distance_m)
        density[is_near] = np.nan_to_num(individual.per_m2[people][nearest[is_near]])
    return density.reshape(grid.shape)


def _find_cells(places: FloatArray, cut_off_m: float) -> ShapeArray:
    """The convex cell of each of several different places, cut somewhere beyond the cut-off."""
    low, high = places.min(axis=0), places.max(axis=0)
    # four points so far off that their borders lie beyond every circle make all others' cells finite
    far_m = 4.0 * (float(np.ptp(places, axis=0).max()) + cut_off_m) + 1.0
    middle = (low + high) / 2
    guards = middle + far_m * np.array([(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)])
    try:
        diagram = Voronoi(np.vstack([places - middle, guards - middle]))
    except QhullError:
        return np.array([shapely.box(*(low - far_m), *(high + far_m))] * len(places), object)
    regions = [diagram.regions[diagram.point_region[index]] for index in range(len(places))]
    corners = np.concatenate([diagram.vertices[region] for region in regions]) + middle
    owner = np.repeat(np.arange(len(places)), [len(region) for region in regions])
    direction = np.arctan2(*(corners - places[owner]).T[::-1])
    order = np.lexsort((direction, owner))
    rings = shapely.linearrings(corners[order], indices=owner[order])
    return np.asarray(shapely.polygons(rings), object)


def _cut_cells(
    cells: ShapeArray,
    places: FloatArray,
    floor: _FloorTiles,
    cut_off_m: float,
    quad_segments: int,
) -> ShapeArray:
    points = np.asarray(shapely.points(places), object)
    circles = np.asarray(shapely.buffer(points, cut_off_m, quad_segs=quad_segments), object)
    cut = cells.copy()
    beyond = ~shapely.covers(circles, cells)
    cut[beyond] = shapely.intersection(cells[beyond], circles[beyond])
    out = np.flatnonzero(~shapely.covers(floor.whole, cut))
    cut[out] = shapely.intersection(cut[out], floor.find_around(places[out]))
    divided = out[shapely.get_num_geometries(cut[out]) > 1]
    for index in divided.tolist():
        pieces = [piece for piece in shapely.get_parts(cut[index]) if piece.distance(points[index]) < 1e-9]
        cut[index] = max(pieces, key=shapely.area, default=shapely.Polygon())
    is_off = ~shapely.dwithin(cut, points, 1e-9)
    cut[is_off] = shapely.Polygon()
    return cut


class _FloorTiles:
    """A floor with many corners, of which a cell needs only those around it."""

    def __init__(self, floor: BaseGeometry, reach_m: float) -> None:
        shapely.prepare(floor)
        self.whole = floor
        self._reach_m = reach_m
        self._around: dict[tuple[int, int], BaseGeometry] = {}

    def find_around(self, places: FloatArray) -> ShapeArray:
        """For each place floor that holds at least all within reach of it."""
        tiles = np.floor(places / TILE_M).astype(np.int64).tolist()
        return np.array([self._find_tile(column, row) for column, row in tiles], object)

    def _find_tile(self, column: int, row: int) -> BaseGeometry:
        if (column, row) not in self._around:
            low_x, low_y = column * TILE_M - self._reach_m, row * TILE_M - self._reach_m
            side_m = TILE_M + 2 * self._reach_m
            box = shapely.box(low_x, low_y, low_x + side_m, low_y + side_m)
            self._around[column, row] = self.whole.intersection(box)
        return self._around[column, row]
