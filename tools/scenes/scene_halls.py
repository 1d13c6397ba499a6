"""The halls of the test scenes: a part of a fair with stands, larger than what its cameras see.

Visitors come and go by doors at all sides, outside the views, so that they enter a view over its edges.
Every zone is wholly in view; between its edge and a view's edge there is at least a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.domain.floor_geometry import Point, Polygon, Polyline
from analytics.domain.identifiers import LineId, ZoneId
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from tools.simulation.crowd.exhibition_hall import ExhibitionLayout, Furniture
from tools.simulation.crowd.walk_hall import Rectangle, Stand, WalkHall

COUNTER_HEIGHT_M = 1.0

_FRONT_M, _SIDE_M = 1.7, 0.6
"""A stand's zone reaches this far in front of it and to its sides."""
_ROWS = ((0.5, (0.05, 0.35, 0.65, 0.95)), (1.1, (0.2, 0.5, 0.8)))
_CLOSE_ROWS = ((0.45, (0.0, 0.25, 0.5, 0.75, 1.0)), (0.95, (0.1, 0.37, 0.63, 0.9)), (1.45, (0.25, 0.5, 0.75)))
"""Distances from the counter, and places along it in parts of its width."""


@dataclass(frozen=True, slots=True)
class _Counter:
    name: str
    footprint: Rectangle
    attraction: float
    median_dwell_s: float


_BACK_COUNTERS = (
    _Counter("Robotics", (4.2, 11.0, 6.9, 11.8), 1.5, 50.0),
    _Counter("Optics", (8.7, 11.0, 11.3, 11.8), 1.0, 38.0),
    _Counter("Printing", (13.1, 11.0, 15.8, 11.8), 1.1, 34.0),
)
_COUNTERS = (
    *_BACK_COUNTERS,
    _Counter("Drones", (6.2, 6.2, 8.6, 7.0), 1.3, 45.0),
    _Counter("Sensors", (11.4, 6.2, 13.8, 7.0), 0.8, 30.0),
)
_WIDE_COUNTERS = (
    _Counter("Robotics", (5.2, 11.0, 7.9, 11.8), 1.5, 50.0),
    _Counter("Optics", (9.7, 11.0, 12.3, 11.8), 1.0, 38.0),
    _Counter("Glass", (13.7, 11.0, 16.3, 11.8), 0.9, 34.0),
    _Counter("Printing", (18.1, 11.0, 20.8, 11.8), 1.1, 34.0),
    _Counter("Drones", (7.0, 6.4, 9.4, 7.2), 1.3, 45.0),
    _Counter("Textiles", (11.8, 6.4, 14.2, 7.2), 1.0, 36.0),
    _Counter("Sensors", (16.6, 6.4, 19.0, 7.2), 0.8, 30.0),
)


def make_stand_hall(name: str) -> ExhibitionLayout:
    """20 m x 12 m: three stands along a wall and two islands before them, for a camera from the south."""
    return _make_hall(name, (20.0, 12.4), [_make_stand(counter, _ROWS) for counter in _COUNTERS])


def make_meeting_hall(name: str) -> ExhibitionLayout:
    """The same with a post at which people wait on both sides of a counting line, half a metre from it."""
    places = tuple((x, y) for y in (9.0, 8.3, 7.6) for x in (15.75, 16.85))
    zone = _make_zone("Meeting point", ZoneKind.OTHER, (15.1, 7.2, 17.3, 9.6))
    post = Stand(zone, (16.2, 9.4, 16.4, 9.6), places, 2.5, 50.0)
    stands = [_make_stand(counter, _ROWS) for counter in _COUNTERS]
    return _make_hall(name, (20.0, 12.4), [*stands, post])


def make_crowded_hall(name: str) -> ExhibitionLayout:
    """The same with stands at which visitors stand closer together and three deep."""
    return _make_hall(name, (20.0, 12.4), [_make_stand(counter, _CLOSE_ROWS) for counter in _COUNTERS])


def make_wide_hall(name: str) -> ExhibitionLayout:
    """26 m x 12 m with seven stands, for two cameras side by side."""
    stands = [_make_stand(counter, _ROWS) for counter in _WIDE_COUNTERS]
    return _make_hall(name, (26.0, 12.4), stands)


def make_queue_hall(name: str) -> ExhibitionLayout:
    """A ticket counter with a queue of up to eleven, 0.6 m apart, beside three stands."""
    desk: Rectangle = (12.2, 4.6, 13.4, 5.4)
    places = tuple((11.6 - 0.6 * i, 5.0) for i in range(11))
    zone = _make_zone("Tickets", ZoneKind.QUEUE, (5.1, 4.3, 12.1, 5.7))
    queue = Stand(zone, desk, places, 5.0, 15.0, is_queue=True)
    return _make_hall(
        name, (20.0, 12.4), [queue, *(_make_stand(counter, _ROWS) for counter in _BACK_COUNTERS)]
    )


def _make_hall(name: str, size_m: tuple[float, float], stands: Sequence[Stand]) -> ExhibitionLayout:
    width, _ = size_m
    doors = (
        ((0.6, 7.3), (0.6, 10.2)),
        ((width - 0.6, 7.3), (width - 0.6, 10.2)),
        ((1.6, 0.6), (4.0, 0.6)),
        ((width - 4.0, 0.6), (width - 1.6, 0.6)),
    )
    lines = (
        _make_line("west", ((3.7, 6.6), (3.7, 10.6))),
        _make_line("aisle", ((width / 2, 7.4), (width / 2, 9.3))),
        _make_line("east", ((width - 3.7, 10.6), (width - 3.7, 6.6))),
    )
    furniture = tuple(
        Furniture(str(stand.zone.name), stand.footprint, COUNTER_HEIGHT_M, str(stand.zone.name))
        for stand in stands
    )
    hall = WalkHall(size_m, (0.6, 8.7), (width - 0.6, 8.7), tuple(stands), lines, doors)
    return ExhibitionLayout(name, hall, furniture)


def _make_stand(counter: _Counter, rows: tuple[tuple[float, tuple[float, ...]], ...]) -> Stand:
    left, low, right, high = counter.footprint
    places = tuple(
        (left + share * (right - left), low - before_m) for before_m, shares in rows for share in shares
    )
    area = (left - _SIDE_M, low - _FRONT_M, right + _SIDE_M, high)
    zone = _make_zone(counter.name, ZoneKind.BOOTH, area)
    return Stand(zone, counter.footprint, places, counter.attraction, counter.median_dwell_s)


def _make_zone(name: str, kind: ZoneKind, area: Rectangle) -> Zone:
    left, low, right, high = area
    corners = [(left, low), (right, low), (right, high), (left, high)]
    return Zone(ZoneId(name), kind, Polygon.from_points(corners, what=f"zone '{name}'"))


def _make_line(name: str, points: tuple[Point, ...]) -> CountingLine:
    return CountingLine(LineId(name), ZoneKind.AISLE, Polyline.from_points(points, what=f"line '{name}'"))
