"""Arrivals through the entrance lines in a period, by minute."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.zone import CountingLine, ZoneKind

if TYPE_CHECKING:
    from analytics.metrics.block_ratio import PeriodBlocks
    from analytics.rollups.period_facts import PeriodFacts


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


def list_entrances(lines: Sequence[CountingLine]) -> list[CountingLine]:
    """Return the entrance lines."""
    return [line for line in lines if line.kind is ZoneKind.ENTRANCE]
