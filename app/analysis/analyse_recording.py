"""Analyse one recording: pictures in, visits and a heatmap out, a venue's history extended if asked."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analytics.domain.errors import OutputError, SourceError
from analytics.store.sql_event_store import open_reader
from app.analysis.file_analysis import AnalysisProgress, FileAnalysis, analyse_files
from app.analysis.import_recording import import_recording, refuse_known_recording
from app.analysis.recording_results import require_person_export, require_writable, write_recording_results
from app.analysis.recording_scene import RecordingScene, fit_geometry
from app.core.document import Venue
from vision.detection.detector_choice import DetectorChoice
from vision.pipeline.plan import CameraFeed, PipelinePlan
from vision.sources.frame_source import SourceAddress
from vision.tracking.tracker_factory import list_tracker_parameters


@dataclass(frozen=True, slots=True)
class AnalysedRecording:
    """What came of it.

    Attributes:
        summary: the content of summary.json, None without an output folder.
        gaps: when nothing was observed, columns of ``GAP_COLUMNS``.
    """

    analysis: FileAnalysis
    summary: dict[str, object] | None
    gaps: pd.DataFrame


def analyse_recording(
    *,
    recording: SourceAddress,
    scene: RecordingScene,
    camera: str | None,
    detector: DetectorChoice,
    out_folder: Path | None,
    into: Venue | None,
    on_progress: Callable[[AnalysisProgress], None],
    should_cancel: Callable[[], bool],
) -> AnalysedRecording:
    """Analyse every due frame of a recording; results appear at the end, whole, or not at all.

    Args:
        recording: a video or a folder of pictures, with ``start_utc_s`` if known.
        camera: which of the scene's made it; None: the only one.
        out_folder: for the four result files and the heatmap.
        into: a venue whose history the recording is to become part of; needs a known start.

    Raises:
        AccessError: who is at work may not export what tells single persons apart, where there is an output
            folder and a venue.
        ExpoFlowError: of the kind that says what failed.
    """
    if recording.is_live:
        raise SourceError(
            "{source} is a live camera; analysing needs a recording.",
            "Record it: python -m app record --venue VENUE",
            source=recording.location,
        )
    if out_folder is not None:
        require_person_export(scene, into, title=Path(recording.location).name)
    maker = scene.choose_camera(camera)
    if into is not None:
        refuse_known_recording(into, Path(recording.location), (maker.name,), recording.start_utc_s)
    if out_folder is not None:
        require_writable(out_folder)
    feed = CameraFeed(camera=maker, address=recording, geometry=fit_geometry(maker), is_lossless=True)
    plan = PipelinePlan(feeds=(feed,), detector=detector)
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
            (status,) = analysis.cameras
            summary = write_recording_results(
                store_folder=store_folder,
                scene=scene,
                into=into,
                sizes_wh={} if status.size_wh is None else {maker.name: status.size_wh},
                start_utc_s=recording.start_utc_s,
                duration_s=status.duration_s or 0.0,
                title=Path(recording.location).name,
                skipped_rows={"corrupt_frames": status.corrupt} if status.corrupt else {},
                parameters={
                    "model": detector.model_path.name,
                    "minimum_score": detector.minimum_score,
                    "tracking": list_tracker_parameters(),
                    "analysed_fps": maker.analysed_fps,
                },
                out_folder=out_folder,
            )
        if into is not None:
            import_recording(
                from_folder=store_folder,
                into=into,
                file=Path(recording.location),
                cameras=(maker.name,),
                start_utc_s=recording.start_utc_s,
            )
        reader = open_reader(store_folder)
        try:
            gaps = reader.read_gaps()
        finally:
            reader.close()
    return AnalysedRecording(analysis, summary, gaps)
