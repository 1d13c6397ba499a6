"""The zones beside the floor plan: who is in them now, and the figures of a period."""

from __future__ import annotations

from collections.abc import Sequence

from app.operations.compute_views import HeatmapView
from app.operations.floor_scene import FloorScene, LiveDot, ZoneRow
from app.operations.live_positions import count_inside


def make_zone_rows(
    scene: FloorScene | None, view: HeatmapView | None, dots: Sequence[LiveDot] | None
) -> tuple[ZoneRow, ...]:
    """One row for each zone of a floor.

    Args:
        dots: everybody on the floor now; None while no camera is analysed, for nobody is seen is not nobody.
    """
    figures = {zone.name: zone for zone in view.zones} if view is not None else {}
    rows = []
    for shape in scene.zones if scene is not None else ():
        known = figures.get(shape.name)
        now = None if dots is None else count_inside(dots, shape.points)
        if known is None:
            rows.append(ZoneRow(shape.name, now))
        else:
            rows.append(
                ZoneRow(
                    shape.name,
                    now,
                    known.visits,
                    known.visits_interval,
                    known.mean_dwell_s,
                    known.mean_dwell_interval_s,
                )
            )
    return tuple(rows)
