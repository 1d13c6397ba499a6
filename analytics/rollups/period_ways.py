"""Zone sequences of a period's visitors, from the tables ``ways`` and ``way_steps``."""

from __future__ import annotations

import numpy as np

from analytics.flows.ways import Ways, find_offsets
from analytics.rollups.period_facts import PeriodFacts

WAY_TABLES = ("ways", "way_steps")
"""Tables of single visitors, which are deleted with the tracks; sums are kept longer."""


def read_ways(facts: PeriodFacts) -> Ways:
    """Return all stored ways of a period."""
    if not all(name in facts.tables for name in WAY_TABLES):
        nothing = np.empty(0)
        return Ways(
            (), nothing.astype(np.int64), np.zeros(1, np.int64), nothing, nothing, nothing > 0, nothing > 0
        )
    ways, place = facts.tables["ways"], facts.tables["way_steps"]["place"].cat
    return Ways(
        names=tuple(str(name) for name in place.categories),
        zone=np.asarray(place.codes, np.int64),
        first=find_offsets(ways["steps"].to_numpy(np.int64)),
        start_s=ways["start_s"].to_numpy(np.float64),
        end_s=ways["end_s"].to_numpy(np.float64),
        is_start_seen=ways["is_start_seen"].to_numpy(bool),
        is_end_seen=ways["is_end_seen"].to_numpy(bool),
    )


def count_stretches_without_ways(facts: PeriodFacts, period_s: tuple[float, float]) -> int:
    """Count the stretches of a period, usually days, that have sums but no ways any more."""
    return sum(
        facts.is_lacking(WAY_TABLES[0], max(start_s, period_s[0]), min(end_s, period_s[1]))
        for start_s, end_s in facts.stretches_s.tolist()
        if start_s < period_s[1] and period_s[0] < end_s
    )
