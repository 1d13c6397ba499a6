"""Visiting parties: when each came, and how many they were."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.metrics.companions import find_parties
from analytics.rollups.stretch import Stretch

PARTY_TABLE_COLUMN_NAMES = ("start_s", "size")
"""``start_s``: when the first of a party was first seen."""


def tabulate_parties(stretch: Stretch) -> pd.DataFrame:
    """One row per party of visitors whose coming was seen, columns of ``PARTY_TABLE_COLUMN_NAMES``.

    Who appears in the middle of the floor is a piece of somebody's way, and tells nothing of parties.
    """
    parties = find_parties(stretch.ordered)
    seen = stretch.journeys.loc[stretch.journeys["is_start_seen"].astype(bool), "visitor"]
    known = parties[parties["visitor"].isin(seen)].groupby("party", sort=True)
    table = pd.DataFrame({"start_s": known["start_s"].min(), "size": known.size()})
    table = table.sort_values("start_s", kind="stable", ignore_index=True)
    return table.astype({"start_s": np.float64, "size": np.int64})
