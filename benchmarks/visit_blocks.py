"""Blocks from a table of visits that were all seen whole: of simulated or hand-counted days."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from analytics.columns import VISIT_COLUMNS, require_columns
from analytics.comparison.block_figures import Block, Side, ZoneBlock
from analytics.dwell.visit_lengths import count_lengths


def tabulate_visits(
    visits: pd.DataFrame,
    *,
    side: Side,
    day: date,
    zones: tuple[str, ...],
    visitors: int,
    open_s: float,
    parts: int = 1,
) -> tuple[Block, ...]:
    """The blocks of a day; a visit belongs to the part in which it began.

    Args:
        visits: columns of ``VISIT_COLUMNS``; ``entered_s`` counts from the opening.
        zones: all that were observed.
        visitors: of the day; divided among the parts by the visitors who were met in them.
        open_s: from opening to closing.
    """
    require_columns(visits, VISIT_COLUMNS)
    zone_at = np.asarray(pd.Categorical(visits["zone"], categories=list(zones)).codes)
    part_at = np.clip((visits["entered_s"].to_numpy() * parts / open_s).astype(np.int64), 0, parts - 1)
    seconds = visits["seconds"].to_numpy(np.float64)
    met = visits["visitor"].groupby(part_at).nunique().reindex(range(parts), fill_value=0)
    blocks = []
    for part in range(parts):
        figures = {}
        for index, name in enumerate(zones):
            own = seconds[(zone_at == index) & (part_at == part)]
            figures[name] = ZoneBlock(
                coverage=1.0,
                visits=len(own),
                mean_dwell_s=float(own.mean()) if len(own) else None,
                median_dwell_s=float(np.median(own)) if len(own) else None,
                person_seconds=float(own.sum()),
                entered=count_lengths(own),
            )
        share = float(met.iloc[part]) / max(1.0, float(met.sum()))
        blocks.append(
            Block(
                side=side,
                day=day,
                part=part,
                open_h=open_s / 3600.0 / parts,
                zones=figures,
                visitors=round(visitors * share),
            )
        )
    return tuple(blocks)
