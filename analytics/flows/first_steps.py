"""First zones of visitors whose arrival was seen, step by step, and where they left or were lost."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from analytics.flows.places import CAME, LEFT, LOST
from analytics.flows.ways import Ways

STEPS = 3
STEP_COLUMN_NAMES = ("step", "from", "to", "visitors")


def count_first_steps(ways: Ways, *, entrances: Collection[str] = (), steps: int = STEPS) -> pd.DataFrame:
    """Count the visitors of each transition in each of their first steps.

    Step 1 leads from coming in to the first zone; a zone of ``entrances`` in which a journey begins is where
    it came in, and not its first zone. A journey that is over leads to ``LEFT`` if its end was seen, else to
    ``LOST``, once. Journeys with an unseen beginning are left out: their first zone is unknown.

    Returns:
        Columns of ``STEP_COLUMN_NAMES``, by step, the most frequent first.
    """
    names = (*ways.names, CAME, LEFT, LOST)
    came, left, lost = (len(ways.names) + place for place in range(3))
    own = ways.choose(ways.is_start_seen)
    zone = np.append(own.zone, came)
    begins_in_zone = np.append(own.mark(list(entrances)), False)[zone[own.first[:-1]]] & (own.lengths > 0)
    begin = np.where(begins_in_zone, zone[own.first[:-1]], came)
    at = own.first[:-1] + begins_in_zone
    out = np.where(own.is_end_seen, left, lost)
    is_on_way = np.ones(len(own), bool)
    rows: list[tuple[int, str, str, int]] = []
    for step in range(1, steps + 1):
        has_zone = at < own.first[1:]
        behind = np.where(has_zone, zone[np.minimum(at, len(zone) - 1)], out)
        pairs, counts = np.unique((begin * len(names) + behind)[is_on_way], return_counts=True)
        own_rows = [
            (step, names[pair // len(names)], names[pair % len(names)], count)
            for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True)
        ]
        rows += sorted(own_rows, key=lambda row: (-row[3], row[:3]))
        is_on_way, begin, at = is_on_way & has_zone, behind, at + 1
    return pd.DataFrame(
        {
            "step": np.array([row[0] for row in rows], np.int64),
            "from": pd.Series([row[1] for row in rows], dtype="str"),
            "to": pd.Series([row[2] for row in rows], dtype="str"),
            "visitors": np.array([row[3] for row in rows], np.int64),
        }
    )
