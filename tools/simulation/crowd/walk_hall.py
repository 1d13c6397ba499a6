"""A rectangular hall for synthetic visitors with stands, doors and counting lines."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.domain.floor_geometry import Point, Polygon, Polyline
from analytics.domain.identifiers import LineId, ZoneId
from analytics.domain.zone import CountingLine, Zone, ZoneKind

Rectangle = tuple[float, float, float, float]
"""Left, lower, right and upper side in metres."""


@dataclass(frozen=True, slots=True)
class Stand:
    """A stand that visitors look at.

    Attributes:
        zone: the area around it in which visits count.
        footprint: blocked floor.
        places: where visitors stop, within the zone.
        attraction: how often it is chosen, relative to the others.
        median_dwell_s: of the log-normal time that a visitor stays, in a queue at its head.
        is_queue: the places are a line from its head on, in which visitors advance.
    """

    zone: Zone
    footprint: Rectangle
    places: tuple[Point, ...]
    attraction: float = 1.0
    median_dwell_s: float = 12.0
    is_queue: bool = False


@dataclass(frozen=True, slots=True)
class WalkHall:
    """A hall from (0, 0) to its size, with the points where visitors appear and vanish.

    Attributes:
        doors: where there are any, visitors come and go somewhere along these, rather than at the two points.
    """

    size_m: tuple[float, float]
    entrance: Point
    exit: Point
    stands: tuple[Stand, ...]
    lines: tuple[CountingLine, ...] = ()
    doors: tuple[tuple[Point, Point], ...] = ()


def make_demo_hall() -> WalkHall:
    """Return a hall of 12 m x 8 m with three stands, an entrance on the left and an exit on the right."""
    stands = (
        _make_stand(
            "Robotics",
            footprint=(3.2, 7.1, 5.6, 7.7),
            area=(2.8, 5.5, 6.0, 7.9),
            attraction=1.2,
            median_dwell_s=14.0,
        ),
        _make_stand(
            "Optics",
            footprint=(7.6, 7.1, 10.0, 7.7),
            area=(7.2, 5.5, 10.4, 7.9),
            attraction=1.0,
            median_dwell_s=11.0,
        ),
        _make_stand(
            "Printing",
            footprint=(5.0, 2.9, 7.0, 3.6),
            area=(4.3, 1.2, 7.7, 3.7),
            attraction=1.0,
            median_dwell_s=9.0,
        ),
    )
    lines = (
        _make_line("entrance", ZoneKind.ENTRANCE, ((1.3, 4.0), (1.3, 7.8))),
        _make_line("exit", ZoneKind.EXIT, ((10.9, 6.4), (10.9, 2.6))),
    )
    return WalkHall((12.0, 8.0), (0.3, 6.0), (11.7, 4.6), stands, lines)


def _make_stand(
    name: str,
    *,
    footprint: Rectangle,
    area: Rectangle,
    attraction: float,
    median_dwell_s: float,
) -> Stand:
    left, low, right, _ = footprint
    # two rows in front of it, the second looking through the gaps of the first
    first = [(left + (right - left) * share, low - 0.6) for share in (0.0, 0.33, 0.67, 1.0)]
    second = [(left + (right - left) * share, low - 1.15) for share in (0.17, 0.5, 0.83)]
    places = first + second
    a, b, c, d = area
    outline = Polygon.from_points([(a, b), (c, b), (c, d), (a, d)], what=f"zone '{name}'")
    return Stand(
        Zone(ZoneId(name), ZoneKind.BOOTH, outline), footprint, tuple(places), attraction, median_dwell_s
    )


def _make_line(name: str, kind: ZoneKind, points: tuple[Point, ...]) -> CountingLine:
    return CountingLine(LineId(name), kind, Polyline.from_points(points, what=f"line '{name}'"))
