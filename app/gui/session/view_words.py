"""Changes of a camera's field of view in words: for its tile, the notice and the dialog."""

from __future__ import annotations

import math
from datetime import datetime

from analytics.domain.exhibition import find_time_zone
from app.gui.session.translation import tr
from vision.alignment.view_report import BlindCause, ViewReport, ViewVerdict


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
