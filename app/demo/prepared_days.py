"""Two days of history for the demo exhibition, prepared in separate processes."""

from __future__ import annotations

import contextlib
import hashlib
import multiprocessing
import os
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import ExpoFlowError, PipelineError, StoreError
from analytics.domain.event_sink import CameraEvent, Gap, ObservedSpan
from analytics.domain.identifiers import CameraId, TrackletId
from analytics.domain.track import TrackPoint
from analytics.store.event_store import Recording
from analytics.store.past_hours import POINT_TYPE, STATES, PastCamera, add_past_hours
from analytics.store.sql_event_store import open_reader
from app.core.document import Venue
from app.core.file_format import read_venue
from app.demo.demo_exhibition import PREPARED_FPS, PreparedDay, is_demo_venue, list_prepared_days
from app.demo.demo_truth import find_day_folder, write_day_truth
from app.error_reporting import convert_error
from resources.atomic_file import replace_file
from vision.simulation.crowd.crowd_samples import CrowdSamples, sample_crowd
from vision.simulation.crowd.crowd_simulation import simulate_crowd
from vision.simulation.crowd.exhibition_hall import ExhibitionLayout, make_exhibition
from vision.simulation.rendering.exhibition_scene import FRAME_SIZE_WH, find_hall_camera

_VERSION = 1
"""Version of the preparation; increased when it would produce different data."""
_NICENESS = 1
"""Slightly below the live view, which would drop frames rather than delay the history for long."""
_SIMULATED_SHARE, _TRACKED_SHARE = 0.3, 0.85
"""Progress after the simulation and after the tracking."""
_FRAMES_PER_REPORT = 200
_ROWS_PER_PART = 20_000
_STATE_NUMBERS = {state: number for number, state in enumerate(STATES)}
_Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class DayProgress:
    """Progress of a day, 0 to 1."""

    share: float
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class DayFailed:
    """The reason for which a day could not be prepared."""

    error: ExpoFlowError


