"""Find what a venue still lacks before its recording counts visitors."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.core.document import Venue


class MissingPart(StrEnum):
    """A missing part, in the order of installation; each needs the one before."""

    CAMERAS = "cameras"
    CALIBRATION = "calibration"
    ZONES = "zones"


@dataclass(frozen=True, slots=True)
class NextStep:
    """The next step of setting up a venue.

    Attributes:
        cameras: names of the cameras concerned.
    """

    missing: MissingPart
    cameras: tuple[str, ...] = ()


def find_next_step(venue: Venue) -> NextStep | None:
    """Return the first missing part; None if the venue can be recorded and has zones or lines."""
    if not venue.cameras:
        return NextStep(MissingPart.CAMERAS)
    uncalibrated = tuple(str(entry.name) for entry in venue.cameras if not entry.camera.pairs)
    if uncalibrated:
        return NextStep(MissingPart.CALIBRATION, uncalibrated)
    geometry = venue.geometry_at(None)
    if not geometry.zones and not geometry.lines:
        return NextStep(MissingPart.ZONES)
    return None
