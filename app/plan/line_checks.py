"""What is wrong with counting lines: where they lie, what sees them, and what they miss or count twice."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np
import shapely

from analytics.domain.arrays import BoolArray, FloatArray
from analytics.domain.errors import Phrase
from analytics.domain.floor_geometry import Point
from analytics.domain.floor_plan import FloorPlan
from analytics.domain.zone import CountingLine, Zone
from analytics.dwell.zone_summary import DOORS
from analytics.metrics.coverage import CameraView
from app.core.findings import GeometryFinding, Verdict
from app.plan.geometry_change import Part, name_value

SAMPLE_EVERY_M = 0.25
NEAR_SIDE_M = 0.5
"""How far clear of its band somebody must be followed to be counted for certain."""
REACH_M = 5.0
"""Somebody who is lost before a line is taken up again within 5 s: at 1 m/s so far behind it."""
REACH_STEPS = 10
SLIGHT_SHARE = 0.05
WHOLE_DOOR = 0.95
"""A line that leaves a twentieth of a door open is drawn from jamb to jamb."""
SAME_DOOR_M = 2.0
SAME_DIRECTION_DEG = 30.0
SAME_SHARE = 0.5


def check_line(
    line: CountingLine, *, plan: FloorPlan, zones: Sequence[Zone], views: Sequence[CameraView]
) -> Iterator[GeometryFinding]:
    """All that can be said of one line without anybody who walks.

    Args:
        zones: of the same version; their doors say how long a line has to be.
        views: empty: nothing is known of what the cameras see.
    """
    shape = line.path.to_shape()
    if not shape.is_simple:
        yield find_at_line(
            line,
            "line-crosses-itself",
            Verdict.FAILED,
            Phrase("It crosses itself: it has no left and no right side."),
            Phrase("Draw it so that it does not cross itself."),
        )
        return
    yield from _check_place(line, shape, plan)
    yield from _check_length(line, shape, zones)
    if views:
        yield from _check_view(line, views)


def check_line_pairs(lines: Sequence[CountingLine]) -> Iterator[GeometryFinding]:
    """Lines of the same kind at the same door: who passes is counted by both."""
    for first, second in itertools.combinations(lines, 2):
        if first.kind is not second.kind:
            continue
        share = _measure_common(first, second)
        if share < SAME_SHARE and not first.path.to_shape().intersects(second.path.to_shape()):
            continue
        middle = _middle(second)
        yield find_at_line(
            first,
            "line-counts-twice",
            Verdict.WARNING,
            Phrase(
                "It lies beside {other}, which is of the same kind: who passes the door is counted by both.",
                {"other": name_value(second)},
            ),
            Phrase("Keep one of the two, or give one another kind, so that footfall counts it once."),
            place_m=middle,
            share=share,
        )


def find_at_line(
    line: CountingLine,
    rule: str,
    verdict: Verdict,
    problem: Phrase,
    remedy: Phrase,
    *,
    place_m: Point | None = None,
    share: float | None = None,
) -> GeometryFinding:
    """A finding about a line, at its middle unless a place is given."""
    return GeometryFinding(
        rule=rule,
        verdict=verdict,
        part=Part.LINES.value,
        name=str(line.name),
        subject=name_value(line),
        problem=problem,
        remedy=remedy,
        place_m=place_m or _middle(line),
        share=share,
    )


def _check_place(line: CountingLine, shape: shapely.LineString, plan: FloorPlan) -> Iterator[GeometryFinding]:
    blocked = shapely.union_all([obstacle.outline.to_shape() for obstacle in plan.obstacles])
    # a door is in the wall: a line drawn on the outline itself lies in the hall
    outside = shape.difference(plan.outline.to_shape().buffer(line.band_m / 2 + SAMPLE_EVERY_M))
    for what, part, rule, remedy in (
        (
            Phrase("outside of the hall"),
            outside,
            "line-outside-plan",
            Phrase("Move it into the hall, or draw the hall larger."),
        ),
        (
            Phrase("under obstacles"),
            shape.intersection(blocked),
            "line-under-obstacle",
            Phrase("Draw it where people walk."),
        ),
    ):
        share = part.length / shape.length
        if share < SLIGHT_SHARE:
            continue
        is_all = share > 1 - SLIGHT_SHARE
        yield find_at_line(
            line,
            rule,
            Verdict.FAILED if is_all else Verdict.WARNING,
            Phrase("It lies {where}: nobody can cross it.", {"where": what})
            if is_all
            else Phrase("{percent:.0f} % of it lies {where}.", {"percent": 100 * share, "where": what}),
            remedy,
            share=share,
        )


def _check_length(
    line: CountingLine, shape: shapely.LineString, zones: Sequence[Zone]
) -> Iterator[GeometryFinding]:
    """A line across a door's zone that leaves a part of the door open beside its ends."""
    ends = (line.path.points[0], line.path.points[-1])
    direction = np.subtract(ends[1], ends[0])
    length = float(np.hypot(*direction))
    if length == 0:
        return
    for zone in zones:
        door = zone.outline.to_shape()
        if zone.kind not in DOORS or not door.is_valid or not shape.intersects(door):
            continue
        unit, far = direction / length, math.hypot(*np.ptp(np.asarray(zone.outline.points), axis=0)) + length
        extended = shapely.LineString(
            [np.subtract(ends[0], far * unit), *line.path.points, np.add(ends[1], far * unit)]
        )
        across, own = extended.intersection(door).length, shape.intersection(door).length
        if across <= 0 or own / across >= WHOLE_DOOR:
            continue
        yield find_at_line(
            line,
            "line-shorter-than-door",
            Verdict.WARNING,
            Phrase(
                "It spans {own:.1f} m of the {across:.1f} m of {door}: who passes beside it is not counted.",
                {"own": own, "across": across, "door": name_value(zone)},
            ),
            Phrase("Draw it from one jamb of the door to the other."),
            share=own / across,
        )


