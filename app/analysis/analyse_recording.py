"""Analysis of one recording: pictures in, visits and a heatmap out, optionally added to a venue's history."""

from __future__ import annotations

import importlib
import tempfile
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import OutputError, PipelineError, SourceError
from app.analysis.import_recording import (
    import_recording,
    read_clock_warnings,
    refuse_known_recording,
    require_person_export,
    require_writable,
    write_recording_results,
)
from app.analysis.recording_scene import RecordingScene, fit_geometry
from app.analysis.recording_warnings import RecordingWarning, check_calibrations
from app.core.document import Venue
from app.recording.pipeline_process import make_parts
from vision.detection.detector_choice import DetectorChoice
from vision.pipeline.pipeline_parts import PipelineParts
from vision.pipeline.pipeline_status import CameraStatus, PipelineStatus
from vision.pipeline.plan import CameraFeed, PipelinePlan
from vision.pipeline.supervisor import Supervisor
from vision.sources.frame_source import SourceAddress
from vision.tracking.floor_tracker_settings import list_tracker_parameters

if TYPE_CHECKING:
    import pandas as pd

_POLL_INTERVAL_S = 0.1


@dataclass(frozen=True, slots=True)
class AnalysisProgress:
    """Progress of an analysis.

    Attributes:
        frames: frames analysed, over all recordings.
        media_s: seconds of recordings analysed, over all recordings.
        fraction: 0 to 1; None if a file does not state its length.
        fps: recent rate of frames analysed per second.
    """

    frames: int
    media_s: float
    fraction: float | None
    fps: float


@dataclass(frozen=True, slots=True)
class FileAnalysis:
    """Outcome of an analysis.

    Attributes:
        is_complete: every recording was analysed to its end; False if it was cancelled.
        frames: frames analysed, over all recordings.
        elapsed_s: from the start of the processes to their end.
        cameras: each recording's counts.
        stage_seconds: wall time by stage, in pairs of stage and seconds.
    """

    is_complete: bool
    frames: int
    elapsed_s: float
    cameras: tuple[CameraStatus, ...]
    stage_seconds: tuple[tuple[str, float], ...]


def analyse_files(
    plan: PipelinePlan,
    store_folder: Path,
    *,
    on_progress: Callable[[AnalysisProgress], None] | None = None,
    should_cancel: Callable[[], bool] | None = None,
    parts: PipelineParts | None = None,
    clock: Clock | None = None,
) -> FileAnalysis:
    """Run capture and inference processes over recordings; a cancelled analysis keeps its results so far.

    Args:
        plan: plan with lossless feeds.
        store_folder: folder of the resulting history; created if absent.
        should_cancel: called ten times a second.
        parts: replacement of the real pipeline's parts, for tests.

    Raises:
        SourceError, ModelError, StoreError, CalibrationError, PipelineError: the failure, as text.
    """
    if any(not feed.is_lossless for feed in plan.feeds):
        raise PipelineError(
            "A live camera cannot be analysed to its end.", "Record it into a venue, or use a recording."
        )
    clock = clock or SystemClock()
    began_s = clock.monotonic_s()
    with Supervisor(plan, parts or make_parts(store_folder)) as supervisor:
        while not supervisor.wait(_POLL_INTERVAL_S):
            if should_cancel is not None and should_cancel():
                break
            status = supervisor.poll()
            if on_progress is not None and status.cameras:
                on_progress(_measure_progress(status))
    status = supervisor.poll()
    if status.failure is not None:
        raise status.failure
    if on_progress is not None:
        on_progress(_measure_progress(status))
    return FileAnalysis(
        is_complete=status.is_finished,
        frames=sum(camera.analysed for camera in status.cameras),
        elapsed_s=clock.monotonic_s() - began_s,
        cameras=status.cameras,
        stage_seconds=status.stage_seconds,
    )


def _measure_progress(status: PipelineStatus) -> AnalysisProgress:
    media_s = sum(camera.media_s for camera in status.cameras)
    durations = [camera.duration_s for camera in status.cameras]
    fraction = None
    if status.is_finished:
        fraction = 1.0
    elif all(duration is not None for duration in durations):
        fraction = min(1.0, media_s / max(1e-6, sum(d for d in durations if d is not None)))
    return AnalysisProgress(
        frames=sum(camera.analysed for camera in status.cameras),
        media_s=media_s,
        fraction=fraction,
        fps=sum(camera.fps_analysed for camera in status.cameras),
    )


@dataclass(frozen=True, slots=True)
class AnalysedRecording:
    """Outcome of an analysis with its results.

    Attributes:
        summary: the content of summary.json, None without an output folder.
        gaps: unobserved times, columns of ``GAP_COLUMNS``.
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
    accepts_wrong_pairs: bool = False,
    on_warning: Callable[[RecordingWarning], None] = lambda _: None,
) -> AnalysedRecording:
    """Analyse every due frame of a recording; results appear at the end, complete, or not at all.

    Args:
        recording: a video or a folder of pictures, with ``start_utc_s`` if known.
        camera: the scene's camera that made it; None: the only one.
        out_folder: for the four result files and the heatmap.
        into: venue to whose history the recording is added; needs a known start.
        accepts_wrong_pairs: go on although one of the camera's point pairs is known to be wrong.
        on_warning: called with each doubt as soon as it is known; the summary has them too.

    Raises:
        AccessError: the user may not export data that tells single persons apart, where there is an output
            folder and a venue.
        ExpoFlowError: the failure, by its kind.
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
    warnings = check_calibrations((maker,), accepts_wrong_pairs=accepts_wrong_pairs)
    for warning in warnings:
        on_warning(warning)
    feed = CameraFeed(camera=maker, address=recording, geometry=fit_geometry(maker), is_lossless=True)
    plan = PipelinePlan(feeds=(feed,), detector=detector)
    with tempfile.TemporaryDirectory(prefix="expoflow-analysis-") as folder:
        store_folder = Path(folder)
        preload = threading.Thread(target=_preload_results, name="preload results", daemon=True)

        def pass_on(progress: AnalysisProgress) -> None:
            # not before the first frame: until then the pipeline's processes need the processor
            if out_folder is not None and progress.frames and preload.ident is None:
                preload.start()
            on_progress(progress)

        analysis = analyse_files(plan, store_folder, on_progress=pass_on, should_cancel=should_cancel)
        if not analysis.is_complete:
            raise OutputError(
                "The analysis of {source} was cancelled; nothing was written.",
                "Start it again at any time.",
                source=recording.location,
            )
        for warning in (of_clock := read_clock_warnings(store_folder)):
            on_warning(warning)
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
                    "fps": recording.images_fps or recording.video_fps,
                },
                warnings=[*warnings, *of_clock],
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
        from analytics.store.sql_event_store import open_reader

        with closing(open_reader(store_folder)) as reader:
            gaps = reader.read_gaps()
    return AnalysedRecording(analysis, summary, gaps)


def _preload_results() -> None:
    """Load the modules for results while frames are analysed: later it would take a second."""
    for name in (
        "analytics.store.sql_event_reader",
        "app.facts.period_results",
        "app.pictures.heatmap_picture",
    ):
        importlib.import_module(name)
