"""What the supervisor and its processes say to each other: small frozen values, never a frame, no secret."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from analytics.domain.camera import Camera
from analytics.domain.errors import ExpoFlowError, Phrase
from analytics.domain.event_sink import CameraEvent
from analytics.domain.history_condition import HEALTHY_HISTORY, HistoryCondition
from analytics.domain.identifiers import CameraId, TrackletId
from vision.alignment.view_report import UNKNOWN_VIEW, ViewPictures, ViewReport

MASK_DOES_NOT_FIT = (
    "The aspect ratio of the picture differs from that of its privacy mask; the whole picture is blacked out."
)


class CameraState(StrEnum):
    """How a camera is, in a word for its tile."""

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
    """One camera as its capture process sees it; the counts are since that process began.

    Attributes:
        detail: why it is in this state, in words.
        decoded, due, corrupt: frames decoded, wanted by the sampling, and damaged.
        reconnects: connections made after the first.
        silent_s: how long its thread has been in one native call.
        duration_s: of a recording, where its file says it.
        error: of a camera that is lost or refuses: its sentences with what to do, ready to be translated.
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


@dataclass(frozen=True, slots=True)
class CaptureBeat:
    """A capture process lives; how its cameras are."""

    cameras: tuple[CameraCapture, ...]
    reports_dropped: int = 0


@dataclass(frozen=True, slots=True)
class CameraAnalysis:
    """One camera as the inference process sees it; the counts are since that process began.

    Attributes:
        analysed, dropped, points: frames analysed, due frames that were overwritten before the detector was
            free, and track points written.
        first_time_s, last_time_s: capture time of the first and the newest frame analysed.
        people: confirmed tracks in the newest frame.
        detail: why it is not analysed, if it is not.
        view: whether it still looks where it was calibrated.
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


@dataclass(frozen=True, slots=True)
class InferenceBeat:
    """The inference process lives; what it has done so far.

    Attributes:
        is_loading: it has not analysed anything yet because the model or the store are still being opened.
        is_waiting: the model is loaded, and the store still belongs to the recording that is taken over.
        stage_seconds: wall time spent in each stage, in pairs of name and seconds.
        pictures_under_way: given to the detector, and not yet answered by it.
        history: how well what was found can be written.
    """

    is_loading: bool
    is_waiting: bool = False
    cameras: tuple[CameraAnalysis, ...] = ()
    stage_seconds: tuple[tuple[str, float], ...] = ()
    reports_dropped: int = 0
    pictures_under_way: int = 0
    history: HistoryCondition = HEALTHY_HISTORY


@dataclass(frozen=True, slots=True)
class LiveTrack:
    """One person of a confirmed track in the newest analysed picture; for eyes only, never stored.

    Attributes:
        tracklet: the piece of path it belongs to, unique within a venue.
        xyxy: left, top, right, bottom in pixels of the full frame.
        x_m, y_m: the foot point on the floor, metres; None where it is masked or above the horizon.
        score: of the detector, 0 to 1.
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
    """Who is in a camera's newest analysed picture.

    Attributes:
        time_s: capture time of that picture, as in ``CameraAnalysis``.
        found_xyxy: every box that the detector gave, of a confirmed track or not, counted or masked: whoever
            hides faces has to hide those, too.
    """

    camera: CameraId
    time_s: float
    tracks: tuple[LiveTrack, ...]
    found_xyxy: tuple[tuple[float, float, float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class TracksSeen:
    """Every camera's newest analysed picture; an older such report is worthless."""

    cameras: tuple[CameraTracks, ...]


@dataclass(frozen=True, slots=True)
class ViewSeen:
    """The empty floor before and after a camera's view changed: small, grey, without people."""

    camera: CameraId
    pictures: ViewPictures


@dataclass(frozen=True, slots=True)
class Logged:
    """Something happened that belongs into the venue's log."""

    event: CameraEvent


@dataclass(frozen=True, slots=True)
class Failed:
    """A process stops because of something that a person has to mend.

    Attributes:
        is_permanent: starting it again would fail in the same way.
    """

    error: ExpoFlowError
    is_permanent: bool


@dataclass(frozen=True, slots=True)
class Finished:
    """A process has let go of everything and exits.

    Attributes:
        is_complete: every recording came to its end, rather than the process being told to stop.
    """

    is_complete: bool


@dataclass(frozen=True, slots=True)
class CameraChanged:
    """A camera as it is now: its privacy mask, and whether it may be dark, hold from the next frame on."""

    camera: Camera


@dataclass(frozen=True, slots=True)
class ConnectAgain:
    """To a capture process: give a camera's connection up, and make it anew without waiting."""

    camera: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Finish what is begun, make it durable, and exit.

    Attributes:
        cause: of the gap that begins now, where nobody stopped the recording; empty otherwise.
    """

    cause: str = ""