def _check_view(line: CountingLine, views: Sequence[CameraView]) -> Iterator[GeometryFinding]:
    points, normals = _sample(line)
    on_line = _is_seen(points, views)
    near_m = line.band_m / 2 + NEAR_SIDE_M
    reach = [near_m + (REACH_M - NEAR_SIDE_M) * step / REACH_STEPS for step in range(REACH_STEPS + 1)]
    near, anywhere = [], []
    for sign in (1.0, -1.0):
        close = [_is_seen(points + sign * d * normals, views) for d in np.linspace(0.1, near_m, 4)]
        far = [_is_seen(points + sign * d * normals, views) for d in reach]
        near.append(close[-1])
        anywhere.append(bool(np.any(close) or np.any(far)))
    if not all(anywhere):
        is_blind = not any(anywhere)
        yield find_at_line(
            line,
            "line-not-observed",
            Verdict.FAILED,
            Phrase("It can never count: no camera sees it.")
            if is_blind
            else Phrase("It can never count: cameras see only one side of it."),
            Phrase("Draw it where a camera sees people on both sides, or turn a camera to it."),
            share=0.0,
        )
        return
    certain = on_line & near[0] & near[1]
    share = float(certain.mean())
    if share < 1 - SLIGHT_SHARE:
        unseen = points[~certain]
        yield find_at_line(
            line,
            "line-partly-observed",
            Verdict.WARNING,
            Phrase(
                "Cameras see people on both sides of {percent:.0f} % of it: who crosses the rest is missed "
                "or counted by chance.",
                {"percent": 100 * share},
            ),
            Phrase("Draw it where a camera sees people on both sides, or turn a camera to it."),
            place_m=(float(unseen[:, 0].mean()), float(unseen[:, 1].mean())),
            share=share,
        )


def _sample(line: CountingLine) -> tuple[FloatArray, FloatArray]:
    """Points along a line, shape (n, 2), and the directions to its left there."""
    points, normals = [], []
    for start, end in itertools.pairwise(line.path.points):
        length = math.dist(start, end)
        if length == 0:
            continue
        count = max(3, math.ceil(length / SAMPLE_EVERY_M))
        share = ((np.arange(count) + 0.5) / count)[:, None]
        points.append(np.asarray(start) + share * np.subtract(end, start))
        normals.append(np.tile([-(end[1] - start[1]) / length, (end[0] - start[0]) / length], (count, 1)))
    return np.concatenate(points), np.concatenate(normals)


def _is_seen(points: FloatArray, views: Sequence[CameraView]) -> BoolArray:
    seen = np.zeros(len(points), bool)
    for view in views:
        seen |= view.sees(points)
    return seen


def _measure_common(first: CountingLine, second: CountingLine) -> float:
    """The share of the shorter line that lies beside the other, roughly parallel to it."""
    shorter, longer = sorted((first.path.to_shape(), second.path.to_shape()), key=lambda shape: shape.length)
    angle = math.degrees(abs(_direction(shorter) - _direction(longer))) % 180.0
    if min(angle, 180.0 - angle) > SAME_DIRECTION_DEG:
        return 0.0
    beside = shorter.intersection(longer.buffer(SAME_DOOR_M, cap_style="flat"))
    return float(beside.length / shorter.length)


def _direction(shape: shapely.LineString) -> float:
    (x0, y0), (x1, y1) = shape.coords[0], shape.coords[-1]
    return math.atan2(y1 - y0, x1 - x0)


def _middle(line: CountingLine) -> Point:
    point = line.path.to_shape().interpolate(0.5, normalized=True)
    return float(point.x), float(point.y)
