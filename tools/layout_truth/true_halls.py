"""Halls whose layout is changed, for forecasts to be held against what then happens there.

Three plans: rows of stands back to back along aisles, islands open on all sides, and a court with stands
along the walls around a few islands. Every plan has spots that are free, entrances, exits and obstacles.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import shapely

from analytics.domain.floor_geometry import Point, Polygon, Polyline
from analytics.domain.floor_plan import FloorGeometry, FloorPlan, Obstacle
from analytics.domain.identifiers import LineId, ZoneId
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from tools.simulation.crowd.floor_files import format_floor
from tools.simulation.crowd.walk_hall import Rectangle

REACH_M = 1.2
"""Reach of a stand's zone in front of its open sides."""
CATEGORIES = 4
_ROW_DEPTH_M, _AISLE_M, _SLOT_M = 2.5, 4.0, 4.0
_DOOR_M = 3.0
_SIDES: Mapping[str, Point] = {"S": (0.0, -1.0), "N": (0.0, 1.0), "W": (-1.0, 0.0), "E": (1.0, 0.0)}


@dataclass(frozen=True, slots=True)
class Spot:
    """A place for a stand.

    Attributes:
        body: floor that the stand blocks.
        sides: its open sides, some of ``SNWE``.
    """

    body: Rectangle
    sides: str

    @property
    def centre(self) -> Point:
        """Centre of the body."""
        left, low, right, high = self.body
        return (left + right) / 2, (low + high) / 2

    @property
    def size_m(self) -> Point:
        """Width and depth of the body."""
        left, low, right, high = self.body
        return right - left, high - low

    def find_area(self, reach_m: float) -> Rectangle:
        """Return the body with the floor in front of its open sides."""
        left, low, right, high = self.body
        west, east = reach_m * ("W" in self.sides), reach_m * ("E" in self.sides)
        south, north = reach_m * ("S" in self.sides), reach_m * ("N" in self.sides)
        return left - west, low - south, right + east, high + north

    def list_fronts(self) -> list[tuple[Point, Point, float]]:
        """Return the middle, the direction outwards and the width of each open side."""
        (x, y), (width, depth) = self.centre, self.size_m
        fronts = []
        for side in self.sides:
            dx, dy = _SIDES[side]
            middle = (x + dx * width / 2, y + dy * depth / 2)
            fronts.append((middle, (dx, dy), depth if dx else width))
        return fronts


@dataclass(frozen=True, slots=True)
class TrueStand:
    """A stand with the traits of its exhibitor, which go with it wherever it moves.

    Attributes:
        fame: how many have it on their list before they come, relative to the others.
        appeal: how many of those who pass it stop, relative to the others.
        median_dwell_s: of the log-normal time that a visitor stays.
    """

    name: str
    spot: Spot
    kind: ZoneKind = ZoneKind.BOOTH
    category: int = 0
    fame: float = 1.0
    appeal: float = 1.0
    median_dwell_s: float = 45.0

    @property
    def zone(self) -> Zone:
        """The zone in which its visits count."""
        return _make_zone(self.name, self.kind, self.spot.find_area(REACH_M))


@dataclass(frozen=True, slots=True)
class Door:
    """An entrance or exit: the middle of its line, and the direction into the hall."""

    name: str
    kind: ZoneKind
    middle: Point
    inwards: Point
    share: float = 1.0

    @property
    def line(self) -> CountingLine:
        """Counting line; who comes in crosses it from its left to its right."""
        (x, y), (dx, dy) = self.middle, self.inwards
        half = _DOOR_M / 2
        # inwards is on the right hand of the line's direction
        points = ((x + dy * half, y - dx * half), (x - dy * half, y + dx * half))
        return CountingLine(LineId(self.name), self.kind, Polyline.from_points(points, what=self.name))


