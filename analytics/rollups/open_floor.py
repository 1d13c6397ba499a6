"""The open floor for walking: a plan without obstacles and without zones for standing."""

from __future__ import annotations

import shapely

from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.zone import ZoneKind

STANDING_KINDS = (ZoneKind.BOOTH, ZoneKind.STAGE, ZoneKind.QUEUE, ZoneKind.CATERING, ZoneKind.STAFF)
"""Kinds of zones in which people are meant to stand, so that crowding there is no bottleneck."""


def find_open_floor(plan: FloorPlan, geometry: FloorGeometry) -> shapely.Geometry:
    """Return the floor without obstacles and without zones in which people are meant to stand."""
    occupied = [obstacle.outline.to_shape() for obstacle in plan.obstacles]
    occupied += [zone.outline.to_shape() for zone in geometry.zones if zone.kind in STANDING_KINDS]
    return plan.outline.to_shape().difference(shapely.union_all(occupied))
