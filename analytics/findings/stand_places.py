"""What a stand's place gives it: how many pass, its size, how open it is to the aisles, and how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy import sparse
from scipy.sparse import csgraph
from shapely.geometry.base import BaseGeometry

from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.zone import Zone, ZoneKind
from analytics.metrics.coverage import FloorGrid
from analytics.rollups.exposed_visitors import list_elements

FloatArray = npt.NDArray[np.float64]

OPEN_M = 1.5
"""So wide is a way on which two walk side by side."""
_STEP_M, _TOUCH_M = 0.25, 0.05
WAY_CELL_M = 0.5
"""Ways are found on a grid of this cell: half a body's width of error at either side."""


@dataclass(frozen=True, slots=True)
class StandPlace:
    """A stand's place on the floor.

    Attributes:
        area_m2: of its zone.
        openness: share of its outline before which 1.5 m of floor are free, 0 to 1: a stand at a corner has
            more of it than one in a row.
        door_m: the way from the nearest entrance on the free floor; None where no entrance is known or no
            way leads there.
    """

    zone: Zone
    area_m2: float
    openness: float
    door_m: float | None


def measure_places(
    plan: FloorPlan, geometry: FloorGeometry, stands: Sequence[Zone]
) -> tuple[StandPlace, ...]:
    """The places of stands, in their order."""
    ways_m = _measure_ways(plan, geometry)
    grid = FloorGrid.around(plan.outline, cell_m=WAY_CELL_M)
    elements = list_elements(geometry.zones)
    floor = plan.outline.to_shape()
    obstacles = [obstacle.outline.to_shape() for obstacle in plan.obstacles]
    # the aisles are drawn as zones in many halls, and are what a stand is open to
    shapes = {
        zone: zone.outline.to_shape()
        for zone in elements
        if zone.kind not in (ZoneKind.AISLE, ZoneKind.OTHER)
    }
    places = []
    for zone in stands:
        shape = zone.outline.to_shape()
        # what is farther away than one looks hides nothing
        around = shape.buffer(2 * OPEN_M)
        elsewhere = [outline for other, outline in shapes.items() if other != zone]
        near = [other for other in (*elsewhere, *obstacles) if other.intersects(around)]
        free = floor.intersection(around).difference(shapely.union_all(near))
        places.append(
            StandPlace(
                zone, float(shape.area), _measure_openness(shape, free), _find_way(ways_m, grid, shape)
            )
        )
    return tuple(places)


def _measure_openness(shape: shapely.Polygon, free: BaseGeometry) -> float:
    """Share of an outline from which one can step straight away for 1.5 m on free floor."""
    ring = shape.exterior
    at_m = np.arange(_STEP_M / 2, ring.length, _STEP_M)
    on = shapely.get_coordinates(shapely.line_interpolate_point(ring, at_m))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(ring, at_m + _TOUCH_M))
    along = (ahead - on) / np.maximum(np.hypot(*(ahead - on).T), 1e-9)[:, None]
    outward = np.column_stack([along[:, 1], -along[:, 0]]) * (1.0 if ring.is_ccw else -1.0)
    rays = shapely.linestrings(np.stack([on + outward * _TOUCH_M, on + outward * OPEN_M], axis=1))
    shapely.prepare(free)
    return float(shapely.contains(free, rays).mean())


def _find_way(ways_m: FloatArray | None, grid: FloorGrid, shape: shapely.Polygon) -> float | None:
    """The shortest way to any cell of a zone or beside it."""
    if ways_m is None:
        return None
    centres = grid.centres()
    near = shapely.contains_xy(shape.buffer(grid.cell_m), centres[:, 0], centres[:, 1])
    reached = ways_m[near & np.isfinite(ways_m)]
    return float(reached.min()) if len(reached) else None


def _measure_ways(plan: FloorPlan, geometry: FloorGeometry) -> FloatArray | None:
    """Metres from the nearest entrance to every cell, on the free floor; None without an entrance."""
    doors: list[BaseGeometry] = [
        zone.outline.to_shape() for zone in geometry.zones if zone.kind is ZoneKind.ENTRANCE
    ]
    doors += [line.path.to_shape() for line in geometry.lines if line.kind is ZoneKind.ENTRANCE]
    if not doors:
        return None
    grid = FloorGrid.around(plan.outline, cell_m=WAY_CELL_M)
    centres = grid.centres()
    free = plan.outline.to_shape().difference(
        shapely.union_all([obstacle.outline.to_shape() for obstacle in plan.obstacles])
    )
    is_free = shapely.contains_xy(free, centres[:, 0], centres[:, 1]).reshape(grid.shape)
    door = shapely.union_all(doors).buffer(grid.cell_m)
    starts = np.flatnonzero(is_free.ravel() & shapely.contains_xy(door, centres[:, 0], centres[:, 1]))
    if not len(starts):
        return None
    ways = csgraph.dijkstra(_link_cells(is_free) * WAY_CELL_M, indices=starts, min_only=True)
    return np.asarray(ways, np.float64)


def _link_cells(is_free: npt.NDArray[np.bool_]) -> sparse.csr_matrix:
    """Which free cells lie beside each other, with their distance in cells."""
    number = np.arange(is_free.size).reshape(is_free.shape)
    from_, to, length = [], [], []
    for rows, columns in ((0, 1), (1, 0), (1, 1), (1, -1)):
        left, right = max(0, -columns), is_free.shape[1] - max(0, columns)
        here = (slice(0, is_free.shape[0] - rows), slice(left, right))
        there = (slice(rows, None), slice(left + columns, right + columns))
        both = is_free[here] & is_free[there]
        from_.append(number[here][both])
        to.append(number[there][both])
        length.append(np.full(int(both.sum()), float(np.hypot(rows, columns))))
    pairs = (np.concatenate(length), (np.concatenate(from_), np.concatenate(to)))
    matrix = sparse.csr_matrix(pairs, shape=(is_free.size, is_free.size))
    return (matrix + matrix.T).tocsr()
