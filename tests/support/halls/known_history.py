"""A venue with a history whose people are known: two observed half hours with a pause in each."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from analytics.domain.camera import Camera
from analytics.domain.event_sink import ObservedSpan
from analytics.domain.exhibition import Exhibition
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.identifiers import CameraId, TrackletId, ZoneId
from analytics.domain.track import TrackPoint, TrackState
from analytics.domain.zone import Zone, ZoneKind
from analytics.store.sql_event_store import open_store
from app.core.document import Venue, VenueCamera
from app.core.file_format import create_venue
from tests.support.halls.known_crowd import STAND, make_crowd

CAMERA = CameraId("cam")
HALF_HOUR_S = 1800.0
PAUSE_S = (900.0, 1080.0)
"""Nobody looked in between, in each half hour."""
FIRST_S = datetime(2026, 3, 14, 9, 0, tzinfo=UTC).timestamp()
FIRST = (FIRST_S, FIRST_S + HALF_HOUR_S)
SECOND = (FIRST_S + HALF_HOUR_S, FIRST_S + 2 * HALF_HOUR_S)
UNOBSERVED = (FIRST_S + 6 * HALF_HOUR_S, FIRST_S + 7 * HALF_HOUR_S)
FRONT = Zone(
    ZoneId("front row"),
    ZoneKind.STAGE,
    Polygon.from_points([(0.0, 0.0), (6.0, 0.0), (6.0, 2.0), (0.0, 2.0)], what="zone 'front row'"),
)
DOOR = Zone(
    ZoneId("door"),
    ZoneKind.ENTRANCE,
    Polygon.from_points([(-7.0, -3.0), (-2.0, -3.0), (-2.0, 7.0), (-7.0, 7.0)], what="zone 'door'"),
)
ZONES = (STAND, FRONT, DOOR)


def make_known_venue(folder: Path, *, is_recorded: bool = True, zones: tuple[Zone, ...] = ZONES) -> Venue:
    """A venue of one camera without a calibration, so that all floor counts as seen."""
    outline = Polygon.from_points([(-7.0, -4.0), (13.0, -4.0), (13.0, 8.0), (-7.0, 8.0)], what="the floor")
    venue = create_venue(
        folder / "fair.expoflow",
        Exhibition("Known fair", "Asia/Shanghai"),
        FloorPlan(outline),
        cameras=(VenueCamera(Camera(CAMERA, (640, 360))),),
        geometry=FloorGeometry(zones=zones),
    )
    if is_recorded:
        record_known_crowds(venue)
    return venue


def record_known_crowds(venue: Venue, *, days_later: int = 0) -> None:
    """Write both half hours; the second has more visitors."""
    if not days_later and not venue.events_file.exists():
        # written once for all venues, which each get a copy
        shutil.copytree(_keep_crowds(), venue.folder, dirs_exist_ok=True)
        return
    _write_crowds(venue, days_later=days_later)


@functools.cache
def _keep_crowds() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="known-crowds-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    venue = make_known_venue(folder, is_recorded=False)
    _write_crowds(venue, days_later=0)
    # the history alone
    (venue.folder / "venue.toml").unlink()
    return venue.folder


def _write_crowds(venue: Venue, *, days_later: int) -> None:
    shift_s = days_later * 86400.0
    writer = open_store(venue.folder)
    try:
        for seed, (start_s, _), arrivals_per_h in ((3, FIRST, 120.0), (4, SECOND, 180.0)):
            crowd = make_crowd(seed=seed, duration_s=HALF_HOUR_S - 1, arrivals_per_h=arrivals_per_h)
            crowd = crowd[(crowd["time_s"] < PAUSE_S[0]) | (crowd["time_s"] > PAUSE_S[1])]
            first = writer.reserve_tracklets(int(crowd["tracklet"].max()) + 1)
            writer.write_points(make_points(crowd, start_s=start_s + shift_s, first_tracklet=first))
            for from_s, to_s in ((0.0, PAUSE_S[0]), (PAUSE_S[1], HALF_HOUR_S)):
                begin_s, frames = start_s + shift_s + from_s, round((to_s - from_s) * 5)
                writer.write_span(ObservedSpan(CAMERA, begin_s, begin_s + to_s - from_s, frames))
        writer.flush()
    finally:
        writer.close()


def make_points(crowd: pd.DataFrame, *, start_s: float, first_tracklet: int) -> list[TrackPoint]:
    """The rows of a track table as a pipeline writes them."""
    return [
        TrackPoint(
            time_s=start_s + float(time_s),
            camera=CAMERA,
            tracklet=TrackletId(first_tracklet + int(tracklet)),
            x_m=float(x_m),
            y_m=float(y_m),
            sigma_m=0.1,
            height_m=None,
            state=TrackState.CONFIRMED,
        )
        for time_s, tracklet, x_m, y_m in zip(
            crowd["time_s"], crowd["tracklet"], crowd["x_m"], crowd["y_m"], strict=True
        )
    ]
