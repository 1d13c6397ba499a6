"""Sentences about who records the venue, and delays of live data."""

from __future__ import annotations

from app.facts.camera_outages import list_live_cameras, measure_lag
from app.gui.session.cell_text import format_date_time
from app.gui.session.translation import tr
from app.recording.announcement import Announcement, RecorderKind
from vision.pipeline.pipeline_status import PipelineStatus


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
