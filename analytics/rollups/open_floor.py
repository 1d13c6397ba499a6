"""The floor for walking: a plan without obstacles and without places where people are meant to stand."""

from __future__ import annotations

import shapely

from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.zone import ZoneKind

STANDING_KINDS = (ZoneKind.BOOTH, ZoneKind.STAGE, ZoneKind.QUEUE, ZoneKind.CATERING, ZoneKind.STAFF)
"""Where people are meant to stand: what is crowded there is no bottleneck."""


def find_open_floor(plan: FloorPlan, geometry: FloorGeometry) -> shapely.Geometry:
    """The floor for walking: without obstacles and without the zones where people are meant to stand."""
    taken = [obstacle.outline.to_shape() for obstacle in plan.obstacles]
    taken += [zone.outline.to_shape() for zone in geometry.zones if zone.kind in STANDING_KINDS]
    return plan.outline.to_shape().difference(shapely.union_all(taken))
