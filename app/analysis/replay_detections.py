"""Replay of detections from a file, tracked and analysed in the same way as those of our own cameras."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analytics.domain.camera import Camera
from analytics.domain.errors import CalibrationError, OutputError
from analytics.domain.identifiers import CameraId
from app.analysis.detection_file import CameraFrames, SkippedRows, check_detections, read_detection_rows
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
from app.cameras.frame_sizes import FrameSizes
from app.core.document import Venue
from app.recording.pipeline_process import open_sink
from vision.pipeline.detection_lane import DetectionLane
from vision.pipeline.observation_log import NOT_RUNNING, ObservationLog
from vision.pipeline.pipeline_parts import PipelineSink, TrackerMaker, make_camera_tracker
from vision.pipeline.tracklet_numbers import TrackletNumbers
from vision.pixel_types import Detections
from vision.tracking.floor_tracker_settings import list_tracker_parameters

_FRAMES_A_FLUSH = 500


@dataclass(frozen=True, slots=True)
class Replay:
    """Outcome of a replay; ``summary`` is the content of summary.json, None without an output folder."""

    frames: int
    skipped: SkippedRows
    summary: dict[str, object] | None


def replay_detections(
    *,
    file: Path,
    scene: RecordingScene,
    camera: str | None,
    frame_sizes: FrameSizes,
    fps: float | None,
    start_utc_s: float | None,
    out_folder: Path | None,
    into: Venue | None,
    on_progress: Callable[[float], None] = lambda _: None,
    should_cancel: Callable[[], bool] = lambda: False,
    accepts_wrong_pairs: bool = False,
    on_warning: Callable[[RecordingWarning], None] = lambda _: None,
) -> Replay:
    """Track detections, and write the results; they appear at the end, complete, or not at all.

    The same input gives the same bytes.

    Args:
        file: CSV, Parquet or MOTChallenge.
        camera: the only camera to replay, or the camera of a MOTChallenge file. None: all calibrated ones.
        fps: rate of a MOTChallenge file.
        out_folder: folder for the result files and the heatmap.
        into: venue to whose history the detections are added; needs a known start.
        on_progress: called with the share that is done, 0 to 1.
        accepts_wrong_pairs: go on although one of a camera's point pairs is known to be wrong.
        on_warning: called with each doubt as soon as it is known; the summary has them too.

    Raises:
        AccessError: the user may not export data that tells single persons apart, where there is an output
            folder and a venue.
        ExpoFlowError: the failure, by its kind.
    """
    if out_folder is not None:
        require_person_export(scene, into, title=file.name)
        require_writable(out_folder)
    cameras = scene.cameras if camera is None else (scene.choose_camera(camera),)
    only = cameras[0].name if len(cameras) == 1 else None
    rows = read_detection_rows(file, camera=only, fps=fps)
    if camera is not None:
        rows = rows.select_camera(camera)
    sizes_wh = _find_sizes([known for known in cameras if known.name in rows.cameras], frame_sizes)
    frames, skipped = check_detections(
        rows, known=scene.camera_names, frame_sizes_wh=sizes_wh, file=file.name
    )
    names = tuple(of_camera.camera for of_camera in frames)
    warnings = check_calibrations(
        [known for known in cameras if known.name in names], accepts_wrong_pairs=accepts_wrong_pairs
    )
    for warning in warnings:
        on_warning(warning)
    if into is not None:
        refuse_known_recording(into, file, names, start_utc_s)
    with tempfile.TemporaryDirectory(prefix="expoflow-replay-") as folder:
        store_folder = Path(folder)
        with closing(open_sink(store_folder)) as sink:
            track_frames(
                frames,
                scene=scene,
                sizes_wh=sizes_wh,
                start_s=start_utc_s or 0.0,
                sink=sink,
                on_progress=on_progress,
                should_cancel=should_cancel,
            )
        if should_cancel():
            raise OutputError(
                "The analysis of {source} was cancelled; nothing was written.",
                "Start it again at any time.",
                source=file,
            )
        for warning in (of_clock := read_clock_warnings(store_folder)):
            on_warning(warning)
        summary = None
        if out_folder is not None:
            summary = write_recording_results(
                store_folder=store_folder,
                scene=scene,
                into=into,
                sizes_wh={name: sizes_wh[name] for name in names},
                start_utc_s=start_utc_s,
                duration_s=max(of_camera.times_s[-1] + of_camera.interval_s for of_camera in frames),
                title=file.name,
                skipped_rows=skipped.counts,
                parameters={
                    "tracking": list_tracker_parameters(),
                    "detections": file.name,
                    "reordered_rows": skipped.reordered,
                },
                warnings=[*warnings, *of_clock],
                out_folder=out_folder,
            )
        if into is not None:
            import_recording(
                from_folder=store_folder, into=into, file=file, cameras=names, start_utc_s=start_utc_s
            )
    return Replay(sum(len(of_camera.times_s) for of_camera in frames), skipped, summary)


def _find_sizes(cameras: Sequence[Camera], frame_sizes: FrameSizes) -> dict[CameraId, tuple[int, int]]:
    sizes_wh = {}
    for camera in cameras:
        size_wh = frame_sizes.get(camera.name, frame_sizes.get(None, camera.frame_size_wh))
        if size_wh is None:
            raise CalibrationError(
                "The frame size of camera '{camera}' is unknown.",
                "Set it with --frame-size 1920x1080, or, for one of several, with --frame-size "
                "{camera}=1920x1080",
                camera=camera.name,
            )
        sizes_wh[camera.name] = size_wh
    return sizes_wh


def track_frames(
    frames: Sequence[CameraFrames],
    *,
    scene: RecordingScene,
    sizes_wh: Mapping[CameraId, tuple[int, int]],
    start_s: float,
    sink: PipelineSink,
    make_tracker: TrackerMaker = make_camera_tracker,
    on_progress: Callable[[float], None] = lambda _: None,
    should_cancel: Callable[[], bool] = lambda: False,
) -> None:
    """Feed every camera's frames, all in the order of time, to a sink.

    Args:
        scene: scene with the calibrated cameras of the frames.
        start_s: offset added to the frames' times.
        make_tracker: tracker for each camera; replaceable for comparisons.
    """
    numbers = TrackletNumbers(sink.reserve_tracklets)
    lanes = []
    for of_camera in frames:
        camera = scene.choose_camera(of_camera.camera)
        lane = DetectionLane(
            camera,
            fit_geometry(camera),
            next_tracklet=numbers,
            sink=sink,
            make_tracker=make_tracker,
            observations=ObservationLog(
                camera.name,
                sink,
                interval_s=of_camera.interval_s,
                observed_until_s=None,
                first_cause=NOT_RUNNING,
            ),
        )
        lane.follow_size(sizes_wh[camera.name])
        lanes.append(lane)
    total = sum(len(of_camera.times_s) for of_camera in frames)
    for done, (which, time_s, detections) in enumerate(_merge(frames), start=1):
        lanes[which].accept(start_s + time_s, detections)
        if done % _FRAMES_A_FLUSH == 0:
            for lane in lanes:
                lane.write_observed()
            sink.flush()
            on_progress(done / total)
            if should_cancel():
                return
    for lane in lanes:
        lane.finish()
    sink.flush()


def _merge(frames: Sequence[CameraFrames]) -> Iterator[tuple[int, float, Detections]]:
    """Yield every frame with the number of its camera, all in the order of time."""
    times_s = np.concatenate([of_camera.times_s for of_camera in frames])
    which = np.repeat(np.arange(len(frames)), [len(of_camera.times_s) for of_camera in frames])
    number = np.concatenate([np.arange(len(of_camera.times_s)) for of_camera in frames])
    order = np.lexsort((which, times_s))
    for index, time_s, frame in zip(
        which[order].tolist(), times_s[order].tolist(), number[order].tolist(), strict=True
    ):
        of_camera = frames[index]
        boxes = slice(of_camera.borders[frame], of_camera.borders[frame + 1])
        yield index, time_s, Detections(of_camera.xyxy[boxes], of_camera.score[boxes])
