"""Who records the venue where it is not this window, in words."""

from __future__ import annotations

from app.gui.session.cell_text import format_moment
from app.gui.session.translation import tr
from app.recording.announcement import Announcement, RecorderKind


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
