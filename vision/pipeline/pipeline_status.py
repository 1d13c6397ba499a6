"""What a pipeline looks like at one moment, for a status line, a window or a health check."""

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
    """One camera.

    Attributes:
        detail: why it is in this state, in words.
        fps_in, fps_analysed, fps_dropped: decoded, analysed and dropped frames a second, of late.
        decoded, analysed, dropped, corrupt, points, reconnects: totals since the pipeline was started.
        age_s: since the newest analysed frame was taken; None before the first, and for recordings.
        people: confirmed tracks in the newest analysed frame.
        media_s, duration_s: how far a recording was analysed, and how long it is where the file says it.
        error: why it is lost or refuses, with what to do about it.
        tracks: the people of ``people`` with their boxes and places; at most ten times a second, none while
            the camera gives no pictures.
        tracks_time_s: capture time of the picture in which they were seen.
        found_xyxy: every box that the detector gave in it, whether it counts or not.
        view: whether it still looks where it was calibrated.
        view_pictures: the empty floor as it was then and is now; None before the view first changed.
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
    """One child process.

    Attributes:
        pid: None while it waits to be started again.
        detail: why it was last restarted, or cannot run.
    """

    name: str
    pid: int | None
    uptime_s: float
    restarts: int
    is_loading: bool
    detail: str


@dataclass(frozen=True, slots=True)
class PipelineStatus:
    """Everything, at one moment.

    Attributes:
        is_finished: every recording was analysed to its end and the results are durable.
        is_running: the supervisor has not stopped.
        failure: what a person has to mend; the pipeline has stopped because of it.
        stage_seconds: where the time of the inference process goes, in pairs of name and seconds.
        pictures_under_way: given to the detector, and not yet answered by it.
        history: how well what is found can be written.
        is_waiting: everything is ready to go on as soon as the recording that is taken over has ended.
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
        """Whether the inference process, which comes first, has its model loaded."""
        return bool(self.processes) and self.processes[0].pid is not None and not self.processes[0].is_loading


class Tally:
    """A count that goes on when the process that counts is started again from nothing, and its rate."""

    def __init__(self) -> None:
        self._before = 0
        self._latest = 0
        self._history: deque[tuple[float, int]] = deque()

    @property
    def total(self) -> int:
        """Of all processes so far."""
        return self._before + self._latest

    def restart(self) -> None:
        """The counting process died; its successor begins at nothing."""
        self._before, self._latest = self.total, 0

    def update(self, count: int, now_s: float) -> None:
        """Take the count of the present process."""
        self._latest = max(count, self._latest)
        self._history.append((now_s, self.total))
        while len(self._history) > 2 and self._history[0][0] < now_s - _RATE_WINDOW_S:
            self._history.popleft()

    def rate(self, now_s: float) -> float:
        """Counts a second over the last seconds."""
        recent = [entry for entry in self._history if entry[0] >= now_s - 2 * _RATE_WINDOW_S]
        if len(recent) < 2:
            return 0.0
        return (self.total - recent[0][1]) / max(now_s - recent[0][0], 1e-3)
