"""Find what a venue still lacks before its recording counts visitors."""

from __future__ import annotations

from enum import StrEnum

from analytics.store.history_folder import read_server_mark
from app.core.document import Venue

_CORNERS_OF_A_RECTANGLE = 4


class SetUpStep(StrEnum):
    """A step of setting up a venue, in the order of installation."""

    PLAN = "plan"
    CAMERA = "camera"
    CALIBRATION = "calibration"
    ZONES = "zones"
    RECORDING = "recording"


def list_missing_steps(venue: Venue) -> tuple[SetUpStep, ...]:
    """Return the steps that are not done yet, in order; empty if the venue, or its site, counts visitors.

    A plan counts as done, too, once something was placed without one: the hall may be a plain rectangle.
    """
    if read_server_mark(venue.folder):
        return ()
    geometry = venue.geometry_at(None)
    has_shapes = bool(geometry.zones or geometry.lines)
    calibrated = [bool(entry.camera.pairs) for entry in venue.cameras]
    plan = venue.plan
    is_drawn = bool(plan.picture or plan.obstacles) or len(plan.outline.points) != _CORNERS_OF_A_RECTANGLE
    done = {
        SetUpStep.PLAN: is_drawn or has_shapes or any(calibrated),
        SetUpStep.CAMERA: bool(calibrated),
        SetUpStep.CALIBRATION: bool(calibrated) and all(calibrated),
        SetUpStep.ZONES: has_shapes,
        SetUpStep.RECORDING: venue.has_history,
    }
    return tuple(step for step in SetUpStep if not done[step])


def find_uncalibrated(venue: Venue) -> str:
    """Return the name of the first camera without a calibration; empty if there is none."""
    return next((str(entry.name) for entry in venue.cameras if not entry.camera.pairs), "")
