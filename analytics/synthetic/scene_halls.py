"""The halls of the test scenes: a part of a fair with stands, larger than what its cameras see."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.domain.floor_geometry import Point, Polygon, Polyline
from analytics.domain.identifiers import LineId, ZoneId
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from analytics.synthetic.exhibition_hall import ExhibitionLayout, Furniture
from analytics.synthetic.walk_hall import Rectangle, Stand, WalkHall

HALL_SIZE_M = (20.0, 12.4)
COUNTER_HEIGHT_M = 1.0

_FRONT_M, _SIDE_M = 1.7, 0.6
"""A stand's zone reaches this far in front of it and to its sides."""


@dataclass(frozen=True, slots=True)
class _Counter:
    name: str
    footprint: Rectangle
    attraction: float
    median_dwell_s: float


_COUNTERS = (
    _Counter("Robotics", (4.2, 11.0, 6.9, 11.8), 1.5, 45.0),
    _Counter("Optics", (8.7, 11.0, 11.3, 11.8), 1.0, 35.0),
    _Counter("Printing", (13.1, 11.0, 15.8, 11.8), 1.1, 30.0),
    _Counter("Drones", (6.2, 6.2, 8.6, 7.0), 1.3, 40.0),
    _Counter("Sensors", (11.4, 6.2, 13.8, 7.0), 0.8, 25.0),
)


def make_stand_hall(name: str) -> ExhibitionLayout:
    """Three stands along a wall and two islands before them; people come from both sides."""
    stands = tuple(_make_stand(counter) for counter in _COUNTERS)
    furniture = tuple(
        Furniture(counter.name, counter.footprint, COUNTER_HEIGHT_M, counter.name) for counter in _COUNTERS
    )
    lines = (
        _make_line("west", ((3.7, 6.6), (3.7, 10.6))),
        _make_line("aisle", ((10.0, 7.3), (10.0, 9.3))),
    )
    return ExhibitionLayout(name, WalkHall(HALL_SIZE_M, (0.6, 8.3), (19.4, 8.3), stands, lines), furniture)


def _make_stand(counter: _Counter) -> Stand:
    left, low, right, high = counter.footprint
    width = right - left
    places: list[Point] = [(left + share * width, low - 0.5) for share in (0.05, 0.35, 0.65, 0.95)]
    places += [(left + share * width, low - 1.1) for share in (0.2, 0.5, 0.8)]
    area = (left - _SIDE_M, low - _FRONT_M, right + _SIDE_M, high)
    zone = _make_zone(counter.name, ZoneKind.BOOTH, area)
    return Stand(zone, counter.footprint, tuple(places), counter.attraction, counter.median_dwell_s)


def _make_zone(name: str, kind: ZoneKind, area: Rectangle) -> Zone:
    left, low, right, high = area
    corners = [(left, low), (right, low), (right, high), (left, high)]
    return Zone(ZoneId(name), kind, Polygon.from_points(corners, what=f"zone '{name}'"))


def _make_line(name: str, points: tuple[Point, ...]) -> CountingLine:
    return CountingLine(LineId(name), ZoneKind.AISLE, Polyline.from_points(points, what=f"line '{name}'"))
