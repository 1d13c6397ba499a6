"""A layout as visitors walk it: stands, doors and obstacles, with ways and lines of sight between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from scipy.sparse.csgraph import dijkstra
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.domain.floor_geometry import Point, Polygon
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.zone import ZoneKind

BODY_M = 0.2
"""Half the width of a person: obstacles closer together than twice this leave no way between them."""
TOUCH_M = 0.02
"""Slack for ways along a wall, which touch it."""
DOOR_REACH_M = 3.0
"""Distance up to which a line and a zone of one kind are the same door."""
AISLE_STEP_M = 3.0
MAX_POINTS = 6
"""Maximum number of points at which an aisle can be met."""
SIGHT_POINTS = 4
"""Points of a stand's outline that are looked for."""
FAR_M = 1e4
"""Stands for a way that does not exist."""


@dataclass(frozen=True, slots=True)
class LayoutZone:
    """A zone of a layout."""

    name: str
    kind: ZoneKind
    polygon: Polygon

    @property
    def is_stand(self) -> bool:
        """Return whether visitors come for this zone."""
        return self.kind not in (
            ZoneKind.ENTRANCE,
            ZoneKind.EXIT,
            ZoneKind.AISLE,
            ZoneKind.QUEUE,
            ZoneKind.STAFF,
        )


@dataclass(frozen=True, slots=True)
class LayoutDoor:
    """An entrance or exit; visitors appear and vanish at its middle."""

    name: str
    place_m: Point


@dataclass(frozen=True, slots=True)
class Layout:
    """A hall with its zones and doors, metres.

    Attributes:
        exits: those by which people leave; the entrances where no exit was drawn.
    """

    hall: Polygon
    obstacles: tuple[Polygon, ...]
    zones: tuple[LayoutZone, ...]
    entrances: tuple[LayoutDoor, ...] = ()
    exits: tuple[LayoutDoor, ...] = ()

    @property
    def stands(self) -> tuple[LayoutZone, ...]:
        """Return the zones that visitors come for."""
        return tuple(zone for zone in self.zones if zone.is_stand)


@dataclass(frozen=True, slots=True, eq=False)
class LayoutWays:
    """Ways between the places of a layout: its stands, then its entrances, then its exits.

    Attributes:
        distance_m: walking distance, shape (places, places); ``FAR_M`` where there is no way.
        seen: share of a stand's outline that is seen from a place, shape (places, stands).
        detour_m: additional way of a walk from place to place if it goes by a zone, shape
            (places, places, zones).
    """

    distance_m: FloatArray
    seen: FloatArray
    detour_m: FloatArray


def layout_from_plan(plan: FloorPlan, geometry: FloorGeometry) -> Layout:
    """Return the layout of a plan with one version of its zones and lines."""
    entrances, exits = (_list_doors(geometry, kind) for kind in (ZoneKind.ENTRANCE, ZoneKind.EXIT))
    return Layout(
        hall=plan.outline,
        obstacles=tuple(obstacle.outline for obstacle in plan.obstacles),
        zones=tuple(LayoutZone(str(zone.name), zone.kind, zone.outline) for zone in geometry.zones),
        entrances=entrances,
        exits=exits or entrances,
    )


def _list_doors(geometry: FloorGeometry, kind: ZoneKind) -> tuple[LayoutDoor, ...]:
    """Return the doors of a kind; a line and the nearest zone of that kind are the same door."""
    zones = {str(zone.name): zone.outline.to_shape() for zone in geometry.zones if zone.kind is kind}
    lines = {str(line.name): line.path.to_shape() for line in geometry.lines if line.kind is kind}
    near = sorted(
        (shape.distance(outline), line, zone)
        for line, shape in lines.items()
        for zone, outline in zones.items()
    )
    pairs: dict[str, str] = {}
    for distance_m, line, zone in near:
        if distance_m <= DOOR_REACH_M and line not in pairs and zone not in pairs.values():
            pairs[line] = zone
    # lines count who passes well before the door itself
    doors = {line: zones[pairs[line]] if line in pairs else shape for line, shape in lines.items()}
    doors |= {zone: shape for zone, shape in zones.items() if zone not in pairs.values()}
    return tuple(LayoutDoor(name, _find_middle(shape)) for name, shape in doors.items())