@dataclass(frozen=True, slots=True)
class TrueHall:
    """A hall in one layout.

    Attributes:
        obstacles: name and floor of what blocks the way beside the stands.
        aisles: zones of kind aisle, by name.
        free_spots: where a stand may be put.
        other_door: where the first entrance may be moved.
        closable: walls that would close an aisle.
        junctions: points in the aisles, which routes lead over.
    """

    size_m: tuple[float, float]
    stands: tuple[TrueStand, ...]
    doors: tuple[Door, ...]
    obstacles: tuple[tuple[str, Rectangle], ...]
    aisles: tuple[tuple[str, Rectangle], ...]
    free_spots: tuple[Spot, ...]
    other_door: tuple[Point, Point]
    closable: tuple[Rectangle, ...]
    junctions: tuple[Point, ...] = field(default=())

    @property
    def zones(self) -> tuple[Zone, ...]:
        """Zones of the stands, then those of the aisles."""
        aisles = tuple(_make_zone(name, ZoneKind.AISLE, area) for name, area in self.aisles)
        return tuple(stand.zone for stand in self.stands) + aisles

    @property
    def blocks(self) -> tuple[tuple[str, Rectangle], ...]:
        """All that blocks the way: the stands' bodies and the obstacles."""
        return tuple((f"{stand.name} body", stand.spot.body) for stand in self.stands) + self.obstacles

    def make_plan(self) -> FloorPlan:
        """Return the floor with its obstacles."""
        obstacles = tuple(Obstacle(name, _to_polygon(name, area), 2.5) for name, area in self.blocks)
        return FloorPlan(_to_polygon("hall", (0.0, 0.0, *self.size_m)), obstacles=obstacles)

    def make_geometry(self) -> FloorGeometry:
        """Return the zones, and the doors' lines."""
        return FloorGeometry(self.zones, tuple(door.line for door in self.doors))

    def format_geojson(self, *, error_m: float = 0.0, rng: np.random.Generator | None = None) -> str:
        """Return zones, lines and obstacles as GeoJSON.

        Args:
            error_m: greatest error of each coordinate, as when the same plan is drawn again.
        """
        document = json.loads(format_floor(zones=self.zones, lines=self.make_geometry().lines))
        for obstacle in self.make_plan().obstacles:
            ring = [list(point) for point in obstacle.outline.points]
            document["features"].append(
                {
                    "type": "Feature",
                    "properties": {
                        "name": obstacle.name,
                        "kind": "obstacle",
                        "height_m": obstacle.height_m,
                    },
                    "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
                }
            )
        if rng is not None and error_m:
            for feature in document["features"]:
                shape = feature["geometry"]
                points = shape["coordinates"][0] if shape["type"] == "Polygon" else shape["coordinates"]
                moved = np.asarray(points) + rng.uniform(-error_m, error_m, (len(points), 2))
                moved = np.clip(moved, 0.0, self.size_m)
                if shape["type"] == "Polygon":
                    moved[-1] = moved[0]
                    shape["coordinates"] = [moved.round(4).tolist()]
                else:
                    shape["coordinates"] = moved.round(4).tolist()
        return json.dumps(document, indent=1) + "\n"


def draw_rows_hall(rng: np.random.Generator) -> TrueHall:
    """Draw rows of stands back to back along three aisles, two blocks of them, behind a lobby in the west."""
    lobby, slots, middle, end = 8.0, 4, 4.0, 5.0
    starts = (lobby, lobby + slots * _SLOT_M + middle)
    width = starts[1] + slots * _SLOT_M + end
    pitch = 2 * _ROW_DEPTH_M + _AISLE_M
    aisle_y = [_ROW_DEPTH_M + _AISLE_M / 2 + number * pitch for number in range(3)]
    height = 3 * pitch
    spots: list[Spot] = []
    for y in aisle_y:
        for side, low in (("N", y - _AISLE_M / 2 - _ROW_DEPTH_M), ("S", y + _AISLE_M / 2)):
            for start in starts:
                left, right = start, start + slots * _SLOT_M
                while left < right - 0.1:
                    is_double = right - left > 1.5 * _SLOT_M and rng.random() < 0.25
                    end_x = left + _SLOT_M * (2 if is_double else 1)
                    spots.append(Spot((left, low, end_x, low + _ROW_DEPTH_M), side))
                    left = end_x
    cafe = Spot((2.0, height - 2.0, 6.0, height - 1.0), "S")
    stage = Spot((width - 1.0, height / 2 - 3.0, width - 0.2, height / 2 + 3.0), "W")
    doors = (
        Door("Entrance 1", ZoneKind.ENTRANCE, (0.7, aisle_y[0]), (1.0, 0.0), 0.65),
        Door("Entrance 2", ZoneKind.ENTRANCE, (0.7, aisle_y[2] - 2.5), (1.0, 0.0), 0.35),
        Door("Exit 1", ZoneKind.EXIT, (0.7, aisle_y[1]), (1.0, 0.0)),
        Door("Exit 2", ZoneKind.EXIT, (width - 0.7, 2.5), (-1.0, 0.0)),
    )
    columns = (lobby - 1.7, starts[0] + slots * _SLOT_M + middle / 2, width - end + 1.8)
    half = _AISLE_M / 2 - REACH_M - 0.1
    aisles = tuple(
        (f"Aisle {number} {part}", (start, y - half, start + slots * _SLOT_M, y + half))
        for number, y in enumerate(aisle_y, start=1)
        for part, start in zip(("west", "east"), starts, strict=True)
    )
    walls = tuple(
        (start + 2 * _SLOT_M - 0.15, y - _AISLE_M / 2, start + 2 * _SLOT_M + 0.15, y + _AISLE_M / 2)
        for y in aisle_y
        for start in starts
    )
    obstacles = (
        ("Info desk", (4.0, height / 2 + 3.0, 5.5, height / 2 + 5.0)),
        ("Pillar 1", (4.0, 2.0, 4.7, 2.7)),
        ("Pillar 2", (width - 2.5, height - 6.0, width - 1.8, height - 5.3)),
    )
    junctions = tuple((x, y) for y in aisle_y for x in columns)
    hall = TrueHall(
        (width, height), (), doors, obstacles, aisles, (), ((width - 0.7, aisle_y[2]), (-1.0, 0.0)), walls,
        junctions,
    )  # fmt: skip
    return _let(hall, spots, rng, cafe=cafe, stage=stage)


