"""People in the hall and in every zone by minute, and the observed part of each minute."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.domain.arrays import FloatArray
from analytics.dwell.occupancy import PRESENCE_GAP_S, compute_occupancy, find_presence_intervals
from analytics.metrics.observation import clip_intervals, unite_spans
from analytics.rollups.stretch import Stretch, cache_by_stretch, find_zone_cameras

MINUTE_COLUMN_NAMES = ("zone", "start_s", "person_seconds", "observed_s")
"""Columns of the table. ``zone`` is empty for the hall; unobserved minutes have no row. The steps are
minutes of the UTC clock. ``person_seconds``: of those inside the outline."""
HALL = ""
STEP_S = 60.0


@cache_by_stretch
def tabulate_minutes(stretch: Stretch) -> pd.DataFrame:
    """Return one row per zone and observed minute, columns of ``MINUTE_COLUMN_NAMES``."""
    presence = find_presence_intervals(stretch.ordered.cut(longest_gap_s=PRESENCE_GAP_S))
    parts = [_tabulate(HALL, presence, stretch.observed, stretch)]
    for zone in stretch.geometry.zones:
        name = str(zone.name)
        own = stretch.presence.loc[stretch.presence["zone"] == name, ["entered_s", "left_s"]]
        cameras = find_zone_cameras(zone.outline, stretch.views)
        observed = clip_intervals(
            unite_spans(stretch.spans, cameras=cameras), start_s=0.0, end_s=stretch.duration_s
        )
        parts.append(_tabulate(name, own.to_numpy(np.float64), observed, stretch))
    return pd.concat(parts, ignore_index=True)


def _tabulate(zone: str, intervals: FloatArray, observed: FloatArray, stretch: Stretch) -> pd.DataFrame:
    # begin at a whole minute of the clock
    start_s = -(stretch.start_utc_s % STEP_S)
    occupancy = compute_occupancy(
        intervals=intervals, observed=observed, period_s=(start_s, stretch.duration_s), step_s=STEP_S
    )
    was_observed = occupancy.observed_s > 0
    return pd.DataFrame(
        {
            "zone": pd.Series([zone] * int(was_observed.sum()), dtype="str"),
            "start_s": occupancy.edges_s[:-1][was_observed],
            "person_seconds": occupancy.person_seconds[was_observed],
            "observed_s": occupancy.observed_s[was_observed],
        }
    )
