"""Describe a recording for other programs: declared fields of bounded size, no pictures, no places of people.

`record --json`, `health --json` and the support bundle print this and nothing else of a pipeline's status.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from analytics.domain.clock import format_utc

if TYPE_CHECKING:
    from app.recording.announcement import Announcement
    from app.recording.recorder_health import RecorderHealth
    from vision.pipeline.pipeline_status import CameraStatus, PipelineStatus

MAX_CAMERA_BYTES = 4096
"""Maximum size of one camera's description as JSON, UTF-8."""
_MAX_NAME, _MAX_REASON = 100, 450
"""Characters of texts that come from elsewhere; one takes at most six bytes of JSON."""


@dataclass(frozen=True, slots=True)
class PublicCamera:
    """The description of one camera; see `CameraStatus` for its counts.

    Attributes:
        reason: reason for this state, with its remedy if known; empty without one.
        view: verdict on the view: unknown, steady, moved or blinded.
        latency_s: age of the newest analysed picture; None before the first, and for recordings.
        people: people in the newest analysed picture.
    """

    camera: str
    state: str
    reason: str
    view: str
    fps_in: float
    fps_analysed: float
    fps_dropped: float
    latency_s: float | None
    people: int
    decoded: int
    analysed: int
    dropped: int
    corrupt: int
    points: int
    reconnects: int
    media_s: float
    duration_s: float | None
    size_wh: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class PublicProcess:
    """The description of one child process.

    Attributes:
        reason: reason for the last restart, or why it cannot run.
    """

    process: str
    restarts: int
    reason: str


@dataclass(frozen=True, slots=True)
class PublicHistory:
    """The description of the storage for results.

    Attributes:
        reason: problem with its remedy; empty without one.
    """

    mode: str
    free_bytes: int | None
    waiting_points: int
    reason: str


@dataclass(frozen=True, slots=True)
class PublicStatus:
    """The description of a pipeline."""

    cameras: tuple[PublicCamera, ...]
    processes: tuple[PublicProcess, ...]
    history: PublicHistory
    pictures_under_way: int


def describe_status(status: PipelineStatus) -> dict[str, object]:
    """Return a status as a JSON object, as `PublicStatus` declares it."""
    return asdict(
        PublicStatus(
            cameras=tuple(map(_describe_camera, status.cameras)),
            processes=tuple(
                PublicProcess(_cut(one.name, _MAX_REASON), one.restarts, _cut(one.detail, _MAX_REASON))
                for one in status.processes
            ),
            history=PublicHistory(
                status.history.mode.value,
                status.history.free_bytes,
                status.history.waiting_points,
                _cut(str(status.history.describe() or ""), _MAX_REASON),
            ),
            pictures_under_way=status.pictures_under_way,
        )
    )


def _describe_camera(camera: CameraStatus) -> PublicCamera:
    return PublicCamera(
        camera=_cut(str(camera.camera), _MAX_NAME),
        state=camera.state.value,
        reason=_cut(str(camera.error or camera.detail), _MAX_REASON),
        view=camera.view.verdict.value,
        fps_in=round(camera.fps_in, 2),
        fps_analysed=round(camera.fps_analysed, 2),
        fps_dropped=round(camera.fps_dropped, 2),
        latency_s=None if camera.age_s is None else round(camera.age_s, 3),
        people=camera.people,
        decoded=camera.decoded,
        analysed=camera.analysed,
        dropped=camera.dropped,
        corrupt=camera.corrupt,
        points=camera.points,
        reconnects=camera.reconnects,
        media_s=round(camera.media_s, 3),
        duration_s=None if camera.duration_s is None else round(camera.duration_s, 3),
        size_wh=camera.size_wh,
    )


def describe_recorder(recorder: Announcement | None) -> dict[str, object] | None:
    """Return who records a venue as a JSON object; None without a recorder."""
    if recorder is None:
        return None
    return {
        "kind": recorder.kind.value,
        "process": recorder.pid,
        "account": recorder.account,
        "since_utc": format_utc(recorder.since_utc_s),
    }


def describe_health(found: RecorderHealth) -> dict[str, object]:
    """Return the health of a recorder at this moment as a JSON object; null is unknown."""
    nothing: dict[str, object] = {"cameras": [], "processes": [], "history": None, "pictures_under_way": None}
    return {
        "at_utc": format_utc(found.at_utc_s),
        "recorder": describe_recorder(found.recorder),
        "write_lag_s": found.write_lag_s,
        **(nothing if found.status is None else describe_status(found.status)),
    }


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
