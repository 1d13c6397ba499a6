"""Import of an analysed recording into a venue's history, in one transaction."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.domain.clock import Clock, SystemClock, format_utc
from analytics.domain.errors import StoreError
from analytics.domain.event_sink import ObservedSpan
from analytics.domain.identifiers import CameraId, TrackletId
from analytics.domain.track import TrackPoint, TrackState
from app.access.guard import doing, require
from app.access.roles import Permission
from app.analysis.recording_scene import RecordingScene
from app.analysis.recording_warnings import RecordingWarning, check_clock
from app.core.document import Venue

if TYPE_CHECKING:
    import pandas as pd

ACTION = "recording's results exported"


def require_person_export(scene: RecordingScene, into: Venue | None, *, title: str) -> None:
    """Check, before a long analysis, that the user may export data that tells single persons apart.

    Args:
        into: a venue whose history the recording becomes part of.

    Raises:
        AccessError: the user may not, in the venue of the scene or in the other one.
    """
    for folder in _list_venues(scene, into):
        require(folder, Permission.EXPORT_PERSONS, action=ACTION, what={"file": title})


def _list_venues(scene: RecordingScene, into: Venue | None) -> list[Path]:
    folders = [scene.venue_folder, None if into is None else into.folder]
    return list({folder.resolve(): folder for folder in folders if folder is not None}.values())


def write_recording_results(
    *,
    store_folder: Path,
    scene: RecordingScene,
    into: Venue | None,
    sizes_wh: Mapping[CameraId, tuple[int, int]],
    start_utc_s: float | None,
    duration_s: float,
    title: str,
    skipped_rows: Mapping[str, int],
    parameters: Mapping[str, object],
    warnings: Sequence[RecordingWarning],
    out_folder: Path,
) -> dict[str, object]:
    """Write the result files and the heatmap, and return the summary.

    Args:
        into: a venue whose history the recording becomes part of.
        store_folder: history whose times count from ``start_utc_s``, or from 0 where that is unknown.
        sizes_wh: frame sizes of the cameras that made the recording.
        duration_s: length of the recording; observed time after its end extends it.

    Raises:
        AccessError: see `require_person_export`.
        OutputError: the folder is not writable; nothing was written.
    """
    from analytics.metrics.low_counts import find_low_counts
    from analytics.store.sql_event_store import open_reader
    from app.facts.period_results import Floor, write_period_results

    with ExitStack() as noted:
        for folder in _list_venues(scene, into):
            what = {"file": title, "folder": out_folder.name}
            noted.enter_context(doing(folder, Permission.EXPORT_PERSONS, ACTION, what))
        with closing(open_reader(store_folder)) as reader:
            tracks, spans, log = reader.read_tracks(), reader.read_spans(), reader.read_events()
        start_s = start_utc_s or 0.0
        last_s = float(spans["end_s"].max()) if len(spans) else start_s
        end_s = max(last_s, start_s + duration_s)
        views = scene.views(sizes_wh)
        rms_m = {str(view.camera): round(view.geometry.pair_rms_m, 4) for view in views}
        return write_period_results(
            tracks=tracks,
            spans=spans,
            floor=Floor(scene.plan, scene.geometry, views, scene.plan_picture, scene.corrections),
            period_s=(start_s, end_s),
            starts_at_known_time=start_utc_s is not None,
            title=title,
            period_label=f"{end_s - start_s:.0f} s",
            skipped_rows=skipped_rows,
            parameters={**parameters, "calibration_rms_m": rms_m},
            warnings=[warning.to_dict() for warning in warnings],
            out_folder=out_folder,
            low=find_low_counts(log, (start_s, end_s)),
        )


def read_clock_warnings(store_folder: Path) -> list[RecordingWarning]:
    """Return a warning if people in an analysed recording walk at an implausible speed."""
    from analytics.store.sql_event_store import open_reader

    with closing(open_reader(store_folder)) as reader:
        return check_clock(reader.read_tracks())


def require_writable(folder: Path) -> None:
    """Check, before a long analysis, that the output folder is writable.

    Raises:
        OutputError: the reason why it is not.
    """
    existing = folder
    while not existing.exists():
        existing = existing.parent
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        from analytics.results.result_files import describe_failed_write

        raise describe_failed_write(error, folder) from error


CHUNK_BYTES = 1 << 20


def refuse_known_recording(
    venue: Venue, file: Path, cameras: Sequence[CameraId], start_utc_s: float | None
) -> None:
    """Check, before a long analysis, that a recording can become part of a venue's history.

    Raises:
        StoreError: its start is unknown, or it is already in the history.
    """
    if start_utc_s is None:
        raise StoreError(
            "A recording can only join the history of '{venue}' if its start is known.",
            "Specify its start, such as --start-utc 2026-11-25T09:00:00Z",
            venue=venue.name,
        )
    if not venue.has_history:
        return
    from analytics.store.sql_event_store import open_reader

    with closing(open_reader(venue.folder)) as reader:
        marks = _mark_recordings(file, cameras)
        known = next(filter(None, (reader.find_recording(marks[camera]) for camera in cameras)), None)
    if known is not None:
        raise StoreError(
            "{name} is already part of the history of '{venue}' (imported on {imported}).",
            "No action is needed. To see its numbers, export that period.",
            name=known.name,
            venue=venue.name,
            imported=format_utc(known.imported_s),
        )


def import_recording(
    *,
    from_folder: Path,
    into: Venue,
    file: Path,
    cameras: Sequence[CameraId],
    start_utc_s: float | None,
    clock: Clock | None = None,
) -> None:
    """Copy an analysis into a venue's history, completely or not at all.

    Args:
        from_folder: the history that the recording was analysed into, with times in UTC.
        file: the recording, or the folder of its pictures.
        cameras: those that made it.

    Raises:
        AccessError: the user may not record.
        StoreError: the venue is being recorded now, or is not writable.
    """
    now_utc_s = (clock or SystemClock()).now_utc_s()
    with doing(into.folder, Permission.RECORD, "recording imported", {"file": file.name}):
        from analytics.store.event_store import Recording
        from analytics.store.sql_event_store import open_reader, open_store

        with closing(open_reader(from_folder)) as reader:
            tracks, spans = reader.read_tracks(), reader.read_spans()
        with closing(open_store(into.folder)) as writer:
            if len(tracks):
                count = int(tracks["tracklet"].max()) + 1
                first = writer.reserve_tracklets(count)
                writer.write_points(make_points(tracks, shift=int(first)))
            rows: Iterator[Any] = spans.itertuples(index=False)
            for span in rows:
                camera = CameraId(str(span.camera))
                writer.write_span(
                    ObservedSpan(camera, float(span.start_s), float(span.end_s), int(span.frames))
                )
            writer.flush()
            for camera, mark in _mark_recordings(file, cameras).items():
                writer.write_recording(
                    Recording(
                        name=file.name, sha256=mark, camera=camera, start_s=start_utc_s, imported_s=now_utc_s
                    )
                )


def _mark_recordings(file: Path, cameras: Sequence[CameraId]) -> dict[CameraId, str]:
    """Return the digest of each camera's recording, with the camera's name if there are several."""
    digest = compute_recording_digest(file)
    if len(cameras) == 1:
        return {cameras[0]: digest}
    return {camera: hashlib.sha256(f"{digest} {camera}".encode()).hexdigest() for camera in cameras}


def make_points(tracks: pd.DataFrame, *, shift: int) -> list[TrackPoint]:
    """Return track points of a table of ``TRACK_COLUMNS``; ``shift`` is added to the tracklet numbers."""
    import pandas as pd

    rows: Iterator[Any] = tracks.itertuples(index=False)
    return [
        TrackPoint(
            time_s=float(row.time_s),
            camera=CameraId(str(row.camera)),
            tracklet=TrackletId(int(row.tracklet) + shift),
            x_m=float(row.x_m),
            y_m=float(row.y_m),
            sigma_m=float(row.sigma_m),
            height_m=None if pd.isna(row.height_m) else float(row.height_m),
            state=TrackState(str(row.state)),
        )
        for row in rows
    ]


def compute_recording_digest(location: Path) -> str:
    """Return the SHA-256 of a video, or of the names and contents of a folder of pictures, in hex."""
    digest = hashlib.sha256()
    files = [location]
    if location.is_dir():
        # paths of Windows compare without regard to case
        files = sorted((p for p in location.iterdir() if p.is_file()), key=lambda file: file.name)
    for file in files:
        if location.is_dir():
            digest.update(file.name.encode())
        with file.open("rb") as content:
            while chunk := content.read(CHUNK_BYTES):
                digest.update(chunk)
    return digest.hexdigest()
