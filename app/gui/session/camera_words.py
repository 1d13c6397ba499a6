"""Words about cameras: their state, their view, and who records them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from analytics.domain.errors import ExpoFlowError, Phrase, fill_template
from analytics.domain.exhibition import find_time_zone
from analytics.domain.uncounted_people import UncountedPeople
from app.error_reporting import describe_error
from app.facts.camera_outages import list_live_cameras, measure_lag
from app.gui.session.cell_text import format_date_time, format_share
from app.gui.session.translation import display_name, tr
from app.recording.announcement import Announcement, RecorderKind
from vision.alignment.view_report import BlindCause, ViewReport, ViewVerdict
from vision.pipeline.camera_lane import CLOCK_SET_BACK, NOT_CALIBRATED
from vision.pipeline.messages import MASK_DOES_NOT_FIT, CameraState
from vision.pipeline.pipeline_status import CameraStatus, PipelineStatus

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


def needs_attention(view: ViewReport) -> bool:
    return view.verdict in (ViewVerdict.MOVED, ViewVerdict.BLINDED)


def describe_problem(view: ViewReport) -> str:
    """Describe the problem briefly for a tile; empty if there is none."""
    if view.verdict is ViewVerdict.MOVED:
        return tr("The camera was moved.")
    if view.verdict is not ViewVerdict.BLINDED:
        return ""
    if view.cause is BlindCause.DARK:
        return tr("The camera sees nothing: it is dark.")
    if view.cause is BlindCause.DEFOCUSED:
        return tr("The camera is out of focus.")
    return tr("The camera sees nothing: its lens is covered.")


def describe_remedy(view: ViewReport) -> str:
    """Return the remedy; empty if there is no problem."""
    if view.verdict is ViewVerdict.MOVED:
        return tr("Its positions are unreliable. Turn it back, or accept the proposed realignment.")
    if view.verdict is ViewVerdict.BLINDED:
        return tr("This time is recorded as a gap, not as an empty hall. Clean or uncover the lens.")
    return ""


def describe_shift(view: ViewReport, *, width_px: int | None) -> str:
    """Describe the shift of the picture; empty if unknown."""
    if view.verdict is not ViewVerdict.MOVED:
        return ""
    if view.reference_from_now is None:
        return tr("The picture has changed completely; none of the previous view is recognised.")
    pixels = view.shift_part * (width_px or (view.size_wh or (0, 0))[0])
    return tr(
        "The picture has shifted by {percent:.1f} % of its width ({pixels:.0f} pixels) "
        "and turned by {degrees:.1f}°.",
        percent=100 * view.shift_part,
        pixels=pixels,
        degrees=abs(math.degrees(view.rotation_rad)),
    )


def describe_since(view: ViewReport, *, time_zone: str) -> str:
    """Describe since when positions are doubtful or missing; empty if unknown."""
    if view.steady_until_s is None:
        return ""
    moment = datetime.fromtimestamp(view.steady_until_s, tz=find_time_zone(time_zone))
    return tr("Not earlier than {time}", time=f"{moment:%Y-%m-%d %H:%M:%S}")


def describe_delay(status: PipelineStatus | None) -> str:
    """Describe why no camera shows live data; empty if one does, or if none runs."""
    if status is None or list_live_cameras(status):
        return ""
    late_s = measure_lag(status)
    if late_s is None:
        return tr("The cameras are not analysed yet.")
    return tr(
        "The analysis is {seconds} s behind because this machine is overloaded. Live figures are paused.",
        seconds=round(late_s),
    )


def describe_recorder(recorder: Announcement, *, time_zone: str) -> str:
    """Describe who records and since when, by the venue's clock."""
    since = format_date_time(recorder.since_utc_s, time_zone=time_zone)
    match recorder.kind:
        case RecorderKind.SERVICE:
            return tr("Recorded by a service since {moment}", moment=since)
        case RecorderKind.COMMAND:
            return tr("Recorded by the command line since {moment}", moment=since)
        case RecorderKind.BACKGROUND:
            return tr("Recorded in the background since {moment}", moment=since)
        case _:
            return tr("Recorded by another window since {moment}", moment=since)


def describe_own_recording(recorder: Announcement, *, time_zone: str) -> str:
    return tr(
        "Recorded by this window since {moment}",
        moment=format_date_time(recorder.since_utc_s, time_zone=time_zone),
    )


def explain_recorder(recorder: Announcement, *, hides_status: bool, is_in_site: bool = False) -> str:
    if hides_status:
        return tr(
            "Its account {account} does not share its data with yours: join the group of that "
            "name to see it live.",
            account=recorder.account,
        )
    if is_in_site:
        return tr(
            "It ends when this machine stops taking part in the site (account {account}, process {process}).",
            account=recorder.account,
            process=recorder.pid,
        )
    return tr(
        "It continues when this window is closed (account {account}, process {process}).",
        account=recorder.account,
        process=recorder.pid,
    )
