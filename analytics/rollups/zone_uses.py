"""Every zone in steps of five minutes: how many visitors came to it and stopped there, each counted once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.metrics.engagement_tier import Tier
from analytics.rollups.clock_steps import add_up_rows, add_up_steps, find_steps
from analytics.rollups.stretch import Stretch

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

ZONE_USE_COLUMN_NAMES = (
    "zone",
    "start_s",
    "came",
    "stopped",
    "first_stops",
    "stop_visits",
    "stop_s",
    "engaged_stop_s",
)
"""``start_s``: of five minutes of the UTC clock; steps with nothing in them have no row. ``came``: visitors
by the first of their visits to the zone; ``stopped``: by the first of those with a stop of at least
``EngagementSettings.stop_s``. ``first_stops``: visitors who were seen to come, by their first visit with a
stop to any zone, if it was to this one. ``stop_visits`` and ``stop_s``: visits with a stop, and for how long
their visitors stood in them; ``engaged_stop_s``: of these, in engaged visits. All by when the visit began."""
_ENGAGED = (Tier.ENGAGED.value, Tier.LONG.value)


def tabulate_zone_uses(stretch: Stretch) -> pd.DataFrame:
    """One row per zone and step, columns of ``ZONE_USE_COLUMN_NAMES``."""
    return sum_zone_uses(
        stretch.visits,
        stretch.journeys,
        start_utc_s=stretch.start_utc_s,
        least_stop_s=stretch.settings.engagement.stop_s,
    )


def sum_zone_uses(
    visits: pd.DataFrame, journeys: pd.DataFrame, *, start_utc_s: float, least_stop_s: float
) -> pd.DataFrame:
    """The table of visits and journeys.

    Args:
        visits: with ``visitor``, ``zone``, ``entered_s``, ``stop_s`` and ``tier``, in any order.
        journeys: with ``visitor`` and ``is_start_seen``.
        start_utc_s: seconds since the epoch at which their times are 0.
        least_stop_s: see ``EngagementSettings.stop_s``.
    """
    ordered = visits.sort_values(["entered_s", "visitor"], kind="stable")
    stop_s = ordered["stop_s"].to_numpy(np.float64)
    did_come = set(journeys.loc[journeys["is_start_seen"].to_numpy(bool), "visitor"].tolist())
    stopping = ordered[stop_s > 0]
    firsts = stopping[~stopping.duplicated("visitor") & stopping["visitor"].isin(did_come)]
    at_zone = ["visitor", "zone"]
    long_stops = ordered[stop_s >= least_stop_s]
    own_s = stopping["stop_s"].to_numpy(np.float64)
    is_engaged = stopping["tier"].isin(_ENGAGED).to_numpy(bool)

    def count(rows: pd.DataFrame, sums: dict[str, FloatArray]) -> pd.DataFrame:
        start_s = find_steps(rows["entered_s"].to_numpy(np.float64), start_utc_s=start_utc_s)
        return add_up_steps(rows["zone"].to_numpy(object), start_s, sums)

    def count_rows(rows: pd.DataFrame, name: str) -> pd.DataFrame:
        return count(rows, {name: np.ones(len(rows))})

    table = add_up_rows(
        [
            count_rows(ordered[~ordered.duplicated(at_zone)], "came"),
            count_rows(long_stops[~long_stops.duplicated(at_zone)], "stopped"),
            count_rows(firsts, "first_stops"),
            count(
                stopping,
                {
                    "stop_visits": np.ones(len(stopping)),
                    "stop_s": own_s,
                    "engaged_stop_s": np.where(is_engaged, own_s, 0.0),
                },
            ),
        ]
    )
    return table[list(ZONE_USE_COLUMN_NAMES)]
