"""Track points as the whole numbers that the store keeps."""

from __future__ import annotations

import math
from typing import NamedTuple

from analytics.domain.track import TrackPoint, TrackState
from analytics.store.microseconds import to_us

FARTHEST_M = 1_000_000.0
"""No hall is that wide; a farther point is a fault of a calibration, and its millimetres would not fit."""

_STATE_NAMES = {state: state.value for state in TrackState}


class EncodedPoint(NamedTuple):
    """A row of the journal without its sequence number."""

    time_us: int
    camera: str
    tracklet: int
    x_mm: int
    y_mm: int
    sigma_mm: int
    height_mm: int | None
    state: str


def encode_point(point: TrackPoint) -> EncodedPoint | None:
    """The point in microseconds and millimetres; None if it is no position.

    Time is kept to the microsecond, lengths to the millimetre.
    """
    # a comparison with NaN is false
    if not (
        math.isfinite(point.time_s)
        and abs(point.x_m) <= FARTHEST_M
        and abs(point.y_m) <= FARTHEST_M
        and abs(point.sigma_m) <= FARTHEST_M
    ):
        return None
    height_m = point.height_m
    return EncodedPoint(
        to_us(point.time_s),
        point.camera,
        point.tracklet,
        round(point.x_m * 1000),
        round(point.y_m * 1000),
        round(point.sigma_m * 1000),
        None if height_m is None or not abs(height_m) <= FARTHEST_M else round(height_m * 1000),
        _STATE_NAMES[point.state],
    )
