"""Checks of a plan, its zones and lines, for problems that would distort the counts."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from analytics.domain.arrays import BoolArray, FloatArray
from analytics.domain.camera_geometry import MEAN_HEIGHT_M
from analytics.domain.errors import CalibrationError, Phrase
from analytics.domain.floor_geometry import MINIMUM_AREA_M2, Point, Polyline
from analytics.domain.floor_plan import FloorGeometry, FloorPlan, Obstacle
from analytics.domain.zone import SEATED_KINDS, CountingLine, Zone
from analytics.flows.footfall import CrossingSettings, compute_crossings
from analytics.flows.line_flow import measure_standing
from analytics.metrics.coverage import CameraView, compute_zone_coverage
from analytics.visitors.doors import LearnedDoor
from app.core.change_set import Part
from app.core.check_results import GeometryFault, Verdict
from app.core.document import Venue
from app.plan.plan_shapes import find_part, name_value

SEATED_FPS = 5.0
"""Frames a second over seats: measured from outside, rows of people who stand for minutes had 1.00 of the
visits at five and 1.21 at two, rows of people who sit 1.30 and 1.51."""
SAMPLE_EVERY_M = 0.25
CLEAR_DISTANCE_M = 0.5
"""Distance beyond the band at which a crossing counts for certain."""
REACH_M = 5.0
"""Distance behind a line at which a lost person is picked up again: 5 s at 1 m/s."""
REACH_STEPS = 10
MIN_LINE_SHARE = 0.05
FULL_DOOR_SHARE = 0.95
"""Share of a door that a line must span to count as drawn from jamb to jamb."""
SAME_DOOR_M = 2.0
SAME_DIRECTION_DEG = 30.0
SAME_SHARE = 0.5


def check_line(
    line: CountingLine, *, plan: FloorPlan, zones: Sequence[Zone], views: Sequence[CameraView]
) -> Iterator[GeometryFault]:
    """Check one line without recorded tracks.

    Args:
        zones: of the same version; their doors say how long a line has to be.
        views: empty: nothing is known of what the cameras see.
    """
    shape = line.path.to_shape()
    if not shape.is_simple:
        yield _find(
            line,
            "line-crosses-itself",
            Verdict.FAILED,
            Phrase("It crosses itself, so it has no left and right side."),
            Phrase("Draw it so that it does not cross itself."),
        )
        return
    yield from _check_line_place(line, shape, plan)
    yield from _check_length(line, shape, zones)
    if views:
        yield from _check_view(line, views)


def check_line_pairs(lines: Sequence[CountingLine]) -> Iterator[GeometryFault]:
    """Find lines of the same kind at one door, which count the same person twice."""
    for first, second in itertools.combinations(lines, 2):
        if first.kind is not second.kind:
            continue
        share = _measure_common(first, second)
        if share < SAME_SHARE and not first.path.to_shape().intersects(second.path.to_shape()):
            continue
        middle = _find_middle(second)
        yield _find(
            first,
            "line-counts-twice",
            Verdict.WARNING,
            Phrase(
                "It is next to {other} of the same kind: people at the door are counted by both.",
                {"other": name_value(second)},
            ),
            Phrase(
                "Remove one of the two, or change the kind of one, so that footfall counts each person once."
            ),
            place_m=middle,
            share=share,
        )


def _check_line_place(
    line: CountingLine, shape: shapely.LineString, plan: FloorPlan
) -> Iterator[GeometryFault]:
    blocked = shapely.union_all([obstacle.outline.to_shape() for obstacle in plan.obstacles])
    # a door is in the wall: a line drawn on the outline itself lies in the hall
    outside = shape.difference(plan.outline.to_shape().buffer(line.band_m / 2 + SAMPLE_EVERY_M))
    for what, part, rule, remedy in (
        (
            Phrase("outside the hall"),
            outside,
            "line-outside-plan",
            Phrase("Move it into the hall, or enlarge the hall."),
        ),
        (
            Phrase("under obstacles"),
            shape.intersection(blocked),
            "line-under-obstacle",
            Phrase("Draw it where people walk."),
        ),
    ):
        share = part.length / shape.length
        if share < MIN_LINE_SHARE:
            continue
        is_all = share > 1 - MIN_LINE_SHARE
        yield _find(
            line,
            rule,
            Verdict.FAILED if is_all else Verdict.WARNING,
            Phrase("It is {where}, where no people can cross it.", {"where": what})
            if is_all
            else Phrase("{percent:.0f} % of it is {where}.", {"percent": 100 * share, "where": what}),
            remedy,
            share=share,
        )


def _check_length(
    line: CountingLine, shape: shapely.LineString, zones: Sequence[Zone]
) -> Iterator[GeometryFault]:
    """Find a line across a door's zone that leaves part of the door open."""
    ends = (line.path.points[0], line.path.points[-1])
    direction = np.subtract(ends[1], ends[0])
    length = float(np.hypot(*direction))
    if length == 0:
        return
    for zone in zones:
        door = zone.outline.to_shape()
        if not zone.is_door or not door.is_valid or not shape.intersects(door):
            continue
        unit, far = direction / length, math.hypot(*np.ptp(np.asarray(zone.outline.points), axis=0)) + length
        extended = shapely.LineString(
            [np.subtract(ends[0], far * unit), *line.path.points, np.add(ends[1], far * unit)]
        )
        across, own = extended.intersection(door).length, shape.intersection(door).length
        if across <= 0 or own / across >= FULL_DOOR_SHARE:
            continue
        yield _find(
            line,
            "line-shorter-than-door",
            Verdict.WARNING,
            Phrase(
                "It spans {own:.1f} m of the {across:.1f} m of {door}: people who pass beside it are "
                "not counted.",
                {"own": own, "across": across, "door": name_value(zone)},
            ),
            Phrase("Draw it across the whole door."),
            share=own / across,
        )


