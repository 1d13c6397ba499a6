"""The demonstration's exhibition hall in two layouts: stands, stage and café."""

from __future__ import annotations

from dataclasses import dataclass, replace

from analytics.domain.floor_geometry import Point, Polygon, Polyline
from analytics.domain.identifiers import LineId, ZoneId
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from tools.simulation.crowd.walk_hall import Rectangle, Stand, WalkHall

SIZE_M = (40.0, 25.0)
STAGE, CAFE = "Stage", "Café"
LAYOUT_NAMES = ("A", "B")

_FRONT_M, _SIDE_M = 1.7, 0.8
"""Reach of a stand's zone in front of it and to its sides."""


@dataclass(frozen=True, slots=True)
class Furniture:
    """An obstacle in the hall that blocks walking and sight.

    Attributes:
        stand: the stand it belongs to; empty for the barriers at the doors.
    """

    name: str
    footprint: Rectangle
    height_m: float
    stand: str


@dataclass(frozen=True, slots=True)
class ExhibitionLayout:
    """One arrangement of the hall.

    Attributes:
        hall: with the stands, where people appear, and the counting lines at the doors.
    """

    name: str
    hall: WalkHall
    furniture: tuple[Furniture, ...]

    @property
    def zones(self) -> tuple[Zone, ...]:
        """The zones of the stands, the stage and the café."""
        return tuple(stand.zone for stand in self.hall.stands)


@dataclass(frozen=True, slots=True)
class _Booth:
    """A booth; ``faces_south``: visitors stop on its south side, otherwise on its north side."""

    name: str
    left_m: float
    bottom_m: float
    faces_south: bool
    attraction: float
    median_dwell_s: float


_BOOTHS_A = (
    _Booth("Robotics", 4.5, 5.6, True, 1.6, 34.0),
    _Booth("Optics", 11.5, 5.6, True, 1.0, 26.0),
    _Booth("Batteries", 5.5, 10.4, True, 1.2, 28.0),
    _Booth("Printing", 13.0, 10.4, True, 0.9, 22.0),
    _Booth("Drones", 23.0, 10.4, True, 1.4, 30.0),
    _Booth("Sensors", 33.0, 10.4, True, 0.8, 20.0),
    _Booth("Textiles", 7.5, 16.6, False, 0.7, 18.0),
    _Booth("Glass", 4.3, 13.3, False, 0.6, 16.0),
    _Booth("Software", 10.2, 13.3, False, 1.0, 24.0),
    _Booth("Mobility", 25.6, 17.4, False, 1.3, 30.0),
    _Booth("Medicine", 32.2, 17.4, False, 1.0, 26.0),
    _Booth("Energy", 29.0, 13.3, False, 0.9, 22.0),
)
_MOVED_IN_B = {
    # the strongest stand changes places with a weak one, and two go to the other side of their aisle
    "Robotics": (33.0, 10.4, True),
    "Sensors": (4.5, 5.6, True),
    "Optics": (28.0, 10.4, True),
    "Energy": (33.4, 13.3, False),
}
_BOOTH_SIZE_M = (3.0, 1.0)


