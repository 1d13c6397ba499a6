"""Visitors' ways through the zones in two narrow tables, of which a month is read within a moment.

They tell visitors apart, though without a number and a time of any step: they go when the tracks go.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.rollups.stretch import Stretch

WAY_COLUMN_NAMES = ("start_s", "end_s", "is_start_seen", "is_end_seen", "steps")
"""One row per journey, as ``JOURNEY_COLUMN_NAMES``; ``steps``: how many rows of ``way_steps`` are its own."""
WAY_STEP_COLUMN_NAMES = ("place", "has_stopped")
"""One row per zone of a journey, one journey after the other; ``has_stopped``: with a stop of at least
``EngagementSettings.stop_s`` in a visit of this step."""


def tabulate_ways(stretch: Stretch) -> pd.DataFrame:
    """One row per journey, columns of ``WAY_COLUMN_NAMES``."""
    return list_ways(stretch.journeys)


def tabulate_way_steps(stretch: Stretch) -> pd.DataFrame:
    """One row per zone of a journey, columns of ``WAY_STEP_COLUMN_NAMES``."""
    return list_way_steps(stretch.visits, stretch.journeys, least_stop_s=stretch.settings.engagement.stop_s)


def list_ways(journeys: pd.DataFrame) -> pd.DataFrame:
    """The table ``ways`` of journeys, columns of ``JOURNEY_COLUMN_NAMES``."""
    steps = journeys["zones"].map(len).to_numpy(np.int32)
    return journeys[list(WAY_COLUMN_NAMES[:-1])].assign(steps=steps)


def list_way_steps(visits: pd.DataFrame, journeys: pd.DataFrame, *, least_stop_s: float) -> pd.DataFrame:
    """The table ``way_steps`` of journeys and of the visits that they were made of."""
    order = pd.Series(np.arange(len(journeys)), index=journeys["visitor"].to_numpy(np.int64))
    own = visits[visits["visitor"].isin(order.index)]
    own = own.assign(journey=order[own["visitor"]].to_numpy()).sort_values(
        ["journey", "entered_s"], kind="stable"
    )
    journey, zone = own["journey"].to_numpy(np.int64), own["zone"].to_numpy(object)
    begins = np.append(True, (journey[1:] != journey[:-1]) | (zone[1:] != zone[:-1]))[: len(own)]
    first = np.flatnonzero(begins)
    stop_s = own["stop_s"].to_numpy(np.float64)
    longest_s = np.maximum.reduceat(stop_s, first) if len(first) else np.empty(0)
    return pd.DataFrame(
        {"place": pd.Categorical(zone[first].astype(str)), "has_stopped": longest_s >= least_stop_s}
    )