def _check_view(line: CountingLine, views: Sequence[CameraView]) -> Iterator[GeometryFault]:
    points, normals = _sample(line)
    on_line = _is_seen(points, views)
    near_m = line.band_m / 2 + CLEAR_DISTANCE_M
    reach = [near_m + (REACH_M - CLEAR_DISTANCE_M) * step / REACH_STEPS for step in range(REACH_STEPS + 1)]
    near, anywhere = [], []
    for sign in (1.0, -1.0):
        close = [_is_seen(points + sign * d * normals, views) for d in np.linspace(0.1, near_m, 4)]
        far = [_is_seen(points + sign * d * normals, views) for d in reach]
        near.append(close[-1])
        anywhere.append(bool(np.any(close) or np.any(far)))
    if not all(anywhere):
        is_blind = not any(anywhere)
        yield _find(
            line,
            "line-not-observed",
            Verdict.FAILED,
            Phrase("It can never count: no camera sees it.")
            if is_blind
            else Phrase("It can never count: cameras see only one side of it."),
            Phrase("Draw it where a camera sees both sides, or turn a camera towards it."),
            share=0.0,
        )
        return
    certain = on_line & near[0] & near[1]
    share = float(certain.mean())
    if share < 1 - MIN_LINE_SHARE:
        unseen = points[~certain]
        yield _find(
            line,
            "line-partly-observed",
            Verdict.WARNING,
            Phrase(
                "Cameras see both sides of only {percent:.0f} % of it: crossings of the rest are "
                "missed or unreliable.",
                {"percent": 100 * share},
            ),
            Phrase("Draw it where a camera sees both sides, or turn a camera towards it."),
            place_m=(float(unseen[:, 0].mean()), float(unseen[:, 1].mean())),
            share=share,
        )


def _sample(line: CountingLine) -> tuple[FloatArray, FloatArray]:
    """Sample points along a line, shape (n, 2), with the directions to its left."""
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
    """Compute the share of the shorter line that runs beside the other, roughly parallel."""
    shorter, longer = sorted((first.path.to_shape(), second.path.to_shape()), key=lambda shape: shape.length)
    angle = math.degrees(abs(_direction(shorter) - _direction(longer))) % 180.0
    if min(angle, 180.0 - angle) > SAME_DIRECTION_DEG:
        return 0.0
    beside = shorter.intersection(longer.buffer(SAME_DOOR_M, cap_style="flat"))
    return float(beside.length / shorter.length)


