"""Makes one day of the demo exhibition's history; runs in a process of its own."""

from __future__ import annotations

import contextlib
import hashlib
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
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
from app.error_reporting import explain_error
from app.operations.demo_exhibition import PREPARED_FPS, PreparedDay
from app.operations.demo_truth import find_day_folder, write_day_truth
from app.venue.document import Venue
from app.venue.file_format import read_venue
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
