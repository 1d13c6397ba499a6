"""Encode track points as integers for the store."""

from __future__ import annotations

import math
from typing import NamedTuple

from analytics.domain.track import TrackPoint, TrackState
from analytics.store.microseconds import to_us

FARTHEST_M = 1_000_000.0
"""Maximum coordinate; farther points result from faulty calibration, and their millimetres would not fit."""

_STATE_NAMES = {state: state.value for state in TrackState}
_CONFIRMED, _CONFIRMED_NAME = TrackState.CONFIRMED, TrackState.CONFIRMED.value


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
    """Return a point in microseconds and millimetres; None if it is not a valid position."""
    time_s, camera, tracklet, x_m, y_m, sigma_m, height_m, state = point
    # comparisons with NaN are false
    if not (
        -FARTHEST_M <= x_m <= FARTHEST_M
        and -FARTHEST_M <= y_m <= FARTHEST_M
        and -FARTHEST_M <= sigma_m <= FARTHEST_M
        and math.isfinite(time_s)
    ):
        return None
    return EncodedPoint(
        to_us(time_s),
        camera,
        tracklet,
        round(x_m * 1000),
        round(y_m * 1000),
        round(sigma_m * 1000),
        None if height_m is None or not -FARTHEST_M <= height_m <= FARTHEST_M else round(height_m * 1000),
        # nearly all points; hashing a state takes longer
        _CONFIRMED_NAME if state is _CONFIRMED else _STATE_NAMES[state],
    )