def _direction(shape: shapely.LineString) -> float:
    (x0, y0), (x1, y1) = shape.coords[0], shape.coords[-1]
    return math.atan2(y1 - y0, x1 - x0)


MIN_ZONE_SHARE = 0.01
"""Minimum share of a zone; less is the width of a drawn line."""
OBSERVED_SHARE = 0.8
"""Minimum observed share of a zone: below it, periods are not compared."""
MOSTLY = 0.5


def check_zone(
    zone: Zone, *, plan: FloorPlan, views: Sequence[CameraView], tracks: pd.DataFrame | None
) -> Iterator[GeometryFault]:
    """Check one zone on its own.

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
            Phrase("Its outline crosses itself, so its inside is undefined."),
            Phrase("Move its corners so that no two sides cross."),
        )
        return
    yield from _check_place(zone, shape, plan)
    yield from _check_size(zone, shape, tracks)
    if views:
        yield from _check_coverage(zone, views)


def check_overlaps(zones: Sequence[Zone]) -> Iterator[GeometryFault]:
    """Find overlapping zones, in which people count twice."""
    shapes = [zone.outline.to_shape() for zone in zones]
    tree = shapely.STRtree(shapes)
    for first, (zone, shape) in enumerate(zip(zones, shapes, strict=True)):
        for second in sorted(int(index) for index in tree.query(shape)):
            if second <= first or not (shape.is_valid and shapes[second].is_valid):
                continue
            common = shape.intersection(shapes[second])
            share = common.area / min(shape.area, shapes[second].area)
            if common.area < MINIMUM_AREA_M2 or share < MIN_ZONE_SHARE:
                continue
            yield _find(
                zone,
                "zone-overlap",
                Verdict.WARNING,
                Phrase(
                    "{percent:.0f} % of the smaller one overlaps {other}: people there are counted in both.",
                    {"percent": 100 * share, "other": name_value(zones[second])},
                ),
                Phrase("Move a side of one of them, unless both should count them."),
                place_m=_middle(common),
                share=share,
            )


def estimate_sigma(tracks: pd.DataFrame | None, zone: Zone) -> float | None:
    """Return the median standard deviation of positions in a zone, metres; None without positions."""
    if tracks is None or tracks.empty:
        return None
    x_m, y_m = tracks["x_m"].to_numpy(np.float64), tracks["y_m"].to_numpy(np.float64)
    sigma_m = tracks["sigma_m"].to_numpy(np.float64)
    inside = shapely.contains_xy(zone.outline.to_shape(), x_m, y_m) & np.isfinite(sigma_m)
    return float(np.median(sigma_m[inside])) if inside.any() else None


def _check_place(zone: Zone, shape: shapely.Polygon, plan: FloorPlan) -> Iterator[GeometryFault]:
    outside = shape.difference(plan.outline.to_shape())
    share = outside.area / shape.area
    if share > 1 - MIN_ZONE_SHARE:
        yield _find(
            zone,
            "zone-outside-plan",
            Verdict.FAILED,
            Phrase("It is outside the hall, where no people can be."),
            Phrase("Move it into the hall, or enlarge the hall."),
            share=share,
        )
        return
    if share > MIN_ZONE_SHARE:
        yield _find(
            zone,
            "zone-outside-plan",
            Verdict.WARNING,
            Phrase("{percent:.0f} % of it is outside the hall.", {"percent": 100 * share}),
            Phrase("Move its corners to the walls, or enlarge the hall."),
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
            Phrase("It is under obstacles, where no people can stand."),
            Phrase("Draw it where people stand, such as in front of the stand."),
            share=share,
        )
    elif share > MOSTLY:
        yield _find(
            zone,
            "zone-under-obstacle",
            Verdict.WARNING,
            Phrase(
                "{percent:.0f} % of it is under obstacles, where no people can stand.",
                {"percent": 100 * share},
            ),
            Phrase("Draw it where people stand, such as in front of the stand."),
            place_m=_middle(free),
            share=share,
        )


_MIN_DEPTH_M = 0.25
"""In a zone no deeper than this nobody can stay, however right the positions are."""


def _check_size(zone: Zone, shape: shapely.Polygon, tracks: pd.DataFrame | None) -> Iterator[GeometryFault]:
    sigma_m = estimate_sigma(tracks, zone)
    error_m = max(_MIN_DEPTH_M, sigma_m or 0.0)
    radius_m = float(shapely.maximum_inscribed_circle(shape).length)
    if radius_m > error_m:
        return
    yield _find(
        zone,
        "zone-too-small",
        Verdict.WARNING,
        Phrase(
            "It is at most {radius:.2f} m deep, but positions are accurate to {error:.2f} m: "
            "presence in it is often uncertain.",
            {"radius": radius_m, "error": error_m},
        ),
        Phrase("Make it wider, or move a camera closer to it."),
    )


def _check_coverage(zone: Zone, views: Sequence[CameraView]) -> Iterator[GeometryFault]:
    seen = compute_zone_coverage(outline=zone.outline, views=views, spans=None, period_s=(0.0, 1.0))
    if seen <= 0:
        yield _find(
            zone,
            "zone-not-observed",
            Verdict.FAILED,
            Phrase("No camera sees it, so it will never count people."),
            Phrase("Turn a camera towards it or add one, and calibrate it there."),
            share=0.0,
        )
    elif seen < OBSERVED_SHARE:
        yield _find(
            zone,
            "zone-partly-observed",
            Verdict.WARNING,
            Phrase(
                "Cameras see {percent:.0f} % of it: people in the rest are not counted.",
                {"percent": 100 * seen},
            ),
            Phrase("Draw it within the cameras' field of view, or add a camera."),
            place_m=_find_unseen(zone, views),
            share=seen,
        )


def _check_rates(venue: Venue, zones: Sequence[Zone], views: Sequence[CameraView]) -> Iterator[GeometryFault]:
    """Find seats over which a camera analyses few frames."""
    rates = {
        view.camera: venue.camera(view.camera).camera.analysed_fps or venue.settings.analysed_fps
        for view in views
    }
    slow = [view for view in views if rates[view.camera] < SEATED_FPS]
    for zone, view in itertools.product(zones, slow):
        if zone.kind in SEATED_KINDS and _sees(view, zone):
            yield _find(
                zone,
                "few-frames-over-seats",
                Verdict.WARNING,
                Phrase(
                    "Camera '{camera}' analyses {fps:g} frames a second of it, too few to keep apart people "
                    "who sit side by side.",
                    {"camera": view.camera, "fps": rates[view.camera]},
                ),
                Phrase(
                    "Set at least {fewest:g} frames a second: right mouse button on the camera's picture, "
                    "Detection….",
                    {"fewest": SEATED_FPS},
                ),
            )


def _sees(view: CameraView, zone: Zone) -> bool:
    return compute_zone_coverage(outline=zone.outline, views=[view], spans=None, period_s=(0.0, 1.0)) > 0


def list_seats_seen(venue: Venue, camera: str) -> tuple[str, ...]:
    """Return the names of the zones of kind stage and catering that a camera sees."""
    views = [view for view in _find_views(venue, []) if str(view.camera) == camera]
    zones = venue.geometry_at(None).zones
    return tuple(str(z.name) for z in zones if z.kind in SEATED_KINDS and any(_sees(v, z) for v in views))


def _find_unseen(zone: Zone, views: Sequence[CameraView]) -> Point | None:
    """Return the middle of a zone's unseen part, on a grid of its bounding box."""
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
    item: Zone | CountingLine | Obstacle,
    rule: str,
    verdict: Verdict,
    problem: Phrase,
    remedy: Phrase,
    *,
    place_m: Point | None = None,
    share: float | None = None,
) -> GeometryFault:
    """Return a finding about a shape, at its middle unless a place is given."""
    return GeometryFault(
        rule=rule,
        verdict=verdict,
        part=find_part(item).value,
        name=str(item.name),
        subject=name_value(item),
        problem=problem,
        remedy=remedy,
        place_m=place_m or _find_middle(item),
        share=share,
    )


