"""Snapshot of a pipeline's state, for a status line, a window or a health check."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from analytics.domain.errors import ExpoFlowError, Phrase
from analytics.domain.history_condition import HEALTHY_HISTORY, HistoryCondition
from analytics.domain.identifiers import CameraId
from vision.alignment.view_report import UNKNOWN_VIEW, ViewPictures, ViewReport
from vision.pipeline.messages import CameraState, LiveTrack

_RATE_WINDOW_S = 5.0


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """State of one camera.

    Attributes:
        detail: reason for this state, as text.
        fps_in, fps_analysed, fps_dropped: recent rates of decoded, analysed and dropped frames per second.
        decoded, analysed, dropped, corrupt, points, reconnects: totals since the pipeline was started.
        age_s: time since the newest analysed frame was captured; None before the first, and for recordings.
        people: confirmed tracks in the newest analysed frame.
        media_s, duration_s: analysed time of a recording, and its length if the file states it.
        error: reason why it is lost or refuses, with a remedy.
        tracks: the people of ``people`` with their boxes and places; at most ten times a second, none while
            the camera gives no pictures.
        tracks_time_s: capture time of the picture in which they were seen.
        found_xyxy: every box of the detector in it, whether it counts or not.
        view: whether the camera still has the calibrated view.
        view_pictures: the empty floor at calibration and now; None before the view first changed.
    """

    camera: CameraId
    state: CameraState
    detail: str | Phrase
    fps_in: float
    fps_analysed: float
    fps_dropped: float
    decoded: int
    analysed: int
    dropped: int
    corrupt: int
    points: int
    reconnects: int
    age_s: float | None
    people: int
    media_s: float
    duration_s: float | None
    size_wh: tuple[int, int] | None
    error: ExpoFlowError | None = None
    tracks: tuple[LiveTrack, ...] = ()
    tracks_time_s: float | None = None
    found_xyxy: tuple[tuple[float, float, float, float], ...] = ()
    view: ViewReport = UNKNOWN_VIEW
    view_pictures: ViewPictures | None = None


@dataclass(frozen=True, slots=True)
class ProcessStatus:
    """State of one child process.

    Attributes:
        pid: None while it waits for its restart.
        detail: reason for the last restart, or why it cannot run.
    """

    name: str
    pid: int | None
    uptime_s: float
    restarts: int
    is_loading: bool
    detail: str


@dataclass(frozen=True, slots=True)
class PipelineStatus:
    """State of the whole pipeline at one time.

    Attributes:
        is_finished: every recording was analysed to its end and the results are durable.
        is_running: the supervisor has not stopped.
        failure: a fault that a person has to fix; the pipeline has stopped because of it.
        stage_seconds: time of the inference process by stage, in pairs of name and seconds.
        pictures_under_way: submitted to the detector, without a result yet.
        history: condition of the storage for results.
        is_waiting: everything is ready to continue as soon as the previous recording has ended.
    """

    cameras: tuple[CameraStatus, ...] = ()
    processes: tuple[ProcessStatus, ...] = ()
    is_finished: bool = False
    is_running: bool = True
    failure: ExpoFlowError | None = None
    stage_seconds: tuple[tuple[str, float], ...] = ()
    pictures_under_way: int = 0
    history: HistoryCondition = HEALTHY_HISTORY
    is_waiting: bool = False

    @property
    def is_analysing(self) -> bool:
        """Return whether the inference process, which starts first, has loaded its model."""
        return bool(self.processes) and self.processes[0].pid is not None and not self.processes[0].is_loading


class Tally:
    """A count, and its rate, that continues when the counting process restarts at zero."""

    def __init__(self) -> None:
        self._before = 0
        self._latest = 0
        self._history: deque[tuple[float, int]] = deque()

    @property
    def total(self) -> int:
        """Return the count of all processes so far."""
        return self._before + self._latest

    def restart(self) -> None:
        """Continue from the present total with a process that counts from zero."""
        self._before, self._latest = self.total, 0

    def update(self, count: int, now_s: float) -> None:
        """Set the count of the present process."""
        self._latest = max(count, self._latest)
        self._history.append((now_s, self.total))
        while len(self._history) > 2 and self._history[0][0] < now_s - _RATE_WINDOW_S:
            self._history.popleft()

    def rate(self, now_s: float) -> float:
        """Return counts per second over the last seconds."""
        recent = [entry for entry in self._history if entry[0] >= now_s - 2 * _RATE_WINDOW_S]
        if len(recent) < 2:
            return 0.0
        return (self.total - recent[0][1]) / max(now_s - recent[0][0], 1e-3)
