"""People on the floor: the place where vision ends and analytics begins."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from analytics.domain.identifiers import CameraId, TrackletId


class TrackState(StrEnum):
    """How a track point came about."""

    CONFIRMED = "confirmed"
    """Seen by a detector, on a track that has been seen often enough to count."""
    COASTED = "coasted"
    """Predicted while the person was hidden for a moment."""
    INTERPOLATED = "interpolated"
    """Filled in between two sightings."""
    TRUTH = "truth"
    """Exact, from a simulation or from labels."""


class TrackPoint(NamedTuple):
    """Where one person stood at one moment. Made too often for a dataclass that cannot be changed.

    Attributes:
        time_s: capture time, seconds since the epoch in UTC; for a recording whose start is not known,
            seconds since its first frame.
        sigma_m: standard deviation of the position, the root mean square of the error ellipse's axes, metres.
        height_m: the person's height where it is known.
    """

    time_s: float
    camera: CameraId
    tracklet: TrackletId
    x_m: float
    y_m: float
    sigma_m: float
    height_m: float | None
    state: TrackState