def _find_middle(item: Zone | CountingLine | Obstacle) -> Point:
    if isinstance(item, CountingLine):
        middle = item.path.to_shape().interpolate(0.5, normalized=True)
        return float(middle.x), float(middle.y)
    shape = item.outline.to_shape()
    return _middle(shape) if shape.is_valid else item.outline.points[0]


STANDING_SHARE = 0.05
"""Minimum share of standing people, three seconds a minute; less is someone waiting."""
OUTSIDE_TOLERANCE = 0.01
"""Tolerance outside of a shape, the width of a drawn line."""
BESIDE_END_M = 1.0
"""Maximum distance from a line's end at which a passer-by used the same door."""


@dataclass(frozen=True, slots=True, eq=False)
class ObservedTracks:
    """Recorded tracks of a period, which show how people walk at zones and lines.

    Attributes:
        tracks: columns of ``TRACK_COLUMNS``, with ID switches resolved.
        spans: observed spans, columns of ``SPAN_COLUMNS``, on the same clock.
        learned_doors: places at which many people appear and disappear, without a door drawn there.
    """

    tracks: pd.DataFrame
    spans: pd.DataFrame
    duration_s: float
    learned_doors: tuple[LearnedDoor, ...] = ()


def check_geometry(
    venue: Venue, *, geometry: FloorGeometry | None = None, watched: ObservedTracks | None = None
) -> list[GeometryFault]:
    """Check the plan, and the zones and lines of one version.

    Args:
        geometry: the zones and lines, which need not be saved; None: the newest of the venue.
        watched: how people walked; None: what needs it is not checked.

    Returns:
        What can never count first; without anything wrong, nothing.
    """
    geometry = venue.geometry_at(None) if geometry is None else geometry
    findings: list[GeometryFault] = []
    views = _find_views(venue, findings)
    findings += _check_obstacles(venue.plan)
    tracks = None if watched is None else watched.tracks
    for zone in geometry.zones:
        findings += check_zone(zone, plan=venue.plan, views=views, tracks=tracks)
    findings += check_overlaps(geometry.zones)
    findings += _check_rates(venue, geometry.zones, views)
    for line in geometry.lines:
        findings += check_line(line, plan=venue.plan, zones=geometry.zones, views=views)
        if watched is not None:
            findings += _check_walkers(line, watched)
    findings += check_line_pairs(geometry.lines)
    if watched is not None:
        findings += _propose_doors(watched, views)
    order = list(Verdict)
    return sorted(findings, key=lambda finding: -order.index(finding.verdict))


