"""A venue with a history whose people are known: two observed half hours with a pause in each."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from analytics.domain.camera import Camera
from analytics.domain.exhibition import Exhibition
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.identifiers import CameraId
from analytics.domain.track import TrackPoint
from analytics.domain.zone import Zone, ZoneKind
from app.core.document import Venue, VenueCamera
from app.core.file_format import create_venue
from tests.support.halls.builder import box, list_points, write_history, zone
from tests.support.halls.known_crowd import STAND, make_crowd

CAMERA = CameraId("cam")
HALF_HOUR_S = 1800.0
PAUSE_S = (900.0, 1080.0)
"""Nobody looked in between, in each half hour."""
FIRST_S = datetime(2026, 3, 14, 9, 0, tzinfo=UTC).timestamp()
FIRST = (FIRST_S, FIRST_S + HALF_HOUR_S)
SECOND = (FIRST_S + HALF_HOUR_S, FIRST_S + 2 * HALF_HOUR_S)
UNOBSERVED = (FIRST_S + 6 * HALF_HOUR_S, FIRST_S + 7 * HALF_HOUR_S)
FRONT = zone("front row", box(0.0, 0.0, 6.0, 2.0), ZoneKind.STAGE)
DOOR = zone("door", box(-7.0, -3.0, -2.0, 7.0), ZoneKind.ENTRANCE)
ZONES = (STAND, FRONT, DOOR)


def make_known_venue(folder: Path, *, is_recorded: bool = True, zones: tuple[Zone, ...] = ZONES) -> Venue:
    """A venue of one camera without a calibration, so that all floor counts as seen."""
    venue = create_venue(
        folder / "fair.expoflow",
        Exhibition("Known fair", "Asia/Shanghai"),
        FloorPlan(box(-7.0, -4.0, 13.0, 8.0)),
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
    for seed, (start_s, _), arrivals_per_h in ((3, FIRST, 120.0), (4, SECOND, 180.0)):
        crowd = make_crowd(seed=seed, duration_s=HALF_HOUR_S - 1, arrivals_per_h=arrivals_per_h)
        crowd = crowd[(crowd["time_s"] < PAUSE_S[0]) | (crowd["time_s"] > PAUSE_S[1])]
        begin_s = start_s + shift_s
        parts = ((0.0, PAUSE_S[0]), (PAUSE_S[1], HALF_HOUR_S))
        spans = [(begin_s + start, begin_s + end, round((end - start) * 5)) for start, end in parts]
        write_crowd(venue, crowd, start_s=begin_s, spans=spans)


def write_crowd(
    venue: Venue, crowd: pd.DataFrame, *, start_s: float, spans: Sequence[tuple[float, float, int]] = ()
) -> None:
    """Write the rows of a track table as a pipeline does."""
    tracklets = int(crowd["tracklet"].max()) + 1
    rows = _list_rows(crowd, start_s)
    write_history(venue.folder, CAMERA, rows, tracklets=tracklets, spans=spans, sigma_m=0.1)


def make_points(crowd: pd.DataFrame, *, start_s: float, first_tracklet: int) -> list[TrackPoint]:
    """The rows of a track table as a pipeline writes them."""
    return list_points(CAMERA, _list_rows(crowd, start_s), first_tracklet=first_tracklet, sigma_m=0.1)


def _list_rows(crowd: pd.DataFrame, start_s: float) -> Iterable[tuple[float, int, float, float]]:
    return zip(start_s + crowd["time_s"], crowd["tracklet"], crowd["x_m"], crowd["y_m"], strict=True)
