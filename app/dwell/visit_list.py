"""Finds the visits behind a figure of a period."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analytics.domain.exhibition import find_time_zone
from analytics.dwell.dwell_distribution import CELL_S
from analytics.dwell.engagement_tier import VISIT_TIERS, Tier
from analytics.metrics.clock_profile import read_clock
from app.core.document import Venue, draw_names
from app.core.job import JobContext
from app.dwell.listed_visits import FoundVisits, VisitFilter, VisitRecord
from app.facts.period_facts import read_period_facts

NAME_DIGITS = 10
"""Of a visitor's name in a list: enough that no two of as many as are listed have the same."""
MAX_LISTED = 20_000
"""Nobody reads more, and a table of more takes seconds to sort."""


def list_visits(
    *,
    venue: Venue,
    period_s: tuple[float, float],
    wanted: VisitFilter,
    job: JobContext | None = None,
    most: int = MAX_LISTED,
) -> FoundVisits:
    """The visits of a period that are asked for; none where nothing was observed.

    Args:
        period_s: start and end, seconds since the epoch.

    Raises:
        StoreError: the history cannot be read, or tracks and visits of it are kept no more.
        JobCancelled: by ``job``.
    """
    facts = read_period_facts(venue=venue, period_s=period_s, context=job, names=("visits",))
    if facts is None:
        return FoundVisits((), 0)
    table = facts.tables["visits"]
    table = table[table["zone"].isin(list(wanted.zones))]
    # as the bars count them
    whole_s = np.floor(table["seconds"].to_numpy(np.float64) / CELL_S + 1e-6) * CELL_S
    is_wanted = (whole_s >= wanted.from_s) & (whole_s < wanted.to_s)
    if wanted.hour is not None or wanted.weekday is not None:
        zone = find_time_zone(venue.exhibition.time_zone)
        clock = read_clock(table["entered_s"].to_numpy(np.float64), zone)
        if wanted.hour is not None:
            is_wanted &= clock.hour == wanted.hour
        if wanted.weekday is not None:
            is_wanted &= clock.weekday == wanted.weekday
    if wanted.tier is not None:
        reached = [tier.value for tier in VISIT_TIERS[VISIT_TIERS.index(wanted.tier) :]]
        is_wanted &= table["tier"].isin(reached).to_numpy(bool) | (
            table["is_lower_limit"].to_numpy(np.int64) > 0
        )
    found = table[is_wanted]
    first = found.nsmallest(most, "entered_s", keep="first") if len(found) > most else found
    ordered = first.sort_values("entered_s", kind="stable")
    # the numbers of a period tell its days apart by themselves
    names = draw_names(venue, period_s).name(
        ordered["visitor"], ordered["entered_s"].to_numpy(np.float64), stretch_start_utc_s=period_s[0]
    )
    return FoundVisits(_make_records(ordered.assign(visitor=names.str[:NAME_DIGITS])), len(found))


def _make_records(table: pd.DataFrame) -> tuple[VisitRecord, ...]:
    rows: Any = table.itertuples(index=False)
    return tuple(
        VisitRecord(
            visitor=str(row.visitor),
            zone=str(row.zone),
            entered_utc_s=float(row.entered_s),
            left_utc_s=float(row.left_s),
            seconds=float(row.seconds),
            is_start_censored=bool(row.censored_start),
            is_end_censored=bool(row.censored_end),
            stop_s=float(row.stop_s),
            tier=Tier(row.tier),
            may_be_higher=bool(row.is_lower_limit),
        )
        for row in rows
    )
