"""The first zones of visitors whose coming was seen, step by step, and where they left or were lost."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection

import numpy as np
import pandas as pd

CAME, LEFT, LOST = "<came>", "<left>", "<lost>"
"""Beside the names of zones: came in but not through an entrance zone, seen to leave, lost from sight."""
STEPS = 3
STEP_COLUMN_NAMES = ("step", "from", "to", "visitors")


def count_first_steps(
    journeys: pd.DataFrame, *, entrances: Collection[str] = (), steps: int = STEPS
) -> pd.DataFrame:
    """How many visitors went from where to where at each of their first steps.

    Step 1 leads from coming in to the first zone; a zone of ``entrances`` in which a journey begins is where
    it came in, and not its first zone. A journey that is over leads to ``LEFT`` where its end was seen, else
    to ``LOST``, once. Journeys of which the beginning was not seen are left out: nobody knows what was first.

    Args:
        journeys: columns of ``JOURNEY_COLUMN_NAMES``.

    Returns:
        Columns of ``STEP_COLUMN_NAMES``, by step, the most frequent first.
    """
    came = journeys[journeys["is_start_seen"].to_numpy(bool)]
    ways = Counter(
        (zones[: steps + 1], LEFT if is_end_seen else LOST, len(zones) > steps + 1)
        for zones, is_end_seen in zip(came["zones"], came["is_end_seen"], strict=True)
    )
    counts: Counter[tuple[int, str, str]] = Counter()
    for (zones, end, goes_on), visitors in ways.items():
        begins_in_zone = bool(zones) and zones[0] in entrances
        way = list(zones) if begins_in_zone else [CAME, *zones]
        if not goes_on:
            way.append(end)
        for step, (begin, behind) in enumerate(itertools.pairwise(way[: steps + 1]), start=1):
            counts[step, begin, behind] += visitors
    rows = sorted(counts.items(), key=lambda item: (item[0][0], -item[1], item[0]))
    return pd.DataFrame(
        {
            "step": np.array([key[0] for key, _ in rows], np.int64),
            "from": pd.Series([key[1] for key, _ in rows], dtype="str"),
            "to": pd.Series([key[2] for key, _ in rows], dtype="str"),
            "visitors": np.array([count for _, count in rows], np.int64),
        }
    )
