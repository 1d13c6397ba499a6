"""The condition of a camera in words for its tile: problem and remedy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from analytics.domain.errors import ExpoFlowError, Phrase, fill_template
from analytics.domain.uncounted_people import UncountedPeople
from app.error_reporting import describe_error
from app.gui.session.cell_text import format_share
from app.gui.session.translation import display_name, tr
from app.gui.session.view_words import describe_problem, describe_remedy, needs_attention
from vision.pipeline.camera_lane import CLOCK_SET_BACK, NOT_CALIBRATED
from vision.pipeline.messages import MASK_DOES_NOT_FIT, CameraState
from vision.pipeline.pipeline_status import CameraStatus

LATE_S = 5.0
"""Age at which the analysis of a live picture counts as delayed."""


class CameraHealth(StrEnum):
    """The condition of a camera, as shown by its tile."""

    IDLE = "idle"
    """Not read, because nothing is recorded."""
    WAITING = "waiting"
    """Connecting; no picture yet."""
    LIVE = "live"
    CAUTION = "caution"
    """Delivers pictures, but they or their analysis need attention."""
    OFFLINE = "offline"
    """Delivers no pictures."""


@dataclass(frozen=True, slots=True)
class CameraDescription:
    """One camera's condition; the sentences are translated, and empty if all is well."""

    health: CameraHealth
    problem: str = ""
    remedy: str = ""


def describe_low_count(low: UncountedPeople) -> str:
    """Say by how much a camera's count may be low, and what helps."""
    return tr(
        "Camera {camera}: about {share} of the people in view were probably not counted, because they sit or "
        "are half hidden. A higher camera or a larger network helps.",
        camera=display_name(str(low.camera)),
        share=format_share(low.share),
    )


def describe_failure(error: ExpoFlowError) -> tuple[str, str]:
    """Return an error's problem and remedy in the window's language."""
    camera = error.details.get("camera")
    if isinstance(camera, str):
        error = type(error)(
            error.problem_template, error.remedy_template, **{**error.details, "camera": display_name(camera)}
        )
    report = describe_error(error, translate=tr)
    return report.problem, report.remedy


def describe_idle_camera(*, has_address: bool) -> CameraDescription:
    """Describe a camera while nothing is recorded."""
    if has_address:
        return CameraDescription(
            CameraHealth.IDLE,
            tr("Not connected: cameras are read only while recording."),
            tr("Start recording to see the picture and to count."),
        )
    return CameraDescription(
        CameraHealth.IDLE, tr("No address yet"), tr("Enter the camera's address to see its picture.")
    )


def describe_camera(status: CameraStatus, *, is_analysing: bool) -> CameraDescription:
    """Describe a camera of a running pipeline.

    Args:
        is_analysing: the inference process has its model loaded.
    """
    match status.state:
        case CameraState.CONNECTING:
            return CameraDescription(
                CameraHealth.WAITING, tr("Connecting"), tr("The first picture usually comes within seconds.")
            )
        case CameraState.LOST | CameraState.REFUSED:
            return _describe_lost_camera(status)
        case CameraState.ENDED | CameraState.RESTARTING | CameraState.QUARANTINED:
            return _describe_quarantined(status.state)
        case CameraState.FROZEN | CameraState.DARK:
            return _describe_unusable_picture(status.state)
        case _ if needs_attention(status.view):
            return CameraDescription(
                CameraHealth.CAUTION, describe_problem(status.view), describe_remedy(status.view)
            )
        case _:
            return _describe_streaming(status, is_analysing=is_analysing)


def _describe_unusable_picture(state: CameraState) -> CameraDescription:
    if state is CameraState.DARK:
        problem = tr("The picture is black.")
        remedy = tr(
            "This is recorded as a gap. Check lens and light; if darkness is normal here, allow "
            "it in the picture's window."
        )
    else:
        problem = tr("The picture is frozen.")
        remedy = tr("Check the camera; some freeze until they are restarted.")
    return CameraDescription(CameraHealth.CAUTION, problem, remedy)


def _describe_lost_camera(status: CameraStatus) -> CameraDescription:
    if status.error is not None:
        return CameraDescription(CameraHealth.OFFLINE, *describe_failure(status.error))
    return CameraDescription(
        CameraHealth.OFFLINE,
        _translate(status.detail) or tr("The camera sends no pictures."),
        tr("Check the network cable and the camera's power; the connection is retried automatically."),
    )


def _translate(detail: str | Phrase) -> str:
    return fill_template(detail.template, detail.fields, tr) if isinstance(detail, Phrase) else tr(detail)


def _describe_quarantined(state: CameraState) -> CameraDescription:
    if state is CameraState.ENDED:
        problem = tr("The video has ended.")
        remedy = tr("Start recording again to play it from the start.")
    elif state is CameraState.RESTARTING:
        problem = tr("Reading this camera failed and is being restarted.")
        remedy = tr("No action is needed if it recovers by itself.")
    else:
        problem = tr("This camera's video repeatedly crashed its reader; it is paused for a while.")
        remedy = tr("It is retried automatically. Restart the camera, or set it to H.264.")
    return CameraDescription(CameraHealth.OFFLINE, problem, remedy)


def _describe_streaming(status: CameraStatus, *, is_analysing: bool) -> CameraDescription:
    if status.detail == NOT_CALIBRATED:
        return CameraDescription(
            CameraHealth.CAUTION,
            tr("Not counting: the camera is not calibrated."),
            tr("Calibrate it, so that its pixels become metres on the floor."),
        )
    if status.detail == MASK_DOES_NOT_FIT:
        return CameraDescription(
            CameraHealth.CAUTION,
            tr(MASK_DOES_NOT_FIT),
            tr("Restore the camera's previous aspect ratio, or redraw its privacy mask."),
        )
    if status.detail:
        is_of_clock = isinstance(status.detail, Phrase) and status.detail.template == CLOCK_SET_BACK
        return CameraDescription(
            CameraHealth.CAUTION,
            _translate(status.detail),
            tr(
                "No action is needed; synchronise this machine's clock with a time server to keep "
                "it accurate."
            )
            if is_of_clock
            else tr("Calibrate this camera again."),
        )
    if not is_analysing:
        return CameraDescription(
            CameraHealth.CAUTION,
            tr("The model is loading; counting has not started yet."),
            tr("No action is needed; it takes a few seconds."),
        )
    if status.age_s is not None and status.age_s > LATE_S:
        return CameraDescription(
            CameraHealth.CAUTION,
            tr("The analysis is {age_s:.0f} s behind.", age_s=status.age_s),
            tr("No action is needed if it catches up; otherwise, analyse fewer frames per second."),
        )
    return CameraDescription(CameraHealth.LIVE)
