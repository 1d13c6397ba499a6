"""Say who records the venue, what is to be set up next, and why there are no figures of this moment."""

from __future__ import annotations

from app.core.document import Venue
from app.facts.camera_outages import list_live_cameras, measure_lag
from app.gui.session.cell_text import format_moment
from app.gui.session.translation import display_name, tr
from app.recording.announcement import Announcement, RecorderKind
from app.recording.set_up_steps import MissingPart, find_next_step
from vision.pipeline.pipeline_status import PipelineStatus


def advise_next_step(venue: Venue) -> str:
    """One sentence or two in the window's language; empty where nothing is missing."""
    step = find_next_step(venue)
    if step is None:
        return ""
    match step.missing:
        case MissingPart.CAMERAS:
            return tr(
                "First lay the hall's plan on the page {page}, under {panel}: the cameras are calibrated on "
                "it. Then add a network camera, a USB camera or a video.",
                page=tr("Edit plan"),
                panel=tr("Background"),
            )
        case MissingPart.CALIBRATION:
            return tr(
                "Next, calibrate {cameras}: choose {entry} in the menu of its picture (right mouse button, "
                "or the menu key). Until then nobody in it is counted.",
                cameras=tr(", ").join(display_name(name) for name in step.cameras),
                entry=tr("Calibrate"),
            )
        case MissingPart.ZONES:
            return tr(
                "Next, draw zones and counting lines on the page {page}, or people are seen but no visits "
                "counted.",
                page=tr("Edit plan"),
            )


def describe_delay(status: PipelineStatus | None) -> str:
    """What keeps every camera from showing this moment; empty where one is analysed now, or none runs."""
    if status is None or list_live_cameras(status):
        return ""
    late_s = measure_lag(status)
    if late_s is None:
        return tr("The cameras are not analysed yet.")
    return tr(
        "The analysis is {seconds} s behind: this machine has too much to do. Figures of this moment wait.",
        seconds=round(late_s),
    )


def describe_recorder(recorder: Announcement, *, time_zone: str) -> str:
    """Who records and since when, by the venue's clock."""
    since = format_moment(recorder.since_utc_s, time_zone=time_zone)
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
    """That this window records, and since when."""
    return tr(
        "Recorded by this window since {moment}",
        moment=format_moment(recorder.since_utc_s, time_zone=time_zone),
    )


def explain_recorder(recorder: Announcement, *, shows_nothing: bool) -> str:
    """What that means for this window."""
    if shows_nothing:
        return tr(
            "Its account {account} shares nothing with yours: join the group of that name to see it live.",
            account=recorder.account,
        )
    return tr(
        "It goes on when this window is closed (account {account}, process {process}).",
        account=recorder.account,
        process=recorder.pid,
    )
