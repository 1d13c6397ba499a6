"""Zones and counting lines: the geometry that turns positions into visits and crossings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from analytics.domain.floor_geometry import Polygon, Polyline
from analytics.domain.identifiers import LineId, ZoneId


class ZoneKind(StrEnum):
    """Purpose of a zone."""

    BOOTH = "booth"
    AISLE = "aisle"
    ENTRANCE = "entrance"
    EXIT = "exit"
    QUEUE = "queue"
    STAGE = "stage"
    CATERING = "catering"
    STAFF = "staff"
    OTHER = "other"


SEATED_KINDS = (ZoneKind.STAGE, ZoneKind.CATERING)
"""Kinds of the zones in which people sit."""


@dataclass(frozen=True, slots=True)
class Zone:
    """An area of the floor whose visits are counted.

    Attributes:
        minimum_stay_s: a shorter stay is no visit.
        leave_distance_m, leave_time_s: who is farther than this from the outline, for longer than this, has
            left; see ``analytics.dwell.visits``.
        colour: ``#rrggbb``; None: that of its kind.
    """

    name: ZoneId
    kind: ZoneKind
    outline: Polygon
    minimum_stay_s: float = 3.0
    leave_distance_m: float = 0.5
    leave_time_s: float = 2.0
    colour: str | None = None

    @property
    def is_door(self) -> bool:
        """Return whether the zone is an entrance or exit."""
        return self.kind in (ZoneKind.ENTRANCE, ZoneKind.EXIT)

    @property
    def is_stand(self) -> bool:
        """Return whether visitors come for this zone: no door, aisle, queue or staff area."""
        ways = (ZoneKind.AISLE, ZoneKind.QUEUE, ZoneKind.STAFF)
        return not self.is_door and self.kind not in ways


RULE_NAMES = ("minimum_stay_s", "leave_distance_m", "leave_time_s")


def describe_rule(zone: Zone) -> dict[str, float]:
    """Return a zone's own parameters of the rule of visits, as printed with every result."""
    return {name: getattr(zone, name) for name in RULE_NAMES}


@dataclass(frozen=True, slots=True)
class CountingLine:
    """A line across which people are counted.

    Seen along it, from its first to its last point, ``in`` is a crossing from its left to its right side.

    Attributes:
        band_m: full width of the band within which a person is on neither side.
        colour: ``#rrggbb``; None: that of its kind.
    """

    name: LineId
    kind: ZoneKind
    path: Polyline
    band_m: float = 0.5
    colour: str | None = None


def is_colour(text: str) -> bool:
    """Return whether a text is a valid colour such as ``#2563eb``."""
    return re.fullmatch(r"#[0-9a-f]{6}", text) is not None
