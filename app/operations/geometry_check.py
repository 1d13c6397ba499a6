"""All that can be told to be wrong with a plan, its zones and lines before anybody relies on them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd
import shapely

from analytics.domain.errors import CalibrationError, Phrase
from analytics.domain.floor_geometry import MINIMUM_AREA_M2, Point, Polyline
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.zone import CountingLine
from analytics.metrics.coverage import CameraView
from analytics.metrics.footfall import CrossingSettings, compute_crossings
from analytics.metrics.line_standing import measure_standing
from app.operations.findings import GeometryFinding, Verdict
from app.operations.geometry_change import Part
from app.operations.line_checks import check_line, check_line_pairs, find_at_line
from app.operations.zone_checks import check_overlaps, check_zone
from app.venue.document import Venue

STANDING_SHARE = 0.05
"""Three seconds of every minute: less is somebody who waits for another."""
BARELY_OUTSIDE = 0.01
"""The width of a drawn line."""
BESIDE_END_M = 1.0
"""Who passes a line's end no farther off went through the same door."""


@dataclass(frozen=True, slots=True, eq=False)
class WatchedWhile:
    """Tracks of a while, to see how people walk there.

    Attributes:
        tracks: columns of ``TRACK_COLUMNS``, everybody known once.
        spans: when cameras were analysed, columns of ``SPAN_COLUMNS``, on the same clock.
        duration_s: how long was observed.
    """

    tracks: pd.DataFrame
    spans: pd.DataFrame
    duration_s: float


def check_geometry(
    venue: Venue,
    *,
    geometry: FloorGeometry | None = None,
    watched: WatchedWhile | None = None,
) -> list[GeometryFinding]:
    """Everything that is wrong with the plan, and with the zones and lines of one version.

    Args:
        geometry: the zones and lines, which need not be saved; None: the newest of the venue.
        watched: how people walked; None: what needs it is not checked.

    Returns:
        What can never count first; without anything wrong, nothing.
    """
    geometry = venue.geometry_at(None) if geometry is None else geometry
    findings: list[GeometryFinding] = []
    views = _find_views(venue, findings)
    findings += _check_obstacles(venue.plan)
    tracks = None if watched is None else watched.tracks
    for zone in geometry.zones:
        findings += check_zone(zone, plan=venue.plan, views=views, tracks=tracks)
    findings += check_overlaps(geometry.zones)
    for line in geometry.lines:
        findings += check_line(line, plan=venue.plan, zones=geometry.zones, views=views)
        if watched is not None:
            findings += _check_walkers(line, watched)
    findings += check_line_pairs(geometry.lines)
    order = list(Verdict)
    return sorted(findings, key=lambda finding: -order.index(finding.verdict))


def _find_views(venue: Venue, findings: list[GeometryFinding]) -> Sequence[CameraView]:
    """What the cameras see; a camera of which that is not known is a finding."""
    views = []
    for entry in venue.cameras:
        try:
            geometry = venue.camera_geometry(entry.name)
        except CalibrationError as error:
            problem, remedy = (
                Phrase(error.problem_template, error.details),
                Phrase(error.remedy_template, error.details),
            )
            findings.append(_find_at_camera(str(entry.name), Verdict.FAILED, problem, remedy))
            continue
        if geometry is None or entry.camera.frame_size_wh is None:
            findings.append(
                _find_at_camera(
                    str(entry.name),
                    Verdict.WARNING,
                    Phrase("It is not known what it sees of the floor."),
                    Phrase("Calibrate it: at least four points, and the size of its pictures."),
                )
            )
            continue
        views.append(CameraView(entry.name, geometry, entry.camera.frame_size_wh, entry.camera.unobserved))
    return views


def _find_at_camera(name: str, verdict: Verdict, problem: Phrase, remedy: Phrase) -> GeometryFinding:
    return GeometryFinding(
        rule="camera-not-calibrated",
        verdict=verdict,
        part=Part.CAMERAS.value,
        name=name,
        subject=Phrase("camera '{name}'", {"name": name}),
        problem=problem,
        remedy=remedy,
    )


def _check_obstacles(plan: FloorPlan) -> Iterator[GeometryFinding]:
    hall = plan.outline.to_shape()
    for obstacle in plan.obstacles:
        shape = obstacle.outline.to_shape()
        share = 1 - shape.intersection(hall).area / shape.area
        if share * shape.area < MINIMUM_AREA_M2 or share < BARELY_OUTSIDE:
            continue
        point = shape.representative_point()
        yield GeometryFinding(
            rule="obstacle-outside-plan",
            verdict=Verdict.WARNING,
            part=Part.OBSTACLES.value,
            name=obstacle.name,
            subject=Phrase("obstacle '{name}'", {"name": obstacle.name}),
            problem=Phrase("{percent:.0f} % of it lies outside of the hall.", {"percent": 100 * share}),
            remedy=Phrase("Move its corners to the walls, or draw the hall larger."),
            place_m=(float(point.x), float(point.y)),
            share=share,
        )


def _check_walkers(line: CountingLine, watched: WatchedWhile) -> Iterator[GeometryFinding]:
    settings = CrossingSettings()
    standing = measure_standing(tracks=watched.tracks, line=line, settings=settings, spans=watched.spans)
    share = standing.seconds / watched.duration_s if watched.duration_s > 0 else 0.0
    if share >= STANDING_SHARE:
        yield find_at_line(
            line,
            "line-stood-on",
            Verdict.WARNING,
            Phrase(
                "People stand on it, or too near to tell on which side: {seconds:.0f} s of the "
                "{duration:.0f} s that were watched, in {stays} stays.",
                {"seconds": standing.seconds, "duration": watched.duration_s, "stays": standing.stays},
            ),
            Phrase("Move it to where people walk and do not wait."),
            place_m=standing.place_m,
            share=share,
        )
    yield from _check_passing(line, watched, settings)


def _check_passing(
    line: CountingLine, watched: WatchedWhile, settings: CrossingSettings
) -> Iterator[GeometryFinding]:
    """People who pass beside an end of the line."""
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
    yield find_at_line(
        line,
        "line-passed-beside",
        Verdict.WARNING,
        Phrase(
            "{missed} of {passed} people passed within {beside:g} m of its ends and were not counted.",
            {"missed": passed - counted, "passed": passed, "beside": BESIDE_END_M},
        ),
        Phrase("Draw it from one jamb of the door to the other."),
        share=share,
    )


def _extend(line: CountingLine) -> tuple[Point, Point]:
    """Points beyond the first and the last of a line, straight on."""
    points = [point for point, _same in itertools.groupby(line.path.points)]
    ends = []
    for end, before in ((points[0], points[1]), (points[-1], points[-2])):
        length = shapely.Point(end).distance(shapely.Point(before))
        dx, dy = ((end[axis] - before[axis]) / length for axis in (0, 1))
        ends.append((end[0] + BESIDE_END_M * dx, end[1] + BESIDE_END_M * dy))
    return ends[0], ends[1]
