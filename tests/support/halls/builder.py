"""Parts of the halls of tests: shapes, point pairs, and histories on disk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from analytics.domain.camera import PointPair
from analytics.domain.clock import Clock
from analytics.domain.event_sink import Gap, ObservedSpan
from analytics.domain.floor_geometry import Point, Polygon, Polyline
from analytics.domain.identifiers import CameraId, LineId, TrackletId, ZoneId
from analytics.domain.track import TrackPoint, TrackState
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from analytics.store.sql_event_store import open_store


def box(left: float, bottom: float, right: float, top: float) -> Polygon:
    return Polygon(((left, bottom), (right, bottom), (right, top), (left, top)))


def zone(name: str, outline: Polygon, kind: ZoneKind = ZoneKind.BOOTH) -> Zone:
    return Zone(ZoneId(name), kind, outline)


def line(name: str, *points: Point, kind: ZoneKind = ZoneKind.ENTRANCE) -> CountingLine:
    return CountingLine(LineId(name), kind, Polyline(points))


def pair(pixels: Sequence[Point], floor: Sequence[Point]) -> tuple[PointPair, ...]:
    return tuple(PointPair(u, v, x, y) for (u, v), (x, y) in zip(pixels, floor, strict=True))


def list_points(
    camera: CameraId, rows: Iterable[tuple[float, int, float, float]], *, first_tracklet: int, sigma_m: float
) -> list[TrackPoint]:
    """Return rows as in `write_history` in the order of time, their tracklets numbered from the first."""
    return [
        TrackPoint(
            float(time_s),
            camera,
            TrackletId(first_tracklet + int(tracklet)),
            float(x_m),
            float(y_m),
            sigma_m,
            None,
            TrackState.CONFIRMED,
        )
        for time_s, tracklet, x_m, y_m in sorted(rows, key=lambda row: row[0])
    ]


def write_history(
    folder: Path,
    camera: CameraId,
    rows: Iterable[tuple[float, int, float, float]],
    *,
    tracklets: int,
    spans: Iterable[tuple[float, float, int]] = (),
    gaps: Iterable[Gap] = (),
    sigma_m: float = 0.05,
    clock: Clock | None = None,
) -> None:
    """Write the history of a camera.

    Args:
        rows: time in seconds since the epoch, tracklet from 0 on, x and y in metres.
        tracklets: how many numbers to reserve for them.
        spans: start, end and frames of observed spans.
    """
    writer = open_store(folder, clock=clock)
    try:
        first = int(writer.reserve_tracklets(tracklets))
        writer.write_points(list_points(camera, rows, first_tracklet=first, sigma_m=sigma_m))
        for span in spans:
            writer.write_span(ObservedSpan(camera, *span))
        for gap in gaps:
            writer.write_gap(gap)
        writer.flush()
    finally:
        writer.close()