def make_exhibition(layout: str) -> ExhibitionLayout:
    """Return the hall of 40 m x 25 m in layout ``A``, or ``B`` in which some stands have moved.

    Raises:
        ValueError: there is no such layout.
    """
    if layout not in LAYOUT_NAMES:
        raise ValueError(f"there are the layouts {LAYOUT_NAMES}, not {layout!r}")
    booths: tuple[_Booth, ...] = _BOOTHS_A
    if layout == "B":
        booths = tuple(_move(booth) for booth in _BOOTHS_A)
    stands = [*(_make_stand(booth) for booth in booths), _make_stage(), _make_cafe()]
    furniture = [
        Furniture(str(stand.zone.name), stand.footprint, 1.0, str(stand.zone.name)) for stand in stands[:-2]
    ]
    furniture.append(Furniture(STAGE, stands[-2].footprint, 0.5, STAGE))
    furniture.append(Furniture("Café counter", stands[-1].footprint, 1.0, CAFE))
    for number, (x, y) in enumerate(_TABLES, start=1):
        table = (x - 0.35, y - 0.35, x + 0.35, y + 0.35)
        furniture.append(Furniture(f"Café table {number}", table, 0.75, CAFE))
    furniture += [Furniture(name, area, 0.9, "") for name, area in _BARRIERS]
    lines = (
        _make_line("Entrance", ZoneKind.ENTRANCE, ((2.4, 6.9), (2.4, 10.1))),
        _make_line("Exit", ZoneKind.EXIT, ((38.2, 19.2), (38.2, 15.2))),
    )
    hall = WalkHall(SIZE_M, (0.8, 8.5), (39.3, 17.2), tuple(stands), lines)
    return ExhibitionLayout(layout, hall, tuple(furniture))


_BARRIERS = (
    ("Entrance barrier south", (2.3, 4.4, 2.5, 6.9)),
    ("Entrance barrier north", (2.3, 10.1, 2.5, 13.2)),
    ("Exit barrier south", (38.1, 12.6, 38.3, 15.2)),
    ("Exit barrier north", (38.1, 19.2, 38.3, 21.6)),
)
"""Barriers that lead everyone across the counting lines."""
_TABLES = ((27.9, 6.1), (29.8, 5.5), (31.7, 6.1))


def _move(booth: _Booth) -> _Booth:
    if booth.name not in _MOVED_IN_B:
        return booth
    left_m, bottom_m, faces_south = _MOVED_IN_B[booth.name]
    return replace(booth, left_m=left_m, bottom_m=bottom_m, faces_south=faces_south)


def _make_stand(booth: _Booth) -> Stand:
    left, low = booth.left_m, booth.bottom_m
    right, high = left + _BOOTH_SIZE_M[0], low + _BOOTH_SIZE_M[1]
    side, front = (low, -1.0) if booth.faces_south else (high, 1.0)
    places = [(left + share * (right - left), side + front * 0.6) for share in (0.05, 0.35, 0.65, 0.95)]
    places += [(left + share * (right - left), side + front * 1.2) for share in (0.2, 0.5, 0.8)]
    bottom, top = (low - _FRONT_M, high) if booth.faces_south else (low, high + _FRONT_M)
    return Stand(
        _make_zone(booth.name, ZoneKind.BOOTH, (left - _SIDE_M, bottom, right + _SIDE_M, top)),
        (left, low, right, high),
        tuple(places),
        booth.attraction,
        booth.median_dwell_s,
    )


def _make_stage() -> Stand:
    places = [(14.9 + 1.1 * column, 16.1 + 1.1 * row) for row in range(3) for column in range(6)]
    zone = _make_zone(STAGE, ZoneKind.STAGE, (14.0, 15.0, 21.4, 19.7))
    return Stand(zone, (14.6, 20.3, 20.8, 21.9), tuple(places), 1.1, 75.0)


def _make_cafe() -> Stand:
    places: list[Point] = [(28.0 + 0.9 * column, 7.0) for column in range(5)]
    for x, y in _TABLES:
        places += [(x - 0.75, y), (x + 0.75, y), (x, y - 0.75)]
    zone = _make_zone(CAFE, ZoneKind.CATERING, (26.3, 4.2, 33.2, 8.2))
    return Stand(zone, (27.2, 7.6, 32.4, 8.1), tuple(places), 1.0, 80.0)


def _make_zone(name: str, kind: ZoneKind, area: Rectangle) -> Zone:
    a, b, c, d = area
    return Zone(
        ZoneId(name), kind, Polygon.from_points([(a, b), (c, b), (c, d), (a, d)], what=f"zone '{name}'")
    )


def _make_line(name: str, kind: ZoneKind, points: tuple[Point, ...]) -> CountingLine:
    return CountingLine(LineId(name), kind, Polyline.from_points(points, what=f"line '{name}'"))
