"""Analyse recordings to their end, every due frame of them, into a history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import PipelineError
from app.recording.pipeline_process import make_parts
from vision.pipeline.pipeline_parts import PipelineParts
from vision.pipeline.pipeline_status import CameraStatus, PipelineStatus
from vision.pipeline.plan import PipelinePlan
from vision.pipeline.supervisor import Supervisor

_LOOK_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class AnalysisProgress:
    """How far an analysis is.

    Attributes:
        frames: frames analysed, of all recordings together.
        media_s: seconds of recordings analysed, of all together.
        fraction: 0 to 1; None where a file does not say how long it is.
        fps: frames analysed a second of late.
    """

    frames: int
    media_s: float
    fraction: float | None
    fps: float


@dataclass(frozen=True, slots=True)
class FileAnalysis:
    """What came of an analysis.

    Attributes:
        is_complete: every recording was analysed to its end; False if it was cancelled.
        frames: frames analysed, of all recordings together.
        elapsed_s: from the start of the processes to their end.
        cameras: each recording's counts.
        stage_seconds: where the time went, in pairs of stage and seconds.
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
    """Run capture and inference processes over recordings; what is analysed until a cancel is kept.

    Args:
        plan: its feeds are lossless.
        store_folder: of the history that the results go into; made where there is none.
        should_cancel: asked ten times a second.
        parts: other than those of a real pipeline, for tests.

    Raises:
        SourceError, ModelError, StoreError, CalibrationError, PipelineError: what failed, in words.
    """
    if any(not feed.is_lossless for feed in plan.feeds):
        raise PipelineError(
            "A live camera cannot be analysed to its end.", "Record it into a venue, or give a recording."
        )
    clock = clock or SystemClock()
    began_s = clock.monotonic_s()
    with Supervisor(plan, parts or make_parts(store_folder)) as supervisor:
        while not supervisor.wait(_LOOK_EVERY_S):
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
