"""The demonstration: a fair of three days that is shipped ready, unpacked so that it ended yesterday."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.domain.arrays import Interval
from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import VenueError
from analytics.domain.exhibition import Exhibition
from analytics.domain.floor_plan import FloorGeometry
from app.core.document import FOLDER_SUFFIX, Venue
from app.core.file_format import create_venue, read_venue, write_venue
from app.error_reporting import convert_error
from app.recording.announcement import find_other_recorder
from app.settings.paths import data_folder
from resources.demo import DEMO_FOLDER
from vision.sources.frame_source import SourceKind

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

SHIPPED_HISTORY, CLIPS_NAME = "history.parquet", "clips"
HISTORY_FPS = 2.0
"""Frames a second of a shipped history that does not say its own (``FPS_KEY`` of its metadata)."""
FPS_KEY = b"fps"
DIFFERENCES = ("x_cm", "y_cm", "sigma_cm")
"""Columns of the shipped history that hold the difference to the row before, which is small."""


def find_demo_folder() -> Path:
    """Return this machine's folder of the demo exhibition, which may not exist yet."""
    return data_folder() / f"Demonstration{FOLDER_SUFFIX}"


def is_demo_venue(venue: Venue) -> bool:
    """Return whether a venue is the demo exhibition."""
    return any(
        camera.address is not None and camera.address.kind is SourceKind.CLIP for camera in venue.cameras
    )


def list_show_days(venue: Venue) -> tuple[Interval, ...]:
    """Return the opening hours of each day of the show, seconds since the epoch."""
    return _list_hours(venue.exhibition)


def open_demo_venue(
    folder: Path,
    *,
    clock: Clock | None = None,
    on_progress: Callable[[float, float], None] = lambda _done, _total: None,
) -> Venue:
    """Return the demo exhibition in a folder, unpacked anew where its show did not end yesterday.

    What somebody changed in it yesterday or earlier is gone then, and what was recorded. While another
    process records it, it stays.

    Raises:
        ExpoFlowError: the folder cannot be read or written.
    """
    clock = clock or SystemClock()
    if folder.exists():
        venue = read_venue(folder)
        is_over = _is_shipped(venue) and _count_days_to_yesterday(venue.exhibition, clock) != 0
        if not is_over or find_other_recorder(folder) is not None:
            return venue
        with _explaining_os_errors(folder):
            shutil.rmtree(folder)
    return unpack_demo_venue(folder, clock=clock, on_progress=on_progress)


def unpack_demo_venue(
    folder: Path,
    *,
    clock: Clock | None = None,
    on_progress: Callable[[float, float], None] = lambda _done, _total: None,
    source: Path = DEMO_FOLDER,
) -> Venue:
    """Unpack the demo exhibition into a new folder, its last day being yesterday in venue time.

    Args:
        folder: ``NAME.expoflow``, which must not exist.
        on_progress: called with (done, total).
        source: the folder that ``tools.demo.make`` wrote.

    Raises:
        ExpoFlowError: the folder cannot be written.
    """
    clock = clock or SystemClock()
    shipped = read_venue(source)
    shift = timedelta(days=_count_days_to_yesterday(shipped.exhibition, clock))
    venue = _shift_venue(shipped, shift, folder)
    with _explaining_os_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
    create_venue(folder, venue.exhibition, venue.plan)
    try:
        with _explaining_os_errors(folder):
            shutil.copytree(source / CLIPS_NAME, folder / CLIPS_NAME)
        write_venue(venue)
        _add_timeline(source, folder, shift)
        _add_history(source, venue, clock, on_progress)
        _add_tables(source, venue, shift, clock)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return venue


def _shift_venue(shipped: Venue, shift: timedelta, folder: Path) -> Venue:
    hours = tuple(replace(entry, day=entry.day + shift) for entry in shipped.exhibition.opening_hours)
    versions = tuple(
        geometry
        if geometry.valid_from_utc_s is None
        else replace(geometry, valid_from_utc_s=geometry.valid_from_utc_s + shift.total_seconds())
        for geometry in shipped.geometry_versions
    )
    return replace(
        shipped,
        folder=folder,
        exhibition=replace(shipped.exhibition, opening_hours=hours),
        geometry_versions=versions,
    )


def _add_timeline(source: Path, folder: Path, shift: timedelta) -> None:
    from app.timeline.timeline_file import Timeline, read_timeline, write_timeline

    seconds = shift.total_seconds()
    shipped = read_timeline(source)
    write_timeline(
        folder,
        Timeline(
            tuple(replace(e, start_s=e.start_s + seconds, end_s=e.end_s + seconds) for e in shipped.events),
            tuple(replace(note, at_s=note.at_s + seconds) for note in shipped.notes),
            tuple(replace(s, start_s=s.start_s + seconds, end_s=s.end_s + seconds) for s in shipped.shifts),
        ),
    )


