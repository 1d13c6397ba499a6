"""Signed distances of many points to polygons and lines, in pure numpy for speed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analytics.domain.arrays import FloatArray
from analytics.domain.floor_geometry import Point


def measure_squared_distance(x: FloatArray, y: FloatArray, *, start: Point, end: Point) -> FloatArray:
    """Return squared distances in m² of points to the segment from ``start`` to ``end``."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length_squared = dx * dx + dy * dy
    rx, ry = x - start[0], y - start[1]
    along = np.clip((rx * dx + ry * dy) / length_squared, 0.0, 1.0) if length_squared > 0 else 0.0
    result: FloatArray = (rx - along * dx) ** 2 + (ry - along * dy) ** 2
    return result


def measure_depth(x: FloatArray, y: FloatArray, *, points: tuple[Point, ...]) -> FloatArray:
    """Return the depth of points inside a simple polygon, metres: positive inside, negative outside.

    The distance is to the nearest side; the inside is by the even-odd rule (Shimrat 1962).
    """
    nearest = np.full(len(x), np.inf)
    is_inside = np.zeros(len(x), bool)
    for start, end in zip(points, points[1:] + points[:1], strict=True):
        np.minimum(nearest, measure_squared_distance(x, y, start=start, end=end), out=nearest)
        if start[1] != end[1]:
            spans = (start[1] > y) != (end[1] > y)
            at_x = start[0] + (y - start[1]) * ((end[0] - start[0]) / (end[1] - start[1]))
            is_inside ^= spans & (x < at_x)
    distance = np.sqrt(nearest)
    depth: FloatArray = np.where(is_inside, distance, -distance)
    return depth


def find_half_planes(points: tuple[Point, ...]) -> FloatArray | None:
    """Return a convex polygon as a x + b y >= c for every side; None for any other polygon.

    Returns:
        a, b, c of every side, shape (sides, 3); (a, b) has length 1.
    """
    corners = np.asarray(points, np.float64)
    ways = np.roll(corners, -1, axis=0) - corners
    is_side = (ways != 0).any(axis=1)
    corners, ways = corners[is_side], ways[is_side]
    following = np.roll(ways, -1, axis=0)
    turns = ways[:, 0] * following[:, 1] - ways[:, 1] * following[:, 0]
    if not len(ways) or not ((turns >= 0).all() or (turns <= 0).all()) or not turns.any():
        return None
    normals = np.column_stack([-ways[:, 1], ways[:, 0]]) / np.hypot(ways[:, 0], ways[:, 1])[:, None]
    normals *= np.sign(turns.sum())
    return np.column_stack([normals, (normals * corners).sum(axis=1)])


def measure_depth_near(
    x: FloatArray,
    y: FloatArray,
    *,
    points: tuple[Point, ...],
    half_planes: FloatArray | None,
    reach_m: float,
) -> FloatArray:
    """Return depths as ``measure_depth``; points outside by more than ``reach_m`` get any depth below that.

    Args:
        half_planes: those of the polygon, by ``find_half_planes``: inside them the nearest side is on the
            nearest of the lines through the sides, which settles most points.
    """
    if half_planes is None:
        depth = np.full(len(x), -np.inf)
        unsure = find_near(x, y, points=points, margin_m=reach_m)
    else:
        depth = _measure_to_line(x, y, half_planes[0])
        for plane in half_planes[1:]:
            np.minimum(depth, _measure_to_line(x, y, plane), out=depth)
        # near the corner of a convex polygon the lines are nearer than the polygon
        unsure = np.flatnonzero((depth < 0) & (depth >= -reach_m))
    depth[unsure] = measure_depth(x[unsure], y[unsure], points=points)
    return depth


def _measure_to_line(x: FloatArray, y: FloatArray, plane: FloatArray) -> FloatArray:
    a, b, c = plane.tolist()
    depth: FloatArray = (a * x if b == 0 else b * y) - c
    if a != 0 and b != 0:
        depth += a * x
    return depth


def find_exit_shares(
    *,
    from_xy_m: tuple[FloatArray, FloatArray],
    to_xy_m: tuple[FloatArray, FloatArray],
    points: tuple[Point, ...],
) -> FloatArray:
    """Return the share (0 to 1) of each straight path at which it first meets a polygon's outline, or NaN.

    Args:
        from_xy_m, to_xy_m: x and y of the paths' beginnings and ends, each of shape (n,).
    """
    (x, y), dx, dy = from_xy_m, to_xy_m[0] - from_xy_m[0], to_xy_m[1] - from_xy_m[1]
    share = np.full(len(x), np.inf)
    for start, end in zip(points, points[1:] + points[:1], strict=True):
        side_x, side_y = end[0] - start[0], end[1] - start[1]
        to_x, to_y = start[0] - x, start[1] - y
        area = dx * side_y - dy * side_x
        crosses = area != 0
        along = np.divide(to_x * side_y - to_y * side_x, area, out=np.full(len(x), np.inf), where=crosses)
        on_side = np.divide(to_x * dy - to_y * dx, area, out=np.full(len(x), np.inf), where=crosses)
        meets = (along >= 0) & (along <= 1) & (on_side >= 0) & (on_side <= 1)
        share = np.where(meets, np.minimum(share, along), share)
    return np.where(np.isfinite(share), share, np.nan)


def find_near(
    x: FloatArray, y: FloatArray, *, points: tuple[Point, ...], margin_m: float
) -> npt.NDArray[np.int64]:
    """Return the indices of points within the bounding box of ``points``, widened by a margin in metres."""
    corners = np.asarray(points)
    low, high = corners.min(axis=0) - margin_m, corners.max(axis=0) + margin_m
    found: npt.NDArray[np.int64] = np.flatnonzero(
        (x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1])
    )
    return found
