"""How a camera is, in words for its tile: what is wrong and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from analytics.domain.errors import ExpoFlowError, Phrase, fill_template
from app.error_reporting import describe_error
from app.gui.session.translation import display_name, tr
from app.gui.session.view_words import advise, describe_trouble, is_in_trouble
from vision.pipeline.camera_lane import CLOCK_SET_BACK, NOT_CALIBRATED
from vision.pipeline.messages import MASK_DOES_NOT_FIT, CameraState
from vision.pipeline.pipeline_status import CameraStatus

LATE_S = 5.0
"""A live picture whose analysis is older than this is no longer what happens now."""


class CameraHealth(StrEnum):
    """What a tile looks like."""

    IDLE = "idle"
    """Not read, because nothing is recorded."""
    WAITING = "waiting"
    """Its first picture is awaited."""
    LIVE = "live"
    CAUTION = "caution"
    """There are pictures, but something about them or their analysis needs attention."""
    OFFLINE = "offline"
    """There are none."""


@dataclass(frozen=True, slots=True)
class CameraWords:
    """One camera's condition; the sentences are translated, and empty where all is well."""

    health: CameraHealth
    problem: str = ""
    remedy: str = ""


def describe_failure(error: ExpoFlowError) -> tuple[str, str]:
    """An error's problem and remedy in the window's language."""
    camera = error.details.get("camera")
    if isinstance(camera, str):
        error = type(error)(
            error.problem_template, error.remedy_template, **{**error.details, "camera": display_name(camera)}
        )
    report = describe_error(error, translate=tr)
    return report.problem, report.remedy


def describe_idle_camera(*, has_address: bool) -> CameraWords:
    """A camera while nothing is recorded."""
    if has_address:
        return CameraWords(
            CameraHealth.IDLE,
            tr("Not connected: cameras are read only while recording."),
            tr("Start recording to see the picture and to count."),
        )
    return CameraWords(
        CameraHealth.IDLE, tr("No address yet"), tr("Enter the camera's address to see its picture.")
    )


def describe_camera(status: CameraStatus, *, is_analysing: bool) -> CameraWords:
    """A camera of a running pipeline.

    Args:
        is_analysing: the inference process has its model loaded.
    """
    match status.state:
        case CameraState.CONNECTING:
            return CameraWords(
                CameraHealth.WAITING, tr("Connecting"), tr("The first picture usually comes within seconds.")
            )
        case CameraState.LOST | CameraState.REFUSED:
            return _describe_lost(status)
        case CameraState.ENDED | CameraState.RESTARTING | CameraState.QUARANTINED:
            return _describe_set_aside(status.state)
        case CameraState.FROZEN | CameraState.DARK:
            return _describe_unseen(status.state)
        case _ if is_in_trouble(status.view):
            return CameraWords(CameraHealth.CAUTION, describe_trouble(status.view), advise(status.view))
        case _:
            return _describe_streaming(status, is_analysing=is_analysing)


def _describe_unseen(state: CameraState) -> CameraWords:
    if state is CameraState.DARK:
        problem = tr("The picture is black.")
        remedy = tr(
            "It is a gap. Check lens and light; where it may be dark, say so in the picture's window."
        )
    else:
        problem = tr("The picture stands still.")
        remedy = tr("Check the camera; some freeze until they are restarted.")
    return CameraWords(CameraHealth.CAUTION, problem, remedy)


def _describe_lost(status: CameraStatus) -> CameraWords:
    if status.error is not None:
        return CameraWords(CameraHealth.OFFLINE, *describe_failure(status.error))
    return CameraWords(
        CameraHealth.OFFLINE,
        _translate(status.detail) or tr("The camera sends no pictures."),
        tr("Check the network cable and the camera's power; it is tried again by itself."),
    )


def _translate(detail: str | Phrase) -> str:
    return fill_template(detail.template, detail.fields, tr) if isinstance(detail, Phrase) else tr(detail)


def _describe_set_aside(state: CameraState) -> CameraWords:
    if state is CameraState.ENDED:
        problem = tr("The video is over.")
        remedy = tr("Start recording again to play it from its beginning.")
    elif state is CameraState.RESTARTING:
        problem = tr("Reading this camera failed and is started again.")
        remedy = tr("Nothing needs doing if it comes back by itself.")
    else:
        problem = tr("This camera's video made its reader crash several times; it is left alone for a while.")
        remedy = tr("It is tried again by itself. Restart the camera, or set it to H.264.")
    return CameraWords(CameraHealth.OFFLINE, problem, remedy)


def _describe_streaming(status: CameraStatus, *, is_analysing: bool) -> CameraWords:
    if status.detail == NOT_CALIBRATED:
        return CameraWords(
            CameraHealth.CAUTION,
            tr("Nobody is counted here: the camera is not calibrated."),
            tr("Calibrate it, so that its pixels become metres on the floor."),
        )
    if status.detail == MASK_DOES_NOT_FIT:
        return CameraWords(
            CameraHealth.CAUTION,
            tr(MASK_DOES_NOT_FIT),
            tr("Set the camera back to the former shape, or draw its privacy mask anew."),
        )
    if status.detail:
        is_of_clock = isinstance(status.detail, Phrase) and status.detail.template == CLOCK_SET_BACK
        return CameraWords(
            CameraHealth.CAUTION,
            _translate(status.detail),
            tr("Nothing needs doing; let a time server set this machine's clock, so that it stays right.")
            if is_of_clock
            else tr("Calibrate this camera again."),
        )
    if not is_analysing:
        return CameraWords(
            CameraHealth.CAUTION,
            tr("The model is being loaded; nobody is counted yet."),
            tr("Nothing needs doing; it takes some seconds."),
        )
    if status.age_s is not None and status.age_s > LATE_S:
        return CameraWords(
            CameraHealth.CAUTION,
            tr("The analysis is {age_s:.0f} s behind.", age_s=status.age_s),
            tr("Nothing needs doing if it catches up; if not, analyse fewer frames a second."),
        )
    return CameraWords(CameraHealth.LIVE)