def _find_views(venue: Venue, findings: list[GeometryFault]) -> Sequence[CameraView]:
    """Compute each camera's visible floor; report a camera for which it is unknown."""
    views = []
    for entry in venue.cameras:
        try:
            geometry = venue.camera_geometry(entry.name)
        except CalibrationError as error:
            problem = Phrase(error.problem_template, error.details)
            remedy = Phrase(error.remedy_template, error.details)
            findings.append(
                _find_at_camera(str(entry.name), "camera-not-calibrated", Verdict.FAILED, problem, remedy)
            )
            continue
        if geometry is None or entry.camera.frame_size_wh is None:
            findings.append(
                _find_at_camera(
                    str(entry.name),
                    "camera-not-calibrated",
                    Verdict.WARNING,
                    Phrase("Its visible floor is unknown."),
                    Phrase("Calibrate it with at least four points and its frame size."),
                )
            )
            continue
        views.append(CameraView(entry.name, geometry, entry.camera.frame_size_wh, entry.camera.unobserved))
    return views


def _propose_doors(watched: ObservedTracks, views: Sequence[CameraView]) -> Iterator[GeometryFault]:
    """Report places where many people appear and disappear, at the camera that sees each largest."""
    for door in watched.learned_doors:
        place = np.array([door.place_m])
        seen = [view for view in views if view.sees(place)[0]]
        if not seen:
            continue
        nearest = max(
            seen, key=lambda view: float(view.geometry.measure_upright_px(place, height_m=MEAN_HEIGHT_M)[0])
        )
        yield _find_at_camera(
            str(nearest.camera),
            "door-in-view",
            Verdict.WARNING,
            Phrase(
                "Near x = {x:.1f} m, y = {y:.1f} m, {appeared} people appeared and {disappeared} disappeared "
                "within {minutes:.0f} minutes. Is this a door?",
                {
                    "x": door.place_m[0],
                    "y": door.place_m[1],
                    "appeared": door.appeared,
                    "disappeared": door.disappeared,
                    "minutes": watched.duration_s / 60,
                },
            ),
            Phrase(
                "If it is a door, stairs or a lift, draw a line or a zone of kind entrance or exit there."
            ),
            place_m=door.place_m,
        )


