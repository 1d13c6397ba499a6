"""Arrivals through the entrance lines in a period, by minute."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.zone import CountingLine, ZoneKind

if TYPE_CHECKING:
    from analytics.flows.door_balance import DoorBalance
    from analytics.metrics.block_ratio import PeriodBlocks
    from analytics.rollups.period_facts import PeriodFacts

BRIEF_S = 60.0
"""A step of the table ``minutes``."""


def read_arrivals(facts: PeriodFacts) -> tuple[FloatArray, FloatArray] | None:
    """Return the start of each minute with arrivals, and their number, both of shape (n,).

    None where there is no entrance line. Needs the table ``line_minutes``.
    """
    names = {str(line.name) for line in list_entrances(facts.geometry.lines)}
    if not names:
        return None
    minutes = facts.tables["line_minutes"]
    own = minutes[minutes["line"].isin(names)]
    return own["start_s"].to_numpy(np.float64), own["in"].to_numpy(np.float64)


def count_arrivals(facts: PeriodFacts, blocks: PeriodBlocks) -> FloatArray | None:
    """Return the number of arrivals in each block, shape (blocks,); None without an entrance line."""
    arrivals = read_arrivals(facts)
    return None if arrivals is None else blocks.count(*arrivals)


def balance_arrivals(facts: PeriodFacts) -> DoorBalance | None:
    """Return how many visitors came by all doors together; None without an entrance line.

    Needs the tables ``line_minutes`` and ``minutes``. Brief interruptions count as observed: who is there
    before and after one is mostly the same.
    """
    from analytics.flows.door_balance import BEGUN, ENDED, balance_doors, list_doors
    from analytics.metrics.observation import clip_intervals

    doors = [str(line.name) for line in list_doors(facts.geometry.lines)]
    if not list_entrances(facts.geometry.lines):
        return None
    columns = ["in", "out", BEGUN, ENDED]
    sums = facts.tables["line_minutes"].groupby("line")[columns].sum().reindex(doors, fill_value=0.0)
    start_s = max([facts.period_s[0], *(facts.line_since_s.get(name, 0.0) for name in doors)])
    observed = clip_intervals(facts.observed, start_s=start_s, end_s=facts.period_s[1])
    is_new = np.append(True, observed[1:, 0] - observed[:-1, 1] > BRIEF_S)[: len(observed)]
    hall = facts.tables["minutes"]
    hall = hall[(hall["zone"] == "") & (hall["observed_s"] > 0)].sort_values("start_s")
    at_s = hall["start_s"].to_numpy(np.float64)
    people = (hall["person_seconds"] / hall["observed_s"]).to_numpy(np.float64)
    gained = variance = 0.0
    for first, last in zip(
        observed[is_new, 0], observed[np.append(is_new[1:], True)[: len(observed)], 1], strict=True
    ):
        within = people[(at_s > first - BRIEF_S) & (at_s < last)]
        if len(within):
            gained += float(within[-1] - within[0])
            variance += float(within[-1] + within[0])
    return balance_doors(sums, gained=gained, gained_variance=variance)


def list_entrances(lines: Sequence[CountingLine]) -> list[CountingLine]:
    """Return the entrance lines."""
    return [line for line in lines if line.kind is ZoneKind.ENTRANCE]
