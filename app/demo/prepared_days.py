"""Two days of history for the demo exhibition, made in processes of their own beside everything else."""

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
from app.error_reporting import explain_error
from resources.atomic_file import replace_file
from vision.simulation.crowd.crowd_samples import CrowdSamples, sample_crowd
from vision.simulation.crowd.crowd_simulation import simulate_crowd
from vision.simulation.crowd.exhibition_hall import ExhibitionLayout, make_exhibition
from vision.simulation.rendering.exhibition_scene import FRAME_SIZE_WH, find_hall_camera

_VERSION = 1
"""Rises when the same day would be made in another way."""
_NICENESS = 1
"""The live view comes first, but only just: it drops frames rather than wait for the history for long."""
_SIMULATED, _TRACKED = 0.3, 0.85
"""Shares of the work that are done after the simulation and after the tracking."""
_REPORTED_EVERY_FRAMES = 200
_ROWS_A_PART = 20_000
_STATE_NUMBERS = {state: number for number, state in enumerate(STATES)}
_Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class DayProgress:
    """How far a day is, 0 to 1."""

    share: float
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class DayFailed:
    """Why it cannot be made."""

    error: ExpoFlowError


def run_day(connection: Connection, folder: Path, day: PreparedDay) -> None:
    """Make a day and say how it goes; the target of a process."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    # a parent that is gone takes nothing more, and then there is nobody to work for
    try:
        prepare_day(read_venue(folder), day, on_progress=lambda share: connection.send(DayProgress(share)))
        connection.send(DayProgress(1.0, is_done=True))
    except (BrokenPipeError, ConnectionError):
        return
    except Exception as error:
        words = error if isinstance(error, ExpoFlowError) else explain_error(PipelineError, error)
        with contextlib.suppress(OSError):
            connection.send(DayFailed(words))
    finally:
        connection.close()


def prepare_day(
    venue: Venue,
    day: PreparedDay,
    *,
    on_progress: _Progress = lambda _: None,
    clock: Clock | None = None,
) -> None:
    """Simulate a day, detect, track, project, and put it into the history, which may be being written.

    Raises:
        ExpoFlowError: what failed.
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
            on_progress=lambda share: on_progress(share * _SIMULATED),
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
                    _SIMULATED + (_TRACKED - _SIMULATED) * number / count,
                    (_TRACKED - _SIMULATED) / count,
                ),
            )
        with _explain_os_errors(day_folder):
            _write_points(points_file, day, tracked)
    on_progress(_TRACKED)
    _take_into_history(venue, day, tracked, clock or SystemClock())


def track_day(
    *,
    venue: Venue,
    camera: CameraId,
    day: PreparedDay,
    layout: ExhibitionLayout,
    samples: CrowdSamples,
    on_progress: _Progress = lambda _: None,
) -> np.typing.NDArray[np.void]:
    """One camera's track points of a day from simulated detections, tracklets numbered from 1.

    Raises:
        PipelineError: the demo exhibition has no such camera.
        CalibrationError: the venue's camera is not calibrated as this one is.
    """
    from vision.pipeline.detection_lane import DetectionLane
    from vision.pipeline.observation_log import NOT_RUNNING, ObservationLog
    from vision.simulation.simulated_detections import simulate_detections

    hall_camera, geometry = find_hall_camera(camera), venue.camera_geometry(camera)
    if hall_camera is None or geometry is None:
        raise PipelineError(
            "The history of camera '{camera}' cannot be made: it is none of the demo exhibition's.",
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
    for number, (time_s, found) in enumerate(detections):
        lane.accept(time_s, found)
        if number % _REPORTED_EVERY_FRAMES == 0:
            on_progress(number / max(len(samples.times_s), 1))
    lane.finish()
    return collected.to_array()


class _CollectedPoints:
    """Keeps the points of a day; that all of it is observed is known. Implements ``EventSink``.

    A day has a million points: as objects they would take hundreds of megabytes.
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
        if len(self._rows) >= _ROWS_A_PART:
            self._pack()

    def to_array(self) -> np.typing.NDArray[np.void]:
        """All points, of ``POINT_TYPE``."""
        self._pack()
        return np.concatenate(self._parts)

    def _pack(self) -> None:
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
    """The cameras of which the history lacks the day.

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


def _scale(on_progress: _Progress, begun: float, share: float) -> _Progress:
    return lambda part: on_progress(begun + share * part)


def _take_into_history(
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
    """What was tracked before; None if nothing was, or it is of another day or version, or damaged."""
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
        raise explain_error(StoreError, error, file=folder) from error


_LOOK_EVERY_S = 0.2
_STOP_WITHIN_S = 2.0


def are_days_prepared(venue: Venue) -> bool:
    """Whether the history has both days whole.

    Raises:
        StoreError: the history cannot be read.
    """
    return not any(find_missing_cameras(venue, day) for day in list_prepared_days(venue))


def generate_prepared_days(
    venue: Venue,
    on_progress: Callable[[float, float], None],
    should_cancel: Callable[[], bool],
) -> bool:
    """Put two simulated days into the venue's history: a crowd, seen by an error-prone detector.

    From the detections on, everything is as in a recording: the same tracker, projection and store. What is
    there already is not made again, and what was tracked before a cancel is kept for the next time. The
    venue may be recorded into all the while.

    Args:
        on_progress: called with (done, total).
        should_cancel: asked five times a second.

    Returns:
        Whether both days are in the history; False only after a cancel.

    Raises:
        PipelineError: this is no demo exhibition, or a process ended without a word.
        ExpoFlowError: what failed, in words.
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
        while any(not one.is_done for one in running):
            if should_cancel():
                return False
            for one in running:
                one.look()
            on_progress(sum(one.done for one in running), float(len(running)))
            time.sleep(_LOOK_EVERY_S)
    finally:
        for one in running:
            one.stop()
    on_progress(1.0, 1.0)
    return True


@dataclass(slots=True)
class _RunningDay:
    process: BaseProcess
    connection: Connection
    done: float = 0.0
    is_done: bool = False

    def look(self) -> None:
        """Take what the process says.

        Raises:
            ExpoFlowError: it failed.
        """
        has_ended = not self.process.is_alive()
        try:
            while self.connection.poll():
                self._take(self.connection.recv())
        except EOFError:
            has_ended = True
        if has_ended and not self.is_done:
            raise PipelineError(
                "The process that prepares the demo's history ended unexpectedly.",
                "Start it again; what it has made is kept. The log file may say more.",
            )

    def stop(self) -> None:
        """End the process, whatever it does."""
        if self.process.is_alive() and not self.is_done:
            self.process.terminate()
        self.process.join(_STOP_WITHIN_S)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.connection.close()

    def _take(self, message: object) -> None:
        if isinstance(message, DayFailed):
            raise message.error
        if isinstance(message, DayProgress):
            self.done = message.share
            self.is_done = message.is_done


def _start(venue: Venue, day: PreparedDay) -> _RunningDay:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=run_day, args=(theirs, venue.folder, day), name=f"demo day {day.number}")
    process.daemon = True
    process.start()
    theirs.close()
    return _RunningDay(process, ours)
