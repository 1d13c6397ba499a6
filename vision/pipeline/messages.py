"""Messages between the supervisor and its processes: small frozen values without frames or secrets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from analytics.domain.camera import Camera
from analytics.domain.errors import ExpoFlowError, Phrase
from analytics.domain.event_sink import CameraEvent
from analytics.domain.history_condition import HEALTHY_HISTORY, HistoryCondition
from analytics.domain.identifiers import CameraId, TrackletId
from vision.alignment.view_report import UNKNOWN_VIEW, ViewPictures, ViewReport
from vision.pipeline.plan import CameraFeed

MASK_DOES_NOT_FIT = (
    "The aspect ratio of the picture differs from that of its privacy mask; the whole picture is blacked out."
)


class CameraState(StrEnum):
    """State of a camera, for its tile."""

    CONNECTING = "connecting"
    STREAMING = "streaming"
    FROZEN = "frozen"
    DARK = "dark"
    LOST = "lost"
    REFUSED = "refused"
    ENDED = "ended"
    RESTARTING = "restarting"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class CameraCapture:
    """One camera as seen by its capture process; counts begin with that process.

    Attributes:
        detail: reason for this state, as text.
        decoded, due, corrupt: frames decoded, due for analysis, and damaged.
        reconnects: connections made after the first.
        silent_s: how long its thread has been in one native call.
        duration_s: length of a recording, if its file states it.
        error: for a camera that is lost or refuses: sentences with a remedy, ready to be translated.
        slots: name of its control segment, which is another one after it was removed and added again.
    """

    camera: CameraId
    state: CameraState
    detail: str = ""
    decoded: int = 0
    due: int = 0
    corrupt: int = 0
    reconnects: int = 0
    silent_s: float = 0.0
    size_wh: tuple[int, int] | None = None
    duration_s: float | None = None
    error: ExpoFlowError | None = None
    slots: str = ""


@dataclass(frozen=True, slots=True)
class CaptureBeat:
    """Heartbeat of a capture process, with the state of its cameras."""

    cameras: tuple[CameraCapture, ...]


@dataclass(frozen=True, slots=True)
class CameraAnalysis:
    """One camera as seen by the inference process; counts begin with that process.

    Attributes:
        analysed, dropped, points: frames analysed, due frames that were overwritten before the detector was
            free, and track points written.
        first_time_s, last_time_s: capture time of the first and the newest frame analysed.
        people: confirmed tracks in the newest frame.
        detail: reason why it is not analysed, if it is not.
        view: whether the camera still has the calibrated view.
        slots: see ``CameraCapture``.
    """

    camera: CameraId
    analysed: int = 0
    dropped: int = 0
    points: int = 0
    first_time_s: float | None = None
    last_time_s: float | None = None
    people: int = 0
    detail: str | Phrase = ""
    view: ViewReport = UNKNOWN_VIEW
    slots: str = ""


@dataclass(frozen=True, slots=True)
class InferenceBeat:
    """Heartbeat of the inference process, with its results so far.

    Attributes:
        is_loading: nothing is analysed yet because the model or the store is still being opened.
        is_waiting: the model is loaded, and the store still belongs to the recording being taken over.
        stage_seconds: wall time spent in each stage, in pairs of name and seconds.
        pictures_under_way: submitted to the detector, without a result yet.
        history: condition of the storage for results.
    """

    is_loading: bool
    is_waiting: bool = False
    cameras: tuple[CameraAnalysis, ...] = ()
    stage_seconds: tuple[tuple[str, float], ...] = ()
    pictures_under_way: int = 0
    history: HistoryCondition = HEALTHY_HISTORY


@dataclass(frozen=True, slots=True)
class LiveTrack:
    """One person of a confirmed track in the newest analysed picture; for display only, never stored.

    Attributes:
        tracklet: identity of the path segment, unique within a venue.
        xyxy: left, top, right, bottom in pixels of the full frame.
        x_m, y_m: the foot point on the floor, metres; None where it is masked or above the horizon.
        score: confidence of the detector, 0 to 1.
        sigma_m: standard deviation of the foot point, metres, where there is one.
    """

    tracklet: TrackletId
    xyxy: tuple[float, float, float, float]
    x_m: float | None
    y_m: float | None
    score: float
    sigma_m: float | None = None


@dataclass(frozen=True, slots=True)
class CameraTracks:
    """The people in a camera's newest analysed picture.

    Attributes:
        time_s: capture time of that picture, see ``CameraAnalysis``.
        found_xyxy: every box of the detector, whether tracked, counted or masked: anonymisation has to
            cover those, too.
    """

    camera: CameraId
    time_s: float
    tracks: tuple[LiveTrack, ...]
    found_xyxy: tuple[tuple[float, float, float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class TracksSeen:
    """The newest analysed picture of every camera; replaces earlier reports."""

    cameras: tuple[CameraTracks, ...]


@dataclass(frozen=True, slots=True)
class ViewSeen:
    """The empty floor before and after a camera's view changed: small, grey, without people."""

    camera: CameraId
    pictures: ViewPictures


@dataclass(frozen=True, slots=True)
class Logged:
    """An event for the venue's log."""

    event: CameraEvent


@dataclass(frozen=True, slots=True)
class Failed:
    """A stop of a process caused by a fault that a person has to fix.

    Attributes:
        is_permanent: a restart would fail in the same way.
    """

    error: ExpoFlowError
    is_permanent: bool


@dataclass(frozen=True, slots=True)
class Finished:
    """Report that a process has released all resources and exits.

    Attributes:
        is_complete: every recording was read to its end, and no stop was requested.
    """

    is_complete: bool


@dataclass(frozen=True, slots=True)
class CameraChanged:
    """A camera's new privacy mask and darkness setting, valid from the next frame on."""

    camera: Camera


@dataclass(frozen=True, slots=True)
class CameraCalibrated:
    """A camera's new calibration, by which the inference process places people from now on."""

    feed: CameraFeed


@dataclass(frozen=True, slots=True)
class CameraAdded:
    """Command to read or analyse one more live camera.

    Attributes:
        slots: name of its control segment.
    """

    feed: CameraFeed
    slots: str


@dataclass(frozen=True, slots=True)
class CameraRemoved:
    """Command to read or analyse a camera no more."""

    camera: CameraId


@dataclass(frozen=True, slots=True)
class ConnectAgain:
    """Command to a capture process: drop a camera's connection and reconnect at once."""

    camera: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Command to finish the work in progress, make it durable, and exit.

    Attributes:
        cause: cause of the gap that begins now, if no user stopped the recording; empty otherwise.
    """

    cause: str = ""
