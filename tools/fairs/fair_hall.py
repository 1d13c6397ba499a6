"""A fair of stands along aisles, drawn by chance or by plan: for itineraries and for simulated crowds alike.

From west to east: a lobby with entrance and exit, blocks of stands back to back with aisles between them,
a wall with one passage in it, and behind the passage a stage and a café.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from analytics.domain.floor_geometry import Point, Polygon, Polyline
from analytics.domain.floor_plan import FloorGeometry, FloorPlan, Obstacle
from analytics.domain.identifiers import LineId, ZoneId
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from tools.simulation.crowd.exhibition_hall import ExhibitionLayout, Furniture
from tools.simulation.crowd.walk_hall import Rectangle, Stand, WalkHall

STAGE, CAFE, COFFEE, PASSAGE = "Stage", "Café", "Coffee queue", "Passage"
SOUTH_CROSSING, NORTH_CROSSING = "East aisle south", "East aisle north"
AISLE_M, STAND_DEPTH_M = 5.0, 2.0
_LOBBY_M, _MIDDLE_M, _EAST_M, _PLAZA_M = 7.0, 3.0, 4.0, 14.0
"""Widths of the ways from south to north, and of the room behind the passage."""
_SLOT_M = 5.0
_FRONT_M = 1.5
"""A stand's zone reaches this far into the aisle, so that 2 m in its middle are left for walking."""
_WIDTHS_M = (2.5, 3.5, 4.5)
_WALL_M = 0.6
_DOOR_X_M, _BARRIERS_END_M = 1.0, 3.2
"""Everybody comes and goes between barriers, over a line near their end. The walls are as thick as they are
because the social force model lets a crowd press people into thin ones."""
_QUEUE_STEP_M = 0.6
OWN_QUEUE_PLACES, _QUEUE_PLACES = 4, 13
"""How many can wait in the queue's zone, and in all."""
_STAGE_STEP_M = 0.85
_BODY_M = 0.3
"""Somebody who stands keeps so far from a corner."""
_SIZE_EXPONENT, _CORNER_FACTOR, _DOOR_DECAY_PER_M = 0.5, 1.25, 0.01
"""How a place makes its stand attractive: the only differences between the stands of a fair without facts."""


@dataclass(frozen=True, slots=True)
class FairDesign:
    """What a fair is built of.

    Attributes:
        aisles: with stands on both sides.
        slots: stands along one side of an aisle.
        widths_m: of the stands' fronts, aisle by aisle, its south side before its north side.
        passage_m: width of the passage to stage and café.
        entrance_at, exit_at: the numbers of the aisles opposite the doors.
        has_bent_queue: whether the queue for coffee, where it is longer than its zone, goes across the mouth
            of the first aisle; otherwise it goes straight on.
        counter_height_m: of the rows of stands, over which cameras look or not.
    """

    aisles: int
    slots: int
    widths_m: tuple[float, ...]
    passage_m: float
    entrance_at: int
    exit_at: int
    has_bent_queue: bool = False
    counter_height_m: float = 2.5


@dataclass(frozen=True, slots=True)
class FairStand:
    """A stand with its place in the hall.

    Attributes:
        stand: its attraction is what its place makes of it.
        aisle: number of the aisle that it faces; None behind the passage.
        is_corner: at the end of its row.
        door_m: from the entrance, along the aisles.
    """

    stand: Stand
    aisle: int | None
    width_m: float
    is_corner: bool
    door_m: float

    @property
    def name(self) -> str:
        """Its zone's."""
        return str(self.stand.zone.name)


