"""What an installer is told to do next, while the recording is off."""

from __future__ import annotations

from app.core.document import Venue
from app.gui.session.translation import display_name, tr
from app.recording.set_up_steps import MissingPart, find_next_step


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
