"""Track points on the floor: the interface between vision and analytics."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from analytics.domain.identifiers import CameraId, TrackletId


class TrackState(StrEnum):
    """Origin of a track point."""

    CONFIRMED = "confirmed"
    """Detected, on a track that has been detected often enough to count."""
    COASTED = "coasted"
    """Predicted while the person was briefly hidden."""
    INTERPOLATED = "interpolated"
    """Filled in between two detections."""
    TRUTH = "truth"
    """Exact, from a simulation or from labels."""


class TrackPoint(NamedTuple):
    """One person's position at one moment; a named tuple because a frozen dataclass is slower to create.

    Attributes:
        time_s: capture time, seconds since the epoch in UTC; for a recording with an unknown start,
            seconds since its first frame.
        sigma_m: standard deviation of the position, the root mean square of the error ellipse's axes, metres.
        height_m: the person's height if known.
    """

    time_s: float
    camera: CameraId
    tracklet: TrackletId
    x_m: float
    y_m: float
    sigma_m: float
    height_m: float | None
    state: TrackState