def run_day(connection: Connection, folder: Path, day: PreparedDay) -> None:
    """Prepare a day and report the progress; the target of a process."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    # if the parent process has ended, sending fails and the work stops
    try:
        prepare_day(read_venue(folder), day, on_progress=lambda share: connection.send(DayProgress(share)))
        connection.send(DayProgress(1.0, is_done=True))
    except (BrokenPipeError, ConnectionError):
        return
    except Exception as error:
        failure = error if isinstance(error, ExpoFlowError) else convert_error(PipelineError, error)
        with contextlib.suppress(OSError):
            connection.send(DayFailed(failure))
    finally:
        connection.close()


def prepare_day(
    venue: Venue,
    day: PreparedDay,
    *,
    on_progress: _Progress = lambda _: None,
    clock: Clock | None = None,
) -> None:
    """Simulate a day, detect, track, project, and add it to the history, which may be in use.

    Raises:
        ExpoFlowError: the day could not be prepared.
    """
    day_folder = find_day_folder(venue, day)
    points_file = day_folder / "points.npz"
    tracked = _read_points(points_file, day)
    if tracked is None:
        layout = make_exhibition(day.layout)
        paths = simulate_crowd(
            layout=layout,
            duration_s=day.end_s - day.start_s,
            seed=day.seed,
            on_progress=lambda share: on_progress(share * _SIMULATED_SHARE),
        )
        samples = sample_crowd(paths=paths, interval_s=1.0 / PREPARED_FPS)
        with _explain_os_errors(day_folder):
            day_folder.mkdir(parents=True, exist_ok=True)
            write_day_truth(venue, day, paths=paths, samples=samples)
        del paths
        tracked = {}
        count = len(venue.cameras)
        for number, entry in enumerate(venue.cameras):
            tracked[entry.name] = track_day(
                venue=venue,
                camera=entry.name,
                day=day,
                layout=layout,
                samples=samples,
                on_progress=_scale(
                    on_progress,
                    _SIMULATED_SHARE + (_TRACKED_SHARE - _SIMULATED_SHARE) * number / count,
                    (_TRACKED_SHARE - _SIMULATED_SHARE) / count,
                ),
            )
        with _explain_os_errors(day_folder):
            _write_points(points_file, day, tracked)
    on_progress(_TRACKED_SHARE)
    _add_to_history(venue, day, tracked, clock or SystemClock())


def track_day(
    *,
    venue: Venue,
    camera: CameraId,
    day: PreparedDay,
    layout: ExhibitionLayout,
    samples: CrowdSamples,
    on_progress: _Progress = lambda _: None,
) -> np.typing.NDArray[np.void]:
    """Return one camera's track points from simulated detections, with tracklets numbered from 1.

    Raises:
        PipelineError: the demo exhibition has no such camera.
        CalibrationError: the venue's camera has another calibration than the demo's.
    """
    from vision.pipeline.detection_lane import DetectionLane
    from vision.pipeline.observation_log import NOT_RUNNING, ObservationLog
    from vision.simulation.simulated_detections import simulate_detections

    hall_camera, geometry = find_hall_camera(camera), venue.camera_geometry(camera)
    if hall_camera is None or geometry is None:
        raise PipelineError(
            "The history of camera '{camera}' cannot be created: it is not one of the demo "
            "exhibition's cameras.",
            "Remove the camera, or create the demo exhibition again.",
            camera=camera,
        )
    numbers = iter(range(1, 1 << 40))
    collected = _CollectedPoints(day.start_s)
    lane = DetectionLane(
        venue.camera(camera).camera,
        geometry,
        next_tracklet=lambda: TrackletId(next(numbers)),
        sink=collected,
        observations=ObservationLog(
            camera, collected, interval_s=1.0 / PREPARED_FPS, observed_until_s=None, first_cause=NOT_RUNNING
        ),
    )
    lane.follow_size(FRAME_SIZE_WH)
    detections = simulate_detections(samples=samples, layout=layout, camera=hall_camera, seed=day.seed)
    for number, (time_s, boxes) in enumerate(detections):
        lane.accept(time_s, boxes)
        if number % _FRAMES_PER_REPORT == 0:
            on_progress(number / max(len(samples.times_s), 1))
    lane.finish()
    return collected.to_array()


class _CollectedPoints:
    """An ``EventSink`` that collects the points of a fully observed day.

    A day has a million points, which would take hundreds of megabytes as objects.
    """

    def __init__(self, start_s: float) -> None:
        self._start_s = start_s
        self._rows: list[tuple[float, int, float, float, float, int]] = []
        self._parts: list[np.typing.NDArray[np.void]] = []

    def write_points(self, points: Sequence[TrackPoint]) -> None:
        self._rows += [
            (self._start_s + p.time_s, p.tracklet, p.x_m, p.y_m, p.sigma_m, _STATE_NUMBERS[p.state])
            for p in points
        ]
        if len(self._rows) >= _ROWS_PER_PART:
            self._flush_rows()

    def to_array(self) -> np.typing.NDArray[np.void]:
        """Return all points as an array of ``POINT_TYPE``."""
        self._flush_rows()
        return np.concatenate(self._parts)

    def _flush_rows(self) -> None:
        self._parts.append(np.array(self._rows, POINT_TYPE))
        self._rows.clear()

    def write_span(self, span: ObservedSpan) -> None:
        pass

    def write_gap(self, gap: Gap) -> None:
        pass

    def write_event(self, event: CameraEvent) -> None:
        pass

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass


def find_missing_cameras(venue: Venue, day: PreparedDay) -> tuple[CameraId, ...]:
    """Return the cameras for which the history lacks the day.

    Raises:
        StoreError: the history cannot be read.
    """
    if not venue.has_history:
        return venue.camera_names
    reader = open_reader(venue.folder)
    try:
        return tuple(
            name for name in venue.camera_names if reader.find_recording(_compute_mark(day, name)) is None
        )
    finally:
        reader.close()


def _scale(on_progress: _Progress, offset: float, share: float) -> _Progress:
    return lambda fraction: on_progress(offset + share * fraction)


def _add_to_history(
    venue: Venue, day: PreparedDay, tracked: dict[CameraId, np.typing.NDArray[np.void]], clock: Clock
) -> None:
    frames = int(np.ceil((day.end_s - day.start_s) * PREPARED_FPS - 1e-9))
    cameras = [
        PastCamera(
            points=points,
            span=ObservedSpan(name, day.start_s, day.end_s - 1 / PREPARED_FPS, frames),
            recording=Recording(
                name=f"prepared day {day.number}, {name}",
                sha256=_compute_mark(day, name),
                camera=name,
                start_s=day.start_s,
                imported_s=clock.now_utc_s(),
            ),
        )
        for name, points in tracked.items()
    ]
    add_past_hours(venue.folder, cameras=cameras, clock=clock)


def _compute_mark(day: PreparedDay, camera: CameraId) -> str:
    text = f"{_VERSION} {day.layout} {day.start_s:.3f} {day.end_s:.3f} {day.seed} {camera}"
    return hashlib.sha256(text.encode()).hexdigest()


def _write_points(file: Path, day: PreparedDay, tracked: dict[CameraId, np.typing.NDArray[np.void]]) -> None:
    names = list(tracked)
    with replace_file(file) as temporary, temporary.open("wb") as stream:
        content = {f"points_{number}": tracked[name] for number, name in enumerate(names)}
        marks = np.array([_compute_mark(day, name) for name in names])
        np.savez_compressed(stream, names=np.array(names), marks=marks, **content)  # type: ignore[arg-type]


def _read_points(file: Path, day: PreparedDay) -> dict[CameraId, np.typing.NDArray[np.void]] | None:
    """Return saved points; None if there are none, they belong to another day or version, or are damaged."""
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as content:
            names = [CameraId(str(name)) for name in content["names"]]
            if [str(mark) for mark in content["marks"]] != [_compute_mark(day, name) for name in names]:
                return None
            return {name: content[f"points_{number}"] for number, name in enumerate(names)}
    except (OSError, ValueError, KeyError, EOFError, MemoryError, zlib.error, zipfile.BadZipFile):
        return None


@contextlib.contextmanager
def _explain_os_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise convert_error(StoreError, error, file=folder) from error


_POLL_INTERVAL_S = 0.2
_STOP_TIMEOUT_S = 2.0


def generate_prepared_days(
    venue: Venue,
    on_progress: Callable[[float, float], None],
    should_cancel: Callable[[], bool],
) -> bool:
    """Add two simulated days to the venue's history: a crowd as seen by an imperfect detector.

    From the detections on, everything is as in a recording: the same tracker, projection and store. Existing
    days are kept, and tracks finished before a cancel are reused. The venue may be recorded at the same
    time.

    Args:
        on_progress: called with (done, total).
        should_cancel: called five times a second.

    Returns:
        Whether both days are in the history; False only after a cancel.

    Raises:
        PipelineError: the venue is not a demo exhibition, or a process ended unexpectedly.
        ExpoFlowError: a day could not be prepared.
    """
    if not is_demo_venue(venue):
        raise PipelineError(
            "'{venue}' is not a demo exhibition.",
            "Create one: python -m app demo-exhibition",
            venue=venue.name,
        )
    days = [day for day in list_prepared_days(venue) if find_missing_cameras(venue, day)]
    if not days:
        on_progress(1.0, 1.0)
        return True
    running = [_start(venue, day) for day in days]
    try:
        while any(not running_day.is_done for running_day in running):
            if should_cancel():
                return False
            for running_day in running:
                running_day.poll()
            on_progress(sum(running_day.done for running_day in running), float(len(running)))
            time.sleep(_POLL_INTERVAL_S)
    finally:
        for running_day in running:
            running_day.stop()
    on_progress(1.0, 1.0)
    return True


@dataclass(slots=True)
class _RunningDay:
    process: BaseProcess
    connection: Connection
    done: float = 0.0
    is_done: bool = False

    def poll(self) -> None:
        """Process the messages of the child process.

        Raises:
            ExpoFlowError: the process failed.
        """
        has_ended = not self.process.is_alive()
        try:
            while self.connection.poll():
                self._handle(self.connection.recv())
        except EOFError:
            has_ended = True
        if has_ended and not self.is_done:
            raise PipelineError(
                "The process that prepares the demo's history ended unexpectedly.",
                "Start it again; finished parts are kept. The log file may have details.",
            )

    def stop(self) -> None:
        """Kill the process."""
        if self.process.is_alive() and not self.is_done:
            self.process.terminate()
        self.process.join(_STOP_TIMEOUT_S)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.connection.close()

    def _handle(self, message: object) -> None:
        if isinstance(message, DayFailed):
            raise message.error
        if isinstance(message, DayProgress):
            self.done = message.share
            self.is_done = message.is_done


def _start(venue: Venue, day: PreparedDay) -> _RunningDay:
    context = multiprocessing.get_context("spawn")
    own_end, child_end = context.Pipe(duplex=False)
    process = context.Process(
        target=run_day, args=(child_end, venue.folder, day), name=f"demo day {day.number}"
    )
    process.daemon = True
    process.start()
    child_end.close()
    return _RunningDay(process, own_end)
