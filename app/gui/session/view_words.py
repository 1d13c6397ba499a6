"""What became of a camera's view, in words: for its tile, the notice and the dialog."""

from __future__ import annotations

import math
from datetime import datetime

from analytics.domain.exhibition import find_time_zone
from app.gui.session.translation import tr
from vision.alignment.view_report import BlindCause, ViewReport, ViewVerdict


def is_in_trouble(view: ViewReport) -> bool:
    """Whether somebody has to look at the camera."""
    return view.verdict in (ViewVerdict.MOVED, ViewVerdict.BLINDED)


def describe_trouble(view: ViewReport) -> str:
    """What is wrong, short enough for a tile; empty where nothing is."""
    if view.verdict is ViewVerdict.MOVED:
        return tr("The camera was moved.")
    if view.verdict is not ViewVerdict.BLINDED:
        return ""
    if view.cause is BlindCause.DARK:
        return tr("The camera sees nothing: it is dark.")
    if view.cause is BlindCause.DEFOCUSED:
        return tr("The camera is out of focus.")
    return tr("The camera sees nothing: its lens is covered.")


def advise(view: ViewReport) -> str:
    """What to do about it; empty where nothing is wrong."""
    if view.verdict is ViewVerdict.MOVED:
        return tr("Its positions are doubtful. Turn it back, or accept the re-alignment that is proposed.")
    if view.verdict is ViewVerdict.BLINDED:
        return tr("This time is recorded as a gap, not as an empty hall. Clean or free the lens.")
    return ""


def describe_shift(view: ViewReport, *, width_px: int | None) -> str:
    """How the picture moved; empty where that is not known."""
    if view.verdict is not ViewVerdict.MOVED:
        return ""
    if view.reference_from_now is None:
        return tr("It shows something else; nothing of its former picture is recognised.")
    pixels = view.shift_part * (width_px or (view.size_wh or (0, 0))[0])
    return tr(
        "The picture has shifted by {percent:.1f} % of its width ({pixels:.0f} pixels) "
        "and turned by {degrees:.1f}°.",
        percent=100 * view.shift_part,
        pixels=pixels,
        degrees=abs(math.degrees(view.rotation_rad)),
    )


def describe_since(view: ViewReport, *, time_zone: str) -> str:
    """Since when positions are doubtful or missing; empty where that is not known."""
    if view.steady_until_s is None:
        return ""
    moment = datetime.fromtimestamp(view.steady_until_s, tz=find_time_zone(time_zone))
    return tr("Not earlier than {time}", time=f"{moment:%Y-%m-%d %H:%M:%S}")