@lru_cache(maxsize=64)
def measure_ways(layout: Layout) -> LayoutWays:
    """Measure the ways and lines of sight of a layout.

    The shortest ways lead straight or from corner to corner of the obstacles (a visibility graph), so that a
    plan drawn again a few centimetres off has nearly the same ways.
    """
    floor = _Floor(layout)
    stands = layout.stands
    doors = [*layout.entrances, *layout.exits]
    zone_points = [floor.find_points(zone) for zone in layout.zones]
    door_points = [floor.find_nearest(door.place_m) for door in doors]
    at: list[IntArray] = []
    count = 0
    for points in [*zone_points, *door_points]:
        at.append(np.arange(count, count + len(points)))
        count += len(points)
    nodes = np.concatenate([np.empty((0, 2)), *zone_points, *door_points])
    between = floor.measure_between(nodes)
    zones_at = at[: len(zone_points)]
    places_at = [own for own, zone in zip(zones_at, layout.zones, strict=True) if zone.is_stand] + at[
        len(zone_points) :
    ]
    from_place = np.array([between[own].min(axis=0) for own in places_at]).reshape(len(places_at), count)
    distance_m = np.array([from_place[:, own].mean(axis=1) for own in places_at]).reshape(
        len(places_at), len(places_at)
    )
    distance_m = np.minimum((distance_m + distance_m.T) / 2, FAR_M)
    np.fill_diagonal(distance_m, 0.0)
    detour_m = np.full((len(places_at), len(places_at), len(layout.zones)), FAR_M)
    nearest_m = np.array([from_place[:, own].min(axis=1) for own in places_at]).reshape(distance_m.shape)
    for index, own in enumerate(zones_at):
        if len(own):
            via = (from_place[:, None, own] + from_place[None, :, own]).min(axis=2)
            detour_m[:, :, index] = np.clip(via - nearest_m, 0.0, FAR_M)
    seen = floor.measure_sight([nodes[own] for own in places_at], [zone.polygon for zone in stands])
    return LayoutWays(distance_m, seen, detour_m)


