"""From the history that a recording was analysed into to its result files."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Mapping
from pathlib import Path

from analytics.domain.identifiers import CameraId
from analytics.reports.result_files import describe_failed_write
from analytics.store.sql_event_store import open_reader
from app.access.guard import doing, require
from app.access.roles import Permission
from app.analysis.recording_scene import RecordingScene
from app.core.document import Venue
from app.facts.period_results import Floor, write_period_results

ACTION = "recording's results exported"


def require_person_export(scene: RecordingScene, into: Venue | None, *, title: str) -> None:
    """Ask, before an hour of analysing, who may export what tells single persons apart.

    Args:
        into: a venue whose history the recording becomes part of.

    Raises:
        AccessError: who is at work may not, in the venue of the scene or in the other one.
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
    out_folder: Path,
) -> dict[str, object]:
    """Write the result files and the heatmap, and give the summary.

    Args:
        into: a venue whose history the recording becomes part of.
        store_folder: its times count from ``start_utc_s``, or from 0 where that is not known.
        sizes_wh: of the frames of the cameras that made the recording.
        duration_s: of the recording; what was observed after its end extends it.

    Raises:
        AccessError: as `require_person_export`.
        OutputError: the folder cannot be written; nothing was.
    """
    with contextlib.ExitStack() as noted:
        for folder in _list_venues(scene, into):
            what = {"file": title, "folder": out_folder.name}
            noted.enter_context(doing(folder, Permission.EXPORT_PERSONS, ACTION, what))
        return _write(
            store_folder=store_folder,
            scene=scene,
            sizes_wh=sizes_wh,
            start_utc_s=start_utc_s,
            duration_s=duration_s,
            title=title,
            skipped_rows=skipped_rows,
            parameters=parameters,
            out_folder=out_folder,
        )


def _write(
    *,
    store_folder: Path,
    scene: RecordingScene,
    sizes_wh: Mapping[CameraId, tuple[int, int]],
    start_utc_s: float | None,
    duration_s: float,
    title: str,
    skipped_rows: Mapping[str, int],
    parameters: Mapping[str, object],
    out_folder: Path,
) -> dict[str, object]:
    reader = open_reader(store_folder)
    try:
        tracks, spans = reader.read_tracks(), reader.read_spans()
    finally:
        reader.close()
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
        out_folder=out_folder,
    )


def require_writable(folder: Path) -> None:
    """An hour of analysing must not end at a folder that could never be written.

    Raises:
        OutputError: why it cannot be.
    """
    existing = folder
    while not existing.exists():
        existing = existing.parent
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        raise describe_failed_write(error, folder) from error