def draw_islands_hall(rng: np.random.Generator) -> TrueHall:
    """Draw islands of many sizes, open on all sides, on a loose grid of six by four."""
    cell, columns, rows, edge = (8.0, 8.0), 6, 4, 2.5
    width, height = columns * cell[0] + 2 * edge, rows * cell[1] + 2 * edge
    spots = []
    for row in range(rows):
        for column in range(columns):
            x = edge + (column + 0.5) * cell[0] + rng.uniform(-0.4, 0.4)
            y = edge + (row + 0.5) * cell[1] + rng.uniform(-0.4, 0.4)
            half_x, half_y = rng.uniform(1.2, 1.8), rng.uniform(1.0, 1.6)
            spots.append(Spot((x - half_x, y - half_y, x + half_x, y + half_y), "SNWE"))
    doors = (
        Door("Entrance 1", ZoneKind.ENTRANCE, (width * 0.3, 0.7), (0.0, 1.0), 0.7),
        Door("Entrance 2", ZoneKind.ENTRANCE, (0.7, height * 0.75), (1.0, 0.0), 0.3),
        Door("Exit 1", ZoneKind.EXIT, (width * 0.5, height - 0.7), (0.0, -1.0)),
        Door("Exit 2", ZoneKind.EXIT, (width * 0.6, 0.7), (0.0, 1.0)),
    )
    junctions = tuple(
        (edge + column * cell[0], edge + row * cell[1])
        for row in range(rows + 1)
        for column in range(columns + 1)
    )
    # in the ways between the rows, from island to island
    walls = tuple(
        (x - 0.15, y - 1.4, x + 0.15, y + 1.4)
        for y in edge + cell[1] * np.arange(1, rows)
        for x in edge + cell[0] * (np.arange(1, columns - 1) + 0.5)
    )
    obstacles = tuple(
        (f"Pillar {number}", (x - 0.4, y - 0.4, x + 0.4, y + 0.4))
        for number, (x, y) in enumerate(edge + np.array([(2, 1), (4, 1), (2, 3), (4, 3)]) * cell, start=1)
    )
    aisles = tuple(
        (f"Way {column}", (x - 0.6, edge + cell[1], x + 0.6, edge + 3 * cell[1]))
        for column in (1, 3, 5)
        for x in (edge + column * cell[0],)
    )
    hall = TrueHall(
        (width, height), (), doors, obstacles, aisles, (), ((width - 0.7, height * 0.3), (-1.0, 0.0)), walls,
        junctions,
    )  # fmt: skip
    return _let(hall, spots, rng, cafe=Spot((width - 6.0, height - 1.2, width - 2.5, height - 0.3), "S"))


