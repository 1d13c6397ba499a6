"""Selection of the zones whose figures are taken together."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.domain.zone import Zone, ZoneKind

PASSAGES = frozenset({ZoneKind.ENTRANCE, ZoneKind.EXIT, ZoneKind.AISLE, ZoneKind.STAFF})
"""Kinds of zones that are not visited for their own sake."""


def choose_pooled_zones(zones: Sequence[Zone]) -> tuple[Zone, ...]:
    """Return the zones worth a visit: all but doors, aisles and staff rooms, or all if none are left."""
    return tuple(zone for zone in zones if zone.kind not in PASSAGES) or tuple(zones)