@dataclass(frozen=True, slots=True)
class FairHall:
    """A fair as it stands.

    Attributes:
        aisle_y_m: the middles of the aisles.
        ways_x_m: the middles of the ways across them: the lobby's, the middle one and the one in the east.
        wall_x_m: of the wall with the passage.
        passage_y_m: the passage's middle.
        stands: of all kinds; stage, café and coffee are the last.
        aisle_zones: parts of the aisles, and the passage.
    """

    design: FairDesign
    size_m: tuple[float, float]
    aisle_y_m: tuple[float, ...]
    ways_x_m: tuple[float, float, float]
    wall_x_m: float
    passage_y_m: float
    entrance: Point
    exit: Point
    stands: tuple[FairStand, ...]
    aisle_zones: tuple[Zone, ...]
    lines: tuple[CountingLine, ...]
    furniture: tuple[Furniture, ...] = field(repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the stands, in their order."""
        return tuple(stand.name for stand in self.stands)

    @property
    def booths(self) -> tuple[FairStand, ...]:
        """The stands in the proper sense: without stage, café and coffee."""
        return tuple(stand for stand in self.stands if stand.stand.zone.kind is ZoneKind.BOOTH)

    def find_stand(self, name: str) -> int:
        """Its number."""
        return self.names.index(name)

    def make_plan(self) -> FloorPlan:
        """The floor with what stands on it."""
        obstacles = tuple(
            Obstacle(item.name, _box(item.name, item.footprint), item.height_m) for item in self.furniture
        )
        return FloorPlan(_box("floor", (0.0, 0.0, *self.size_m)), obstacles=obstacles)

    def make_geometry(self) -> FloorGeometry:
        """All zones and counting lines."""
        zones = tuple(stand.stand.zone for stand in self.stands)
        return FloorGeometry(zones + self.aisle_zones, self.lines)

    def make_layout(self) -> ExhibitionLayout:
        """The same for a simulated crowd."""
        stands = tuple(stand.stand for stand in self.stands)
        hall = WalkHall(self.size_m, self.entrance, self.exit, stands, self.lines)
        return ExhibitionLayout("fair", hall, self.furniture)


def draw_design(random: np.random.Generator) -> FairDesign:
    """A fair of 16 to 30 stands and one of many shapes."""
    aisles, slots = int(random.integers(2, 4)), int(random.integers(4, 6))
    widths = random.choice(_WIDTHS_M, size=2 * aisles * slots)
    doors = random.choice(aisles, size=2, replace=False)
    return FairDesign(
        aisles, slots, tuple(float(w) for w in widths), 4.0, entrance_at=int(doors[0]), exit_at=int(doors[1])
    )


def build_hall(design: FairDesign, *, names: tuple[str, ...] = ()) -> FairHall:
    """The hall of a design.

    Args:
        names: of the stands in the order of ``design.widths_m``; ``A1``, ``A2``, ``B1`` ... by default, a
            letter for each side of an aisle.
    """
    row_m = AISLE_M + 2 * STAND_DEPTH_M
    height = design.aisles * row_m
    aisle_y = tuple(STAND_DEPTH_M + AISLE_M / 2 + number * row_m for number in range(design.aisles))
    west = design.slots // 2
    first_x = _LOBBY_M
    second_x = first_x + west * _SLOT_M + _MIDDLE_M
    blocks_end = second_x + (design.slots - west) * _SLOT_M
    wall = blocks_end + _EAST_M
    width = wall + _PLAZA_M
    ways = (_LOBBY_M - 2.0, second_x - _MIDDLE_M / 2, wall - _EAST_M / 2)
    entrance, way_out = (_DOOR_X_M, aisle_y[design.entrance_at]), (_DOOR_X_M, aisle_y[design.exit_at])
    starts = [first_x + _SLOT_M * n for n in range(west)]
    starts += [second_x + _SLOT_M * n for n in range(design.slots - west)]
    first_of_block, last_of_block = {0, west}, {west - 1, design.slots - 1}
    stands: list[FairStand] = []
    for number, width_m in enumerate(design.widths_m):
        side, slot = divmod(number, design.slots)
        aisle, is_north = divmod(side, 2)
        name = names[number] if names else f"{chr(ord('A') + side)}{slot + 1}"
        is_corner = slot in first_of_block | last_of_block
        # the stand at a corner reaches to it, so that it is open to both ways
        free_m = 0.0 if slot in first_of_block else _SLOT_M - width_m
        middle = starts[slot] + width_m / 2 + (free_m if is_corner else free_m / 2)
        door_m = abs(aisle_y[aisle] - entrance[1]) + middle - entrance[0]
        stands.append(
            _make_booth(name, middle, aisle_y[aisle], width_m, bool(is_north), aisle, is_corner, door_m)
        )
    stands += _make_plaza(wall, width, height, has_bent_queue=design.has_bent_queue)
    passage_y = height / 2
    furniture = [
        Furniture(
            f"Row {number + 1} {part}",
            (x, max(0.0, y - half), end, min(height, y + half)),
            design.counter_height_m,
            "",
        )
        for number, (y, half) in enumerate((n * row_m, STAND_DEPTH_M) for n in range(design.aisles + 1))
        for part, x, end in (("west", first_x, first_x + west * _SLOT_M), ("east", second_x, blocks_end))
    ]
    gap = design.passage_m / 2
    furniture += [
        Furniture("Wall south", (wall - _WALL_M / 2, 0.0, wall + _WALL_M / 2, passage_y - gap), 3.0, ""),
        Furniture("Wall north", (wall - _WALL_M / 2, passage_y + gap, wall + _WALL_M / 2, height), 3.0, ""),
    ]
    furniture += [
        Furniture(f"{name} barrier {side}", (0.0, y + at - 0.5, _BARRIERS_END_M, y + at + 0.5), 0.9, "")
        for name, (_, y) in (("Entrance", entrance), ("Exit", way_out))
        for side, at in (("south", -AISLE_M / 2 - 0.5), ("north", AISLE_M / 2 + 0.5))
    ]
    furniture += [Furniture(s.name, s.stand.footprint, 1.0, s.name) for s in stands if s.aisle is None]
    lines = (
        _make_line("Entrance", ZoneKind.ENTRANCE, _BARRIERS_END_M - 0.2, entrance[1]),
        _make_line("Exit", ZoneKind.EXIT, _BARRIERS_END_M - 0.2, way_out[1]),
    )
    return FairHall(
        design, (width, height), aisle_y, ways, wall, passage_y, entrance, way_out, tuple(stands),
        _make_aisle_zones(aisle_y, (first_x, ways[1], blocks_end), wall, height, passage_y),
        lines, tuple(furniture),
    )  # fmt: skip


def _make_booth(
    name: str,
    middle: float,
    aisle_y: float,
    width_m: float,
    is_north: bool,
    aisle: int,
    is_corner: bool,
    door_m: float,
) -> FairStand:
    left, right = middle - width_m / 2, middle + width_m / 2
    sign = 1.0 if is_north else -1.0
    front, back = aisle_y + sign * AISLE_M / 2, aisle_y + sign * (AISLE_M / 2 + STAND_DEPTH_M)
    count = max(3, round(width_m / 0.85))
    places = tuple(
        (left + (place + 0.5 + shift) / count * width_m, front - sign * before_m)
        for before_m, shift in ((0.45, 0.0), (1.05, 0.25))
        for place in range(count)
    )
    outline = (left, min(back, front - sign * _FRONT_M), right, max(back, front - sign * _FRONT_M))
    zone = Zone(ZoneId(name), ZoneKind.BOOTH, _box(f"zone '{name}'", outline))
    attraction = (width_m / 3.5) ** _SIZE_EXPONENT * (_CORNER_FACTOR if is_corner else 1.0)
    attraction *= float(np.exp(-_DOOR_DECAY_PER_M * door_m))
    footprint = (left, min(front, back), right, max(front, back))
    return FairStand(Stand(zone, footprint, places, attraction, 40.0), aisle, width_m, is_corner, door_m)


def _make_plaza(wall: float, width: float, height: float, *, has_bent_queue: bool) -> list[FairStand]:
    """Stage and café behind the passage; coffee is served in the south of the east aisle."""
    stage_y = height / 2 + 1.0
    seats = tuple(
        (width - 2.6 - _STAGE_STEP_M * column, stage_y + 0.4 + _STAGE_STEP_M * row)
        for column in range(9)
        for row in range(8)
    )
    stage = Stand(
        _make_zone(STAGE, ZoneKind.STAGE, (width - 10.4, stage_y, width - 1.9, stage_y + 7.0)),
        (width - 1.5, stage_y, width - 0.5, stage_y + 7.0),
        seats,
        0.5,
        90.0,
    )
    tables = tuple((wall + 5.0 + 1.1 * column, 1.2 + 1.3 * row) for column in range(7) for row in range(4))
    cafe = Stand(
        _make_zone(CAFE, ZoneKind.CATERING, (wall + 4.0, 0.5, wall + 12.5, 6.2)),
        (width - 1.3, 0.5, width - 0.5, 6.2),
        tables,
        1.5,
        180.0,
    )
    x = wall - _EAST_M / 2
    end = 1.8 + _QUEUE_STEP_M * OWN_QUEUE_PLACES
    queue = Stand(
        _make_zone(COFFEE, ZoneKind.QUEUE, (x - 1.0, 1.3, x + 1.0, end)),
        # as wide as the way: nobody gets caught beside it
        (x - _EAST_M / 2, 0.0, wall - _WALL_M / 2, 1.2),
        _list_queue_places(x, corner=(wall - _EAST_M, STAND_DEPTH_M + AISLE_M), is_bent=has_bent_queue),
        0.8,
        12.0,
        is_queue=True,
    )
    return [FairStand(stand, None, 0.0, False, 0.0) for stand in (stage, cafe, queue)]


def _list_queue_places(x: float, *, corner: Point, is_bent: bool) -> tuple[Point, ...]:
    """The first before the counter; a bent queue goes on to the corner that ends the first aisle."""
    straight = [(x, 1.9 + _QUEUE_STEP_M * place) for place in range(_QUEUE_PLACES)]
    if not is_bent:
        return tuple(straight)
    own, (last_x, last_y) = straight[:OWN_QUEUE_PLACES], straight[OWN_QUEUE_PLACES - 1]
    way_x, way_y = corner[0] + _BODY_M - last_x, corner[1] + _BODY_M - last_y
    length_m = math.hypot(way_x, way_y)
    steps = (_QUEUE_STEP_M * (place + 1) for place in range(_QUEUE_PLACES - OWN_QUEUE_PLACES))
    along = [min(step, length_m) / length_m for step in steps if step < length_m + _QUEUE_STEP_M]
    return (*own, *((last_x + share * way_x, last_y + share * way_y) for share in along))


def _make_aisle_zones(
    aisle_y: tuple[float, ...],
    parts_x: tuple[float, float, float],
    wall: float,
    height: float,
    passage_y: float,
) -> tuple[Zone, ...]:
    first_x, middle_x, end_x = parts_x
    half = AISLE_M / 2 - _FRONT_M - 0.1
    to_x, from_x = wall - _WALL_M / 2, wall + _WALL_M / 2
    zones = [
        _make_zone(f"Aisle {number + 1} {part}", ZoneKind.AISLE, (x, y - half, to_x, y + half))
        for number, y in enumerate(aisle_y)
        for part, x, to_x in (("west", first_x, middle_x), ("east", middle_x, end_x))
    ]
    queue_end = 1.8 + _QUEUE_STEP_M * OWN_QUEUE_PLACES
    zones += [
        _make_zone(SOUTH_CROSSING, ZoneKind.AISLE, (end_x, queue_end, to_x, height / 2)),
        _make_zone(NORTH_CROSSING, ZoneKind.AISLE, (end_x, height / 2, to_x, height)),
        _make_zone(PASSAGE, ZoneKind.AISLE, (from_x, passage_y - 2.0, from_x + 3.0, passage_y + 2.0)),
    ]
    return tuple(zones)


def _make_zone(name: str, kind: ZoneKind, area: Rectangle) -> Zone:
    return Zone(ZoneId(name), kind, _box(f"zone '{name}'", area))


def _box(what: str, area: Rectangle) -> Polygon:
    left, low, right, high = area
    return Polygon.from_points([(left, low), (right, low), (right, high), (left, high)], what=what)


def _make_line(name: str, kind: ZoneKind, x: float, y: float) -> CountingLine:
    # northwards: who walks east comes in, who walks west goes out
    points = ((x, y - AISLE_M / 2), (x, y + AISLE_M / 2))
    return CountingLine(LineId(name), kind, Polyline.from_points(points, what=f"line '{name}'"))
