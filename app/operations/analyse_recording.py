"""Analyse one recording: pictures in, visits and a heatmap out, a venue's history extended if asked."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import shapely

from analytics.domain.camera import Camera
from analytics.domain.errors import CalibrationError, OutputError, Phrase, SourceError, VenueError
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.identifiers import CameraId
from analytics.metrics.coverage import CameraView
from analytics.reports.result_files import describe_failed_write
from analytics.store.sql_event_store import open_reader
from app.operations.file_analysis import AnalysisProgress, FileAnalysis, analyse_files
from app.operations.import_recording import import_recording, refuse_known_recording
from app.operations.period_results import Floor, write_period_results
from app.venue.calibration_csv import read_calibration
from app.venue.document import Venue
from app.venue.geojson import read_floor_geojson
from vision.calibration.homography import estimate_homography
from vision.detection.detector_choice import DetectorChoice
from vision.pipeline.plan import CameraFeed, PipelinePlan
from vision.sources.frame_source import SourceAddress


@dataclass(frozen=True, slots=True)
class RecordingScene:
    """The camera that made a recording, and the floor that it looked at."""

    camera: Camera
    plan: FloorPlan
    geometry: FloorGeometry
    plan_picture: Path | None = None


@dataclass(frozen=True, slots=True)
class AnalysedRecording:
    """What came of it; ``summary`` is the content of summary.json, None without an output folder."""

    analysis: FileAnalysis
    summary: dict[str, object] | None


def find_venue_scene(venue: Venue, camera: str | None, *, start_utc_s: float | None) -> RecordingScene:
    """The scene of a recording by one of a venue's cameras; ``camera`` may be left out if there is only one.

    Raises:
        VenueError: no such camera, or it is not said which of several.
        CalibrationError: the camera is not calibrated.
    """
    entry = venue.camera(_choose_camera(venue.camera_names, camera, where=f"The venue '{venue.name}'"))
    if not entry.camera.pairs:
        raise CalibrationError(
            "Camera '{camera}' is not calibrated.",
            "Import at least four point pairs: python -m app venue import {folder} --calibration PAIRS.csv",
            camera=entry.name,
            folder=venue.folder,
        )
    return RecordingScene(
        camera=entry.camera,
        plan=venue.plan,
        geometry=venue.geometry_at(start_utc_s),
        plan_picture=venue.plan_picture_file,
    )


def read_scene(zones: Path, calibration: Path, camera: str | None) -> RecordingScene:
    """The scene of a recording from two files, without a venue; the plan is what they enclose.

    Raises:
        GeometryError, CalibrationError, VenueError: what is wrong in which file.
    """
    geometry = read_floor_geojson(zones)
    pairs = read_calibration(calibration)
    name = _choose_camera(tuple(pairs), camera, where=f"{calibration}")
    points = [(pair.x_m, pair.y_m) for pair in pairs[name]]
    for zone in geometry.zones:
        points += zone.outline.points
    for line in geometry.lines:
        points += line.path.points
    left, bottom, right, top = shapely.MultiPoint(points).bounds
    outline = Polygon.from_points(
        [(left, bottom), (right, bottom), (right, top), (left, top)], what="the plan"
    )
    return RecordingScene(
        camera=Camera(name, pairs=pairs[name], analysed_fps=None), plan=FloorPlan(outline), geometry=geometry
    )


def analyse_recording(
    *,
    recording: SourceAddress,
    scene: RecordingScene,
    detector: DetectorChoice,
    tracker: str,
    out_folder: Path | None,
    into: Venue | None,
    on_progress: Callable[[AnalysisProgress], None],
    should_cancel: Callable[[], bool],
) -> AnalysedRecording:
    """Analyse every due frame of a recording; results appear at the end, whole, or not at all.

    Args:
        recording: a video or a folder of pictures, with ``start_utc_s`` if known.
        out_folder: for the four result files and the heatmap.
        into: a venue whose history the recording is to become part of; needs a known start.

    Raises:
        ExpoFlowError: of the kind that says what failed.
    """
    if recording.is_live:
        raise SourceError(
            "{source} is a live camera; analysing needs a recording.",
            "Record it: python -m app record --venue VENUE",
            source=recording.location,
        )
    if into is not None:
        refuse_known_recording(into, recording)
    if out_folder is not None:
        _require_writable(out_folder)
    name = scene.camera.name
    fit = estimate_homography(scene.camera.pairs, what=Phrase("camera '{name}'", {"name": name}))
    feed = CameraFeed(camera=scene.camera, address=recording, geometry=fit.geometry, is_lossless=True)
    plan = PipelinePlan(feeds=(feed,), detector=detector, tracker=tracker)
    with tempfile.TemporaryDirectory(prefix="expoflow-analysis-") as folder:
        store_folder = Path(folder)
        analysis = analyse_files(plan, store_folder, on_progress=on_progress, should_cancel=should_cancel)
        if not analysis.is_complete:
            raise OutputError(
                "The analysis of {source} was cancelled; nothing was written.",
                "Start it again when there is time.",
                source=recording.location,
            )
        summary = None
        if out_folder is not None:
            summary = _write_results(
                scene=scene,
                feed=feed,
                analysis=analysis,
                detector=detector,
                tracker=tracker,
                store_folder=store_folder,
                out_folder=out_folder,
            )
        if into is not None:
            import_recording(from_folder=store_folder, into=into, recording=recording, camera=name)
    return AnalysedRecording(analysis, summary)


def _write_results(
    *,
    scene: RecordingScene,
    feed: CameraFeed,
    analysis: FileAnalysis,
    detector: DetectorChoice,
    tracker: str,
    store_folder: Path,
    out_folder: Path,
) -> dict[str, object]:
    reader = open_reader(store_folder)
    try:
        tracks, spans = reader.read_tracks(), reader.read_spans()
    finally:
        reader.close()
    (status,) = analysis.cameras
    start_s = feed.address.start_utc_s or 0.0
    last_s = float(spans["end_s"].max()) if len(spans) else start_s
    end_s = max(last_s, start_s + (status.duration_s or 0.0))
    views = []
    if status.size_wh is not None and feed.geometry is not None:
        shown = scene.camera.frame_size_wh or status.size_wh
        views = [CameraView(scene.camera.name, feed.geometry, shown, scene.camera.mask)]
    return write_period_results(
        tracks=tracks,
        spans=spans,
        floor=Floor(scene.plan, scene.geometry, tuple(views), scene.plan_picture),
        period_s=(start_s, end_s),
        starts_at_known_time=feed.address.start_utc_s is not None,
        title=Path(feed.address.location).name,
        period_label=f"{end_s - start_s:.0f} s",
        skipped_rows={"corrupt_frames": status.corrupt} if status.corrupt else {},
        parameters={
            "model": detector.model_path.name,
            "minimum_score": detector.minimum_score,
            "tracker": tracker,
            "analysed_fps": scene.camera.analysed_fps,
        },
        out_folder=out_folder,
    )


def _choose_camera(names: tuple[CameraId, ...], wanted: str | None, *, where: str) -> CameraId:
    if wanted is None and len(names) == 1:
        return names[0]
    if wanted is not None and wanted in names:
        return CameraId(wanted)
    raise VenueError(
        "{where} has the cameras {names}; it is not said which of them made the recording."
        if wanted is None
        else "{where} has no camera '{wanted}', only {names}.",
        "Say which with --camera NAME.",
        where=where,
        wanted=wanted,
        names=", ".join(f"'{name}'" for name in names) or "none",
    )


def _require_writable(folder: Path) -> None:
    """An hour of analysing must not end at a folder that could never be written."""
    existing = folder
    while not existing.exists():
        existing = existing.parent
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        raise describe_failed_write(error, folder) from error


def at_rate(scene: RecordingScene, analysed_fps: float | None) -> RecordingScene:
    """The scene with another limit of analysed frames a second."""
    return replace(scene, camera=replace(scene.camera, analysed_fps=analysed_fps))