def _add_history(
    source: Path, venue: Venue, clock: Clock, on_progress: Callable[[float, float], None]
) -> None:
    import pyarrow.parquet as pq

    from analytics.domain.event_sink import ObservedSpan
    from analytics.domain.identifiers import CameraId
    from analytics.store.event_store import Recording
    from analytics.store.past_hours import PastCamera, add_past_hours

    shipped = pq.ParquetFile(source / SHIPPED_HISTORY)
    fps = float((shipped.schema_arrow.metadata or {}).get(FPS_KEY, HISTORY_FPS))
    days = list_show_days(venue)
    # a row group for each day and camera
    groups = [shipped.read_row_group(number) for number in range(shipped.num_row_groups)]
    for number, (start_s, end_s) in enumerate(days):
        frames = round((end_s - start_s) * fps)
        cameras = []
        for group in groups:
            if group["day"][0].as_py() != number:
                continue
            camera = CameraId(group["camera"][0].as_py())
            mark = hashlib.sha256(f"demo {start_s:.0f} {camera}".encode()).hexdigest()
            cameras.append(
                PastCamera(
                    points=_decode_points(group, start_s, fps),
                    span=ObservedSpan(camera, start_s, end_s - 1 / fps, frames),
                    recording=Recording(
                        name=f"day {number + 1}, {camera}",
                        sha256=mark,
                        camera=camera,
                        start_s=start_s,
                        imported_s=clock.now_utc_s(),
                    ),
                )
            )
        add_past_hours(venue.folder, cameras=cameras, clock=clock)
        on_progress(number + 1, len(days))


def _decode_points(group: pa.Table, start_s: float, fps: float) -> npt.NDArray[np.void]:
    """Return the points of a camera and day as an array of ``POINT_TYPE``."""
    import numpy as np

    from analytics.store.past_hours import POINT_TYPE

    points = np.empty(len(group), POINT_TYPE)
    points["time_s"] = start_s + group["frame"].to_numpy() / fps
    points["tracklet"] = group["tracklet"].to_numpy()
    for name in ("x", "y", "sigma"):
        points[f"{name}_m"] = np.cumsum(group[f"{name}_cm"].to_numpy(), dtype=np.int64) / 100.0
    points["state"] = group["state"].to_numpy()
    return points[np.argsort(points["time_s"], kind="stable")]


def _add_tables(source: Path, venue: Venue, shift: timedelta, clock: Clock) -> None:
    """Add the shipped tables of the days; those of another version are computed anew when they are needed."""
    from analytics.rollups.rollup_folder import RollupFolder
    from analytics.store.sql_event_store import open_reader
    from app.facts.period_stretches import find_key, plan_stretches

    folder = RollupFolder(venue.folder)
    reader = open_reader(venue.folder)
    try:
        planned = plan_stretches(
            venue=venue,
            reader=reader,
            period_s=(float("-inf"), float("inf")),
            now_utc_s=clock.now_utc_s(),
        )
    finally:
        reader.close()
    shipped = {
        rollup.start_utc_s + shift.total_seconds(): rollup for rollup in RollupFolder(source).find_all()
    }
    with _explaining_os_errors(venue.folder):
        for stretch in planned:
            rollup = shipped.get(stretch.period_s[0])
            if rollup is not None and _is_alike(rollup.geometry, stretch.geometry):
                folder.add_copy(rollup, period_s=stretch.period_s, key=find_key(venue, stretch))


def _is_alike(first: FloorGeometry, second: FloorGeometry) -> bool:
    """Return whether what was counted by one geometry holds for another."""
    from analytics.rollups.rollup_folder import describe_geometry

    return describe_geometry(first) == describe_geometry(second)


def _is_shipped(venue: Venue) -> bool:
    """Return whether a venue is the demonstration and not one that somebody made with clips of their own."""
    shipped = read_venue(DEMO_FOLDER)
    return is_demo_venue(venue) and venue.exhibition.name == shipped.exhibition.name


def _count_days_to_yesterday(exhibition: Exhibition, clock: Clock) -> int:
    today = exhibition.local_day(clock.now_utc_s())
    last = max(hours.day for hours in exhibition.opening_hours)
    return (today - last).days - 1


def _list_hours(exhibition: Exhibition) -> tuple[Interval, ...]:
    days = sorted({hours.day for hours in exhibition.opening_hours})
    return tuple(part for day in days for part in exhibition.opening_intervals_utc(day))


@contextlib.contextmanager
def _explaining_os_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise convert_error(VenueError, error, file=folder) from error
