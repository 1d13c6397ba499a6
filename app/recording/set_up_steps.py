"""What a venue still lacks before its recording counts anybody."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.core.document import Venue


class MissingPart(StrEnum):
    """In the order in which an installer adds them; each needs the one before."""

    CAMERAS = "cameras"
    CALIBRATION = "calibration"
    ZONES = "zones"


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do next.

    Attributes:
        cameras: names of the cameras that it is about.
    """

    missing: MissingPart
    cameras: tuple[str, ...] = ()


def find_next_step(venue: Venue) -> NextStep | None:
    """The first thing that is missing; None: the venue can be recorded, and its zones count."""
    if not venue.cameras:
        return NextStep(MissingPart.CAMERAS)
    uncalibrated = tuple(str(entry.name) for entry in venue.cameras if not entry.camera.pairs)
    if uncalibrated:
        return NextStep(MissingPart.CALIBRATION, uncalibrated)
    geometry = venue.geometry_at(None)
    if not geometry.zones and not geometry.lines:
        return NextStep(MissingPart.ZONES)
    return None
