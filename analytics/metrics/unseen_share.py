"""Share of time that the people in a zone are hidden, which makes its counts uncertain."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely

from analytics.domain.track import TrackState
from analytics.domain.zone import Zone

_UNSEEN = (TrackState.COASTED.value, TrackState.INTERPOLATED.value)


def measure_unseen_shares(*, tracks: pd.DataFrame, zones: Sequence[Zone]) -> dict[str, float | None]:
    """Return the share of each zone's positions, 0 to 1, at which no camera saw the person; None without any.

    Such a position is predicted, or filled in between two detections. Where that is frequent, others were
    hidden the whole time, and two people were counted as one.

    Args:
        tracks: columns of ``TRACK_COLUMNS``, one row per visitor and moment.
    """
    x_m, y_m = (tracks[name].to_numpy(np.float64) for name in ("x_m", "y_m"))
    is_unseen = tracks["state"].isin(_UNSEEN).to_numpy(bool)
    shares: dict[str, float | None] = {}
    for zone in zones:
        outline = zone.outline.to_shape()
        low_x, low_y, high_x, high_y = outline.bounds
        near = np.flatnonzero((x_m >= low_x) & (x_m <= high_x) & (y_m >= low_y) & (y_m <= high_y))
        shapely.prepare(outline)
        own = near[shapely.contains_xy(outline, x_m[near], y_m[near])]
        shares[str(zone.name)] = float(is_unseen[own].mean()) if len(own) else None
    return shares
