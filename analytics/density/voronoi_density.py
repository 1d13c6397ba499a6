"""Individual density from Voronoi cells: the floor nearer to one person than to anyone else.

Steffen and Seyfried (2010), Physica A 389, 1902. Implemented with scipy and shapely and tested against PedPy,
which requires tables without missing frames and convex areas, and imports pyplot with its global state.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import QhullError, Voronoi
from shapely.geometry.base import BaseGeometry

from analytics.density.crowd_moments import CrowdMoments
from analytics.domain.arrays import FloatArray, IntArray
from analytics.metrics.coverage import FloorGrid

ShapeArray = npt.NDArray[np.object_]

CUT_OFF_M = 1.0
"""Maximum radius of a person's floor: a person alone in a hall does not have all of it."""
QUAD_SEGMENTS = 16
TILE_M = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class IndividualDensity:
    """Densities at the positions of crowd moments.

    Attributes:
        cells: floor of each person as polygons, shape (n,).
        per_m2: one over its area, shape (n,); NaN for a person off the floor.
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
    """Compute everybody's Voronoi cell at each moment, within the floor and a circle, and its density.

    Two people at the very same place share a cell, and each counts with half of it.

    Args:
        floor: walkable floor; of a cell divided by an obstacle, the part with the person counts.
        cut_off_m: radius of the circle.
        quad_segments: number of the circle's sides in a quarter.
    """
    cells = np.full(len(moments.x_m), shapely.Polygon(), object)
    per_m2 = np.full(len(moments.x_m), np.nan)
    tiles = _FloorTiles(floor, cut_off_m)
    moment = moments.moment()
    for batch in moments.batches():
        people = slice(int(moments.first[batch.start]), int(moments.first[batch.stop]))
        if people.stop == people.start:
            continue
        places, first, owner = _find_places(moment[people], moments.x_m[people], moments.y_m[people])
        shapes = _cut_cells(_find_cells(places, first, cut_off_m), places, tiles, cut_off_m, quad_segments)
        area_m2 = shapely.area(shapes) / np.bincount(owner)
        with np.errstate(divide="ignore"):
            density = np.where(area_m2 > 0, 1.0 / area_m2, np.nan)
        cells[people], per_m2[people] = shapes[owner], density[owner]
    return IndividualDensity(cells, per_m2)


def find_nearest_people(moments: CrowdMoments, some: slice, grid: FloorGrid) -> tuple[IntArray, IntArray]:
    """Find the nearest person of each cell with someone within the cut-off.

    Args:
        some: slice of the moments.

    Returns:
        Raveled indices of cells, one for each moment with someone near, and of the nearest position.
    """
    people = np.arange(moments.first[some.start], moments.first[some.stop])
    moment = np.repeat(np.arange(some.stop - some.start), np.diff(moments.first[some.start : some.stop + 1]))
    column, across_m = _find_near(moments.x_m[people], grid.x_edges(), grid.cell_m, CUT_OFF_M)
    row, along_m = _find_near(moments.y_m[people], grid.y_edges(), grid.cell_m, CUT_OFF_M)
    square_m2 = along_m[:, :, None] ** 2 + across_m[:, None, :] ** 2
    who, down, right = np.nonzero(square_m2 < CUT_OFF_M**2)
    cell = row[who, down] * grid.columns + column[who, right]
    key = moment[who] * (grid.rows * grid.columns) + cell
    order = np.lexsort((square_m2[who, down, right], key))
    nearest = order[np.flatnonzero(np.diff(key[order], prepend=-1))]
    return cell[nearest], people[who[nearest]]


def _find_near(
    at_m: FloatArray, edges_m: FloatArray, cell_m: float, reach_m: float
) -> tuple[IntArray, FloatArray]:
    """Return columns or rows around each person, shape (n, k), and distances to their middles, inf off it."""
    around = np.arange(-math.ceil(reach_m / cell_m), math.ceil(reach_m / cell_m) + 1)
    index = np.floor((at_m - edges_m[0]) / cell_m).astype(np.int64)[:, None] + around
    is_on = (index >= 0) & (index < len(edges_m) - 1)
    middle_m = edges_m[np.where(is_on, index, 0)] + cell_m / 2
    return index, np.where(is_on, middle_m - at_m[:, None], np.inf)


def _find_places(moment: IntArray, x_m: FloatArray, y_m: FloatArray) -> tuple[FloatArray, IntArray, IntArray]:
    """Return the distinct places at each moment, the first of each moment, and each position's place."""
    order = np.lexsort((y_m, x_m, moment))
    at = np.column_stack([moment, x_m, y_m])[order]
    is_new = np.concatenate([[True], (at[1:] != at[:-1]).any(axis=1)])
    owner = np.empty(len(order), np.int64)
    owner[order] = np.cumsum(is_new) - 1
    at = at[is_new]
    return at[:, 1:], np.flatnonzero(np.diff(at[:, 0], prepend=-1, append=np.inf)), owner


def _find_cells(places: FloatArray, first: IntArray, cut_off_m: float) -> ShapeArray:
    """Return the convex cell of each distinct place of each moment, cut beyond the cut-off."""
    found = [_find_corners(places[begin:end], cut_off_m) for begin, end in itertools.pairwise(first.tolist())]
    corners = np.concatenate([some for some, _ in found])
    owner = np.repeat(np.arange(len(places)), np.concatenate([counts for _, counts in found]))
    direction = np.arctan2(*(corners - places[owner]).T[::-1])
    order = np.lexsort((direction, owner))
    rings = shapely.linearrings(corners[order], indices=owner[order])
    return np.asarray(shapely.polygons(rings), object)


def _find_corners(places: FloatArray, cut_off_m: float) -> tuple[FloatArray, IntArray]:
    """Return the unordered corners of the cells of one moment, and the number for each cell."""
    low, high = places.min(axis=0), places.max(axis=0)
    # four points so distant that their borders lie beyond every circle make all other cells finite
    far_m = 4.0 * (float((high - low).max()) + cut_off_m) + 1.0
    middle = (low + high) / 2
    guards = middle + far_m * np.array([(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)])
    try:
        diagram = Voronoi(np.vstack([places - middle, guards - middle]))
    except QhullError:
        around = shapely.get_coordinates(shapely.box(*(low - far_m), *(high + far_m)))[:4]
        return np.tile(around, (len(places), 1)), np.full(len(places), len(around))
    regions = [diagram.regions[index] for index in diagram.point_region[: len(places)].tolist()]
    corners = diagram.vertices[list(itertools.chain.from_iterable(regions))] + middle
    return corners, np.array([len(region) for region in regions])


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
    """A floor with many corners, cut into tiles so that a cell uses only those around it."""

    def __init__(self, floor: BaseGeometry, reach_m: float) -> None:
        shapely.prepare(floor)
        self.whole = floor
        self._reach_m = reach_m
        self._around: dict[tuple[int, int], BaseGeometry] = {}

    def find_around(self, places: FloatArray) -> ShapeArray:
        """Return for each place a part of the floor that holds at least all within reach of it."""
        tiles = np.floor(places / TILE_M).astype(np.int64).tolist()
        return np.array([self._find_tile(column, row) for column, row in tiles], object)

    def _find_tile(self, column: int, row: int) -> BaseGeometry:
        if (column, row) not in self._around:
            low_x, low_y = column * TILE_M - self._reach_m, row * TILE_M - self._reach_m
            side_m = TILE_M + 2 * self._reach_m
            box = shapely.box(low_x, low_y, low_x + side_m, low_y + side_m)
            self._around[column, row] = self.whole.intersection(box)
        return self._around[column, row]
