"""What is wrong with zones: where they lie, what sees them, and whether they are large enough."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import shapely

from analytics.domain.errors import Phrase
from analytics.domain.floor_geometry import MINIMUM_AREA_M2, Point
from analytics.domain.floor_plan import FloorPlan
from analytics.domain.zone import Zone
from analytics.metrics.coverage import CameraView, compute_zone_coverage
from analytics.metrics.visits import VisitSettings
from app.operations.findings import GeometryFinding, Verdict
from app.operations.geometry_change import Part, name_value

SLIGHT_SHARE = 0.01
"""Less of a zone is the width of a drawn line."""
OBSERVED_SHARE = 0.8
"""Of a zone that is observed for less than this no comparison is made (metrics: comparing periods)."""
MOSTLY = 0.5


def check_zone(
    zone: Zone,
    *,
    plan: FloorPlan,
    views: Sequence[CameraView],
    tracks: pd.DataFrame | None,
) -> Iterator[GeometryFinding]:
    """All that can be said of one zone alone.

    Args:
        views: empty: nothing is known of what the cameras see.
        tracks: of a while, for the error of the positions; the columns of ``TRACK_COLUMNS``.
    """
    shape = zone.outline.to_shape()
    if not shape.is_valid:
        yield _find(
            zone,
            "zone-crosses-itself",
            Verdict.FAILED,
            Phrase("Its outline crosses itself: which side is inside cannot be said."),
            Phrase("Move its corners so that no two sides cross."),
        )
        return
    yield from _check_place(zone, shape, plan)
    yield from _check_size(zone, shape, tracks)
    if views:
        yield from _check_coverage(zone, views)


def check_overlaps(zones: Sequence[Zone]) -> Iterator[GeometryFinding]:
    """Zones that lie on each other: people there are counted in both."""
    shapes = [zone.outline.to_shape() for zone in zones]
    tree = shapely.STRtree(shapes)
    for first, (zone, shape) in enumerate(zip(zones, shapes, strict=True)):
        for second in sorted(int(index) for index in tree.query(shape)):
            if second <= first or not (shape.is_valid and shapes[second].is_valid):
                continue
            common = shape.intersection(shapes[second])
            share = common.area / min(shape.area, shapes[second].area)
            if common.area < MINIMUM_AREA_M2 or share < SLIGHT_SHARE:
                continue
            yield _find(
                zone,
                "zone-overlap",
                Verdict.WARNING,
                Phrase(
                    "{percent:.0f} % of the smaller one lies on {other}: people there are counted in both.",
                    {"percent": 100 * share, "other": name_value(zones[second])},
                ),
                Phrase("Move a side of one of them, unless both are to count them."),
                place_m=_middle(common),
                share=share,
            )


def estimate_sigma(tracks: pd.DataFrame | None, zone: Zone) -> float | None:
    """The median standard deviation of the positions in a zone, metres; None where nobody was seen there."""
    if tracks is None or tracks.empty:
        return None
    x_m, y_m = tracks["x_m"].to_numpy(np.float64), tracks["y_m"].to_numpy(np.float64)
    sigma_m = tracks["sigma_m"].to_numpy(np.float64)
    inside = shapely.contains_xy(zone.outline.to_shape(), x_m, y_m) & np.isfinite(sigma_m)
    return float(np.median(sigma_m[inside])) if inside.any() else None


def _check_place(zone: Zone, shape: shapely.Polygon, plan: FloorPlan) -> Iterator[GeometryFinding]:
    outside = shape.difference(plan.outline.to_shape())
    share = outside.area / shape.area
    if share > 1 - SLIGHT_SHARE:
        yield _find(
            zone,
            "zone-outside-plan",
            Verdict.FAILED,
            Phrase("It lies outside of the hall: nobody can be in it."),
            Phrase("Move it into the hall, or draw the hall larger."),
            share=share,
        )
        return
    if share > SLIGHT_SHARE:
        yield _find(
            zone,
            "zone-outside-plan",
            Verdict.WARNING,
            Phrase("{percent:.0f} % of it lies outside of the hall.", {"percent": 100 * share}),
            Phrase("Move its corners to the walls, or draw the hall larger."),
            place_m=_middle(outside),
            share=share,
        )
    blocked = shapely.union_all([obstacle.outline.to_shape() for obstacle in plan.obstacles])
    free = shape.difference(blocked)
    share = 1 - free.area / shape.area
    if free.area < MINIMUM_AREA_M2:
        yield _find(
            zone,
            "zone-under-obstacle",
            Verdict.FAILED,
            Phrase("It lies under obstacles: nobody can stand in it."),
            Phrase("Draw it where people stand, such as in front of the stand."),
            share=share,
        )
    elif share > MOSTLY:
        yield _find(
            zone,
            "zone-under-obstacle",
            Verdict.WARNING,
            Phrase(
                "{percent:.0f} % of it lies under obstacles, where nobody can stand.",
                {"percent": 100 * share},
            ),
            Phrase("Draw it where people stand, such as in front of the stand."),
            place_m=_middle(free),
            share=share,
        )


def _check_size(zone: Zone, shape: shapely.Polygon, tracks: pd.DataFrame | None) -> Iterator[GeometryFinding]:
    settings = VisitSettings()
    sigma_m = estimate_sigma(tracks, zone)
    error_m = max(settings.hysteresis_m, settings.sigma_factor * (sigma_m or 0.0))
    radius_m = float(shapely.maximum_inscribed_circle(shape).length)
    if radius_m > error_m:
        return
    yield _find(
        zone,
        "zone-too-small",
        Verdict.WARNING,
        Phrase(
            "Nobody can be farther than {radius:.2f} m inside, and positions are known to {error:.2f} m: who "
            "is in it is often not certain.",
            {"radius": radius_m, "error": error_m},
        ),
        Phrase("Draw it wider, or let a camera see it from nearer."),
    )


def _check_coverage(zone: Zone, views: Sequence[CameraView]) -> Iterator[GeometryFinding]:
    seen = compute_zone_coverage(outline=zone.outline, views=views, spans=None, period_s=(0.0, 1.0))
    if seen <= 0:
        yield _find(
            zone,
            "zone-not-observed",
            Verdict.FAILED,
            Phrase("No camera sees it: nobody will ever be counted in it."),
            Phrase("Turn a camera to it or add one, and calibrate it there."),
            share=0.0,
        )
    elif seen < OBSERVED_SHARE:
        yield _find(
            zone,
            "zone-partly-observed",
            Verdict.WARNING,
            Phrase(
                "Cameras see {percent:.0f} % of it: who stands in the rest is not counted.",
                {"percent": 100 * seen},
            ),
            Phrase("Draw it within what the cameras see, or add a camera."),
            place_m=_find_unseen(zone, views),
            share=seen,
        )


def _find_unseen(zone: Zone, views: Sequence[CameraView]) -> Point | None:
    """The middle of a zone's unseen part, on a grid of its bounding box."""
    left, bottom, right, top = zone.outline.to_shape().bounds
    steps = np.linspace(0.025, 0.975, 20)
    points = np.array(
        [(left + u * (right - left), bottom + v * (top - bottom)) for u, v in itertools.product(steps, steps)]
    )
    inside = shapely.contains_xy(zone.outline.to_shape(), points[:, 0], points[:, 1])
    for view in views:
        inside &= ~view.sees(points)
    if not inside.any():
        return None
    return float(points[inside, 0].mean()), float(points[inside, 1].mean())


def _middle(shape: shapely.Geometry) -> Point:
    point = shapely.point_on_surface(shape)
    return float(shapely.get_x(point)), float(shapely.get_y(point))


def _find(
    zone: Zone,
    rule: str,
    verdict: Verdict,
    problem: Phrase,
    remedy: Phrase,
    *,
    place_m: Point | None = None,
    share: float | None = None,
) -> GeometryFinding:
    shape = zone.outline.to_shape()
    if place_m is None and shape.is_valid:
        place_m = _middle(shape)
    return GeometryFinding(
        rule=rule,
        verdict=verdict,
        part=Part.ZONES.value,
        name=str(zone.name),
        subject=name_value(zone),
        problem=problem,
        remedy=remedy,
        place_m=place_m or zone.outline.points[0],
        share=share,
    )