class _Floor:
    """The floor on which people walk."""

    def __init__(self, layout: Layout) -> None:
        self._hall = layout.hall.to_shape()
        self._obstacles = [obstacle.to_shape() for obstacle in layout.obstacles]
        blocked = shapely.union_all([shape.buffer(BODY_M, join_style="mitre") for shape in self._obstacles])
        self._free = self._hall.difference(blocked)
        # a way may touch the edge of this
        self._blocked = blocked.union(
            self._hall.buffer(1.0, join_style="mitre").difference(self._hall)
        ).buffer(-TOUCH_M, join_style="mitre")
        self._solid = shapely.union_all([shape.buffer(-BODY_M / 2) for shape in self._obstacles])
        shapely.prepare(self._blocked)
        self._corners = _find_corners(blocked, self._hall)

    def find_points(self, zone: LayoutZone) -> FloatArray:
        """Return where people stand in a zone: its middle, or the middles of its sides round an obstacle."""
        shape = zone.polygon.to_shape()
        free = shape.intersection(self._free)
        frame = shapely.minimum_rotated_rectangle(shape)
        corners = shapely.get_coordinates(frame)[:4]
        if free.is_empty:
            # a stand drawn as its block: people stand along its sides
            centre = corners.mean(axis=0)
            out = (corners + np.roll(corners, -1, axis=0)) / 2 - centre
            points = centre + out * (1 + 2 * BODY_M / np.hypot(*out.T))[:, None]
            open_sides = shapely.contains_xy(self._free, points[:, 0], points[:, 1])
            if open_sides.any():
                return np.asarray(points[open_sides], np.float64)
            return self.find_nearest(_find_middle(shape))
        sides_m = np.hypot(*(corners[[1, 2]] - corners[[0, 1]]).T)
        if not zone.is_stand and sides_m.max() > AISLE_STEP_M:
            along = int(sides_m.argmax())
            steps = min(MAX_POINTS, int(np.ceil(sides_m[along] / AISLE_STEP_M)))
            share = ((np.arange(steps) + 0.5) / steps)[:, None]
            ends = (
                (corners[along] + corners[(along + 3) % 4]) / 2,
                (corners[(along + 1) % 4] + corners[(along + 2) % 4]) / 2,
            )
            points = ends[0] * (1 - share) + ends[1] * share
            inside = shapely.contains_xy(free, points[:, 0], points[:, 1])
            if inside.any():
                return np.asarray(points[inside], np.float64)
        middle = free.centroid
        if free.contains(middle):
            return np.array([[middle.x, middle.y]])
        centre = corners.mean(axis=0)
        # in the middle of the floor between the obstacle and each side, which moves as little as the drawing
        rays = [shapely.LineString([centre, side]) for side in (corners + np.roll(corners, -1, axis=0)) / 2]
        open_parts = [
            max(shapely.get_parts(ray.intersection(free)), key=shapely.length, default=None) for ray in rays
        ]
        points = np.array(
            [
                shapely.get_coordinates(part.interpolate(0.5, normalized=True))[0]
                for part in open_parts
                if part is not None and part.length > 0
            ]
        )
        return np.asarray(points, np.float64) if len(points) else np.array([_find_middle(free)])

    def find_nearest(self, place_m: Point) -> FloatArray:
        """Return the walkable point nearest to a place, shape (1, 2)."""
        if self._free.is_empty or self._free.covers(shapely.Point(place_m)):
            return np.array([place_m])
        near = shapely.shortest_line(self._free, shapely.Point(place_m))
        return np.asarray(shapely.get_coordinates(near)[:1], np.float64)

    def measure_between(self, nodes: FloatArray) -> FloatArray:
        """Return the shortest ways between points, shape (points, points)."""
        points = np.concatenate([nodes, self._corners])
        first, second = np.triu_indices(len(points), 1)
        if not len(first):
            return np.zeros((len(nodes), len(nodes)))
        ends = np.stack([points[first], points[second]], axis=1)
        is_open = ~shapely.intersects(self._blocked, shapely.linestrings(ends))
        # a point under an obstacle is reached all the same, by straight lines
        length = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
        weight = np.zeros((len(points), len(points)))
        weight[first[is_open], second[is_open]] = np.maximum(length[is_open], 1e-6)
        found = dijkstra(weight, directed=False, indices=np.arange(len(nodes)))[:, : len(nodes)]
        return np.asarray(np.where(np.isfinite(found), found, FAR_M), np.float64)

    def measure_sight(self, places: Sequence[FloatArray], stands: Sequence[Polygon]) -> FloatArray:
        """Return the share of points on stands' outlines seen from places, shape (places, stands)."""
        seen = np.ones((len(places), len(stands)))
        if not self._obstacles or not stands:
            return seen
        eyes = np.concatenate(list(places))
        first = np.cumsum([0, *(len(points) for points in places[:-1])])
        counts = np.array([len(points) for points in places])
        own = [self._find_own(stand.to_shape()) for stand in stands]
        for index, stand in enumerate(stands):
            # within the outline, where a neighbour drawn a few centimetres off does not hide it
            line = affinity.scale(stand.to_shape(), 0.8, 0.8).exterior
            marks = shapely.get_coordinates(
                shapely.line_interpolate_point(
                    line, (np.arange(SIGHT_POINTS) + 0.5) / SIGHT_POINTS, normalized=True
                )
            )
            ends = np.stack([np.repeat(eyes, SIGHT_POINTS, axis=0), np.tile(marks, (len(eyes), 1))], axis=1)
            others = self._solid.difference(own[index].buffer(BODY_M))
            shapely.prepare(others)
            is_seen = ~shapely.intersects(others, shapely.linestrings(ends))
            of_eye = is_seen.reshape(len(eyes), SIGHT_POINTS).mean(axis=1)
            seen[:, index] = np.add.reduceat(of_eye, first) / counts
        return seen

    def _find_own(self, stand: BaseGeometry) -> BaseGeometry:
        """Return the obstacles that a stand has within it: its own walls do not hide it."""
        within = [o for o in self._obstacles if o.intersection(stand).area > 0.05 * stand.area]
        return shapely.union_all(within)


def _find_corners(blocked: BaseGeometry, hall: shapely.Polygon) -> FloatArray:
    """Return the corners round which people walk: convex ones of obstacles, concave ones of the hall."""
    corners = []
    rings: list[tuple[BaseGeometry, bool]] = []
    for part in shapely.get_parts(blocked):
        if part.geom_type == "Polygon":
            rings.append((part.exterior, True))
            rings += [(hole, False) for hole in part.interiors]
    rings.append((hall.exterior, False))
    for ring, is_solid in rings:
        points = shapely.get_coordinates(ring)[:-1]
        if len(points) < 3:
            continue
        before, after = points - np.roll(points, 1, axis=0), np.roll(points, -1, axis=0) - points
        turn = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
        if not shapely.is_ccw(ring):
            turn = -turn
        is_corner: BoolArray = turn > 0 if is_solid else turn < 0
        corners.append(points[is_corner])
    found = np.concatenate([np.empty((0, 2)), *corners])
    inside = shapely.intersects_xy(hall, found[:, 0], found[:, 1]) if len(found) else np.empty(0, bool)
    return np.asarray(found[inside], np.float64)


def _find_middle(shape: BaseGeometry) -> Point:
    if isinstance(shape, shapely.LineString):
        point = shapely.line_interpolate_point(shape, 0.5, normalized=True)
    else:
        middle = shape.centroid
        point = middle if shape.contains(middle) else shape.representative_point()
    return float(point.x), float(point.y)