def draw_court_hall(rng: np.random.Generator) -> TrueHall:
    """Draw a small hall: stands along two walls, and two rows of islands between them."""
    count, pitch, edge = 7, 4.4, 4.0
    width, height = count * pitch + 2 * edge, 22.0
    spots = []
    for column in range(count):
        left = edge + column * pitch + 0.3
        spots.append(Spot((left, 0.3, left + 3.6, 1.8), "N"))
        spots.append(Spot((left, height - 1.8, left + 3.6, height - 0.3), "S"))
    for column in range(5):
        left = edge + 1.5 + column * 5.8
        spots += [Spot((left, y - 1.0, left + 3.0, y + 1.0), "SN") for y in (7.4, 14.6)]
    doors = (
        Door("Entrance 1", ZoneKind.ENTRANCE, (1.0, 4.5), (1.0, 0.0)),
        Door("Exit 1", ZoneKind.EXIT, (width - 1.0, 17.5), (-1.0, 0.0)),
    )
    obstacles = (
        ("Pillar 1", (width / 2 - 0.3, 10.7, width / 2 + 0.3, 11.3)),
        ("Pillar 2", (width / 2 + 9.7, 10.7, width / 2 + 10.3, 11.3)),
    )
    ys = (4.3, 11.0, 17.7)
    aisles = tuple((f"Aisle {n}", (edge, y - 0.8, width - edge, y + 0.8)) for n, y in enumerate(ys, start=1))
    # from a stand at the wall to the island before it
    walls = tuple(
        (edge + 1.5 + column * 5.8 + 1.4, low, edge + 1.5 + column * 5.8 + 1.6, high)
        for column in (1, 2, 3)
        for low, high in ((0.0, 6.4), (15.6, height))
    )
    junctions = tuple((x, y) for y in ys for x in (2.0, width / 3, 2 * width / 3, width - 2.0))
    hall = TrueHall(
        (width, height), (), doors, obstacles, aisles, (), ((1.0, 17.5), (1.0, 0.0)), walls, junctions
    )
    return _let(hall, spots, rng)


def _let(
    hall: TrueHall,
    spots: list[Spot],
    rng: np.random.Generator,
    *,
    cafe: Spot | None = None,
    stage: Spot | None = None,
) -> TrueHall:
    """Return the hall with exhibitors on all but three of its spots."""
    order = rng.permutation(len(spots))
    free = tuple(spots[index] for index in order[:3])
    stands = []
    for number, index in enumerate(sorted(order[3:].tolist()), start=1):
        spot = spots[index]
        stands.append(draw_exhibitor(f"Stand {number:02d}", spot, rng))
    if cafe is not None:
        stands.append(TrueStand("Café", cafe, ZoneKind.CATERING, -1, 0.0, 0.3, 240.0))
    if stage is not None:
        stands.append(TrueStand("Stage", stage, ZoneKind.STAGE, -1, 1.0, 1.5, 180.0))
    return replace(hall, stands=tuple(stands), free_spots=free)


def draw_exhibitor(name: str, spot: Spot, rng: np.random.Generator) -> TrueStand:
    """Draw an exhibitor; a larger stand is a little more attractive."""
    front_m = sum(width for _, _, width in spot.list_fronts())
    fame, appeal = np.exp(rng.normal(0.0, (0.7, 0.45))) * (front_m / 6.0) ** np.array([0.3, 0.4])
    dwell_s = float(45.0 * np.exp(rng.normal(0.0, 0.4)))
    return TrueStand(
        name, spot, ZoneKind.BOOTH, int(rng.integers(CATEGORIES)), float(fame), float(appeal), dwell_s
    )


def _make_zone(name: str, kind: ZoneKind, area: Rectangle) -> Zone:
    return Zone(ZoneId(name), kind, _to_polygon(name, area))


def _to_polygon(name: str, area: Rectangle) -> Polygon:
    left, low, right, high = area
    return Polygon.from_points([(left, low), (right, low), (right, high), (left, high)], what=name)


def write_plan(file: Path, hall: TrueHall, *, redrawn: np.random.Generator | None = None) -> None:
    """Write a layout's GeoJSON; ``redrawn``: with errors up to 5 cm."""
    file.write_text(hall.format_geojson(error_m=0.05, rng=redrawn))


def check_hall(hall: TrueHall) -> None:
    """Raise ValueError where zones overlap or leave the hall."""
    shapes = [shapely.box(*stand.spot.find_area(REACH_M)) for stand in hall.stands]
    shapes += [shapely.box(*area) for _, area in hall.aisles]
    names = [str(zone.name) for zone in hall.zones]
    for i, shape in enumerate(shapes):
        if not shapely.box(0, 0, *hall.size_m).covers(shape):
            raise ValueError(f"{names[i]} leaves the hall")
        for j in range(i):
            if shape.intersection(shapes[j]).area > 1e-6:
                raise ValueError(f"{names[i]} overlaps {names[j]}")
