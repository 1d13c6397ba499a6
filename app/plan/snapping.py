"""Snapping of a point being drawn to corners, sides, right angles and the grid.

Pure functions in metres; the tolerance comes from the scale of the view, so that it is the same on the screen
at every zoom. Corners go before sides, sides before angles, angles before the grid; where an angle and a
side or the grid are both near, the point that fulfils both is taken.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from analytics.domain.floor_geometry import Point

Segment = tuple[Point, Point]


class SnapKind(StrEnum):
    """The kind of target that a point snapped to."""

    NONE = "none"
    VERTEX = "vertex"
    EDGE = "edge"
    RIGHT_ANGLE = "right_angle"
    PARALLEL = "parallel"
    GRID = "grid"


@dataclass(frozen=True, slots=True)
class Outline:
    """An outline on the plan that points snap to."""

    points: tuple[Point, ...]
    is_closed: bool = True

    def sides(self) -> Iterator[Segment]:
        """Return its sides, each from one corner to the next."""
        yield from itertools.pairwise(self.points)
        if self.is_closed and len(self.points) > 1:
            yield self.points[-1], self.points[0]


@dataclass(frozen=True, slots=True)
class SnapSettings:
    """The enabled snap targets.

    Attributes:
        tolerance_m: maximum snap distance, from ``find_tolerance``.
        grid_m: spacing of the grid; None for no grid.
    """

    tolerance_m: float
    grid_m: float | None = None
    to_edges: bool = True
    to_angles: bool = True


@dataclass(frozen=True, slots=True)
class Snap:
    """A snapped point and its target.

    Attributes:
        guides: lines to show, from the snap targets.
    """

    point: Point
    kind: SnapKind
    guides: tuple[Segment, ...] = ()


def find_tolerance(*, pixels: float, pixels_per_metre: float) -> float:
    """Convert screen pixels to metres of the floor."""
    return pixels / pixels_per_metre


def snap_point(
    point: Point,
    *,
    outlines: Sequence[Outline],
    settings: SnapSettings,
    previous: Point | None = None,
    before_previous: Point | None = None,
) -> Snap:
    """Snap a point to the nearest target.

    Args:
        outlines: all but the one that is being drawn or moved.
        previous: the corner before it, from which a side is being drawn.
        before_previous: the corner before that, to whose side right angles are drawn.
    """
    corner = _find_nearest([p for outline in outlines for p in outline.points], point)
    if corner is not None and math.dist(corner, point) <= settings.tolerance_m:
        return Snap(corner, SnapKind.VERTEX)
    rays = _find_rays(previous, before_previous, outlines, point) if settings.to_angles else []
    ray = _find_nearest_ray(rays, point, settings.tolerance_m)
    sides = [side for outline in outlines for side in outline.sides()] if settings.to_edges else []
    near = [side for side in sides if math.dist(project_on_side(point, side), point) <= settings.tolerance_m]
    if ray is not None:
        return _snap_on_ray(point, ray, near, settings)
    if near:
        side = min(near, key=lambda s: math.dist(project_on_side(point, s), point))
        return Snap(project_on_side(point, side), SnapKind.EDGE, (side,))
    if settings.grid_m:
        knot = _snap_to_grid(point, settings.grid_m)
        if math.dist(knot, point) <= settings.tolerance_m:
            return Snap(knot, SnapKind.GRID)
    return Snap(point, SnapKind.NONE)


def snap_move(
    points: Sequence[Point], *, by_m: Point, outlines: Sequence[Outline], settings: SnapSettings
) -> Point:
    """Snap the movement of a whole shape, so that one of its corners meets a target.

    Corners that land on corners go before those that land on sides, and those before the grid.
    """
    moved = [(x + by_m[0], y + by_m[1]) for x, y in points]
    found: list[tuple[int, float, Point]] = []
    order = (SnapKind.VERTEX, SnapKind.EDGE, SnapKind.GRID)
    for point in moved:
        snap = snap_point(point, outlines=outlines, settings=settings)
        if snap.kind in order:
            correction = (snap.point[0] - point[0], snap.point[1] - point[1])
            found.append((order.index(snap.kind), math.hypot(*correction), correction))
    if not found:
        return by_m
    _kind, _length, (dx, dy) = min(found)
    return by_m[0] + dx, by_m[1] + dy


def _find_nearest(points: Sequence[Point], to: Point) -> Point | None:
    return min(points, key=lambda p: math.dist(p, to), default=None)


def project_on_side(point: Point, side: Segment) -> Point:
    """Return the nearest point of a side."""
    (x0, y0), (x1, y1) = side
    dx, dy = x1 - x0, y1 - y0
    squared = dx * dx + dy * dy
    if squared == 0:
        return side[0]
    along = min(1.0, max(0.0, ((point[0] - x0) * dx + (point[1] - y0) * dy) / squared))
    return x0 + along * dx, y0 + along * dy


def measure_to_side(point: Point, side: Segment) -> float:
    """Return the distance from a point to the nearest point of a side."""
    return math.dist(point, project_on_side(point, side))


@dataclass(frozen=True, slots=True)
class _Ray:
    """A straight line through the previous corner; ``unit`` is its direction."""

    origin: Point
    unit: Point
    kind: SnapKind

    def project(self, point: Point) -> Point:
        along = (point[0] - self.origin[0]) * self.unit[0] + (point[1] - self.origin[1]) * self.unit[1]
        return self.origin[0] + along * self.unit[0], self.origin[1] + along * self.unit[1]


def _find_rays(
    previous: Point | None, before_previous: Point | None, outlines: Sequence[Outline], point: Point
) -> list[_Ray]:
    """Return likely directions of a side: along the axes, square to the last side, along a neighbour."""
    if previous is None or point == previous:
        return []
    rays = [_Ray(previous, unit, SnapKind.RIGHT_ANGLE) for unit in ((1.0, 0.0), (0.0, 1.0))]
    if before_previous is not None and before_previous != previous:
        ux, uy = _unit((before_previous, previous))
        rays += [_Ray(previous, (-uy, ux), SnapKind.RIGHT_ANGLE), _Ray(previous, (ux, uy), SnapKind.PARALLEL)]
    sides = [side for outline in outlines for side in outline.sides() if side[0] != side[1]]
    if sides:
        nearest = min(sides, key=lambda s: math.dist(project_on_side(point, s), point))
        ux, uy = _unit(nearest)
        rays += [_Ray(previous, (ux, uy), SnapKind.PARALLEL), _Ray(previous, (-uy, ux), SnapKind.RIGHT_ANGLE)]
    return rays


def _unit(side: Segment) -> Point:
    length = math.dist(*side)
    return (side[1][0] - side[0][0]) / length, (side[1][1] - side[0][1]) / length


def _find_nearest_ray(rays: Sequence[_Ray], point: Point, tolerance_m: float) -> _Ray | None:
    ray = min(rays, key=lambda r: math.dist(r.project(point), point), default=None)
    if ray is None or math.dist(ray.project(point), point) > tolerance_m:
        return None
    # beside the previous corner every direction is near, and none was meant
    return ray if math.dist(ray.project(point), ray.origin) > tolerance_m else None


def _snap_on_ray(point: Point, ray: _Ray, near: Sequence[Segment], settings: SnapSettings) -> Snap:
    guide = (ray.origin, ray.project(point))
    meetings = [(meeting, side) for side in near if (meeting := _intersect(ray, side)) is not None]
    for meeting, side in sorted(meetings, key=lambda pair: math.dist(pair[0], point)):
        if math.dist(meeting, point) <= math.sqrt(2) * settings.tolerance_m:
            return Snap(meeting, ray.kind, ((ray.origin, meeting), side))
    if settings.grid_m:
        length = math.dist(*guide)
        rounded = round(length / settings.grid_m) * settings.grid_m
        if rounded > 0 and abs(rounded - length) <= settings.tolerance_m:
            sign = 1.0 if _is_ahead(ray, guide[1]) else -1.0
            end = (ray.origin[0] + sign * rounded * ray.unit[0], ray.origin[1] + sign * rounded * ray.unit[1])
            return Snap(end, ray.kind, ((ray.origin, end),))
    return Snap(guide[1], ray.kind, (guide,))


def _is_ahead(ray: _Ray, point: Point) -> bool:
    return (point[0] - ray.origin[0]) * ray.unit[0] + (point[1] - ray.origin[1]) * ray.unit[1] >= 0


def _intersect(ray: _Ray, side: Segment) -> Point | None:
    """Return the intersection of a straight line with a side; None without one."""
    (x0, y0), (x1, y1) = side
    dx, dy = x1 - x0, y1 - y0
    across = ray.unit[0] * dy - ray.unit[1] * dx
    if abs(across) < 1e-12:
        return None
    ox, oy = x0 - ray.origin[0], y0 - ray.origin[1]
    share = (ox * ray.unit[1] - oy * ray.unit[0]) / across
    if not -1e-9 <= share <= 1 + 1e-9:
        return None
    return x0 + share * dx, y0 + share * dy


def _snap_to_grid(point: Point, grid_m: float) -> Point:
    return round(point[0] / grid_m) * grid_m, round(point[1] / grid_m) * grid_m
