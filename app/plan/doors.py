"""Answers to the question whether a place where many people appear and disappear is a door."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import shapely

from analytics.domain.errors import Phrase
from analytics.domain.floor_geometry import Point, Polygon
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import Zone, ZoneKind
from app.core.document import Venue
from app.plan.copied_shapes import find_free_name
from app.plan.edit_geometry import AddShape

if TYPE_CHECKING:
    from analytics.visitors.doors import LearnedDoor

DOOR_SIDE_M = 1.2
"""Side of the zone made of a door: people appear and disappear within half a metre of its middle."""


@dataclass(frozen=True, slots=True)
class RefuseDoor:
    """Record that there is no door at a place."""

    words: ClassVar[Phrase] = Phrase("Answer that there is no door")
    place_m: Point

    def apply(self, venue: Venue) -> Venue:
        """Return the venue after the edit."""
        x_m, y_m = self.place_m
        places = (*venue.corrections.not_doors, (round(x_m, 2), round(y_m, 2)))
        return replace(venue, corrections=replace(venue.corrections, not_doors=places))


def add_door(venue: Venue, place_m: Point, name: str) -> AddShape:
    """Return the edit that draws an entrance at a place.

    Args:
        name: of the zone; a number is added where it is taken.
    """
    version = venue.geometry_at(None)
    free_name = find_free_name(name, used=[str(zone.name) for zone in version.zones])
    reach_m = DOOR_SIDE_M / 2
    corners = [
        (round(place_m[0] + x * reach_m, 2), round(place_m[1] + y * reach_m, 2))
        for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    outline = Polygon.from_points(corners, what=Phrase("zone '{name}'", {"name": free_name}))
    return AddShape(Zone(ZoneId(free_name), ZoneKind.ENTRANCE, outline), version.valid_from_utc_s)


def find_open_doors(venue: Venue, doors: Iterable[LearnedDoor]) -> tuple[LearnedDoor, ...]:
    """Return the doors that nobody has answered: no entrance or exit was drawn there, and no door denied."""
    drawn = [zone.outline.to_shape() for zone in venue.geometry_at(None).zones if zone.is_door]
    return tuple(
        door
        for door in doors
        if not any(math.dist(door.place_m, other) <= DOOR_SIDE_M for other in venue.corrections.not_doors)
        and not any(shape.distance(shapely.Point(door.place_m)) <= DOOR_SIDE_M / 2 for shape in drawn)
    )