def _find_at_camera(
    name: str,
    rule: str,
    verdict: Verdict,
    problem: Phrase,
    remedy: Phrase,
    *,
    place_m: Point | None = None,
) -> GeometryFault:
    return GeometryFault(
        rule=rule,
        verdict=verdict,
        part=Part.CAMERAS.value,
        name=name,
        subject=Phrase("camera '{name}'", {"name": name}),
        problem=problem,
        remedy=remedy,
        place_m=place_m,
    )


def _check_obstacles(plan: FloorPlan) -> Iterator[GeometryFault]:
    hall = plan.outline.to_shape()
    for obstacle in plan.obstacles:
        shape = obstacle.outline.to_shape()
        share = 1 - shape.intersection(hall).area / shape.area
        if share * shape.area < MINIMUM_AREA_M2 or share < OUTSIDE_TOLERANCE:
            continue
        yield _find(
            obstacle,
            "obstacle-outside-plan",
            Verdict.WARNING,
            Phrase("{percent:.0f} % of it is outside the hall.", {"percent": 100 * share}),
            Phrase("Move its corners to the walls, or enlarge the hall."),
            share=share,
        )


def _check_walkers(line: CountingLine, watched: ObservedTracks) -> Iterator[GeometryFault]:
    settings = CrossingSettings()
    standing = measure_standing(tracks=watched.tracks, line=line, settings=settings, spans=watched.spans)
    share = standing.seconds / watched.duration_s if watched.duration_s > 0 else 0.0
    if share >= STANDING_SHARE:
        yield _find(
            line,
            "line-stood-on",
            Verdict.WARNING,
            Phrase(
                "People stand on it, or too close to tell on which side: {seconds:.0f} s of "
                "{duration:.0f} s, in {stays} stays.",
                {"seconds": standing.seconds, "duration": watched.duration_s, "stays": standing.stays},
            ),
            Phrase("Move it to where people walk without waiting."),
            place_m=standing.place_m,
            share=share,
        )
    yield from _check_passing(line, watched, settings)


def _check_passing(
    line: CountingLine, watched: ObservedTracks, settings: CrossingSettings
) -> Iterator[GeometryFault]:
    """Find people who pass beside an end of the line."""
    first, last = _extend(line)
    longer = CountingLine(line.name, line.kind, Polyline((first, *line.path.points, last)), line.band_m)
    if not longer.path.to_shape().is_simple:
        return
    counted, passed = (
        len(compute_crossings(tracks=watched.tracks, lines=[drawn], settings=settings, spans=watched.spans))
        for drawn in (line, longer)
    )
    if passed <= counted:
        return
    share = (passed - counted) / passed
    yield _find(
        line,
        "line-passed-beside",
        Verdict.WARNING,
        Phrase(
            "{missed} of {passed} people passed within {beside:g} m of its ends and were not counted.",
            {"missed": passed - counted, "passed": passed, "beside": BESIDE_END_M},
        ),
        Phrase("Draw it across the whole door."),
        share=share,
    )


def _extend(line: CountingLine) -> tuple[Point, Point]:
    """Extend a line beyond its first and last point, straight on."""
    points = [point for point, _same in itertools.groupby(line.path.points)]
    ends = []
    for end, before in ((points[0], points[1]), (points[-1], points[-2])):
        length = shapely.Point(end).distance(shapely.Point(before))
        dx, dy = ((end[axis] - before[axis]) / length for axis in (0, 1))
        ends.append((end[0] + BESIDE_END_M * dx, end[1] + BESIDE_END_M * dy))
    return ends[0], ends[1]
