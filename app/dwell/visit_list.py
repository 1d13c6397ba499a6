"""Listing of the visits behind a figure."""

from __future__ import annotations

import numpy as np

from analytics.domain.exhibition import find_time_zone
from analytics.dwell.engagement_tier import VISIT_TIERS
from analytics.dwell.visit_lengths import CELL_S
from analytics.metrics.clock_profile import read_clock
from analytics.results.figure_columns import list_rows
from app.core.document import Venue, make_visitor_names
from app.core.job import JobContext
from app.dwell.dwell_figures import VisitFilter, VisitList
from app.facts.period_facts import read_period_facts

NAME_DIGITS = 10
"""Digits of a visitor's name, enough to be unique within a list."""
MAX_LISTED = 20_000
"""Maximum number of listed visits; sorting a longer table takes seconds."""


_NAMES = ("zone", "entered_s", "left_s", "seconds", "censored_start", "censored_end", "stop_s", "tier",
          "is_lower_limit")  # fmt: skip


def list_visits(
    *,
    venue: Venue,
    period_s: tuple[float, float],
    criteria: VisitFilter,
    job: JobContext | None = None,
    max_visits: int = MAX_LISTED,
) -> VisitList:
    """Return the matching visits of a period; none where nothing was observed.

    Args:
        period_s: start and end, seconds since the epoch.

    Raises:
        StoreError: the history cannot be read, or its tracks and visits were deleted.
        JobCancelled: ``job`` was cancelled.
    """
    facts = read_period_facts(venue=venue, period_s=period_s, context=job, names=("visits",))
    if facts is None:
        return VisitList((), 0)
    table = facts.tables["visits"]
    table = table[table["zone"].isin(list(criteria.zones))]
    # rounded like the bars of the histogram
    whole_s = np.floor(table["seconds"].to_numpy(np.float64) / CELL_S + 1e-6) * CELL_S
    is_match = (whole_s >= criteria.from_s) & (whole_s < criteria.to_s)
    if criteria.hour is not None or criteria.weekday is not None:
        zone = find_time_zone(venue.exhibition.time_zone)
        clock = read_clock(table["entered_s"].to_numpy(np.float64), zone)
        if criteria.hour is not None:
            is_match &= clock.hour == criteria.hour
        if criteria.weekday is not None:
            is_match &= clock.weekday == criteria.weekday
    if criteria.tier is not None:
        reached = [tier.value for tier in VISIT_TIERS[VISIT_TIERS.index(criteria.tier) :]]
        is_match &= table["tier"].isin(reached).to_numpy(bool) | (
            table["is_lower_limit"].to_numpy(np.int64) > 0
        )
    found = table[is_match]
    first = found.nsmallest(max_visits, "entered_s", keep="first") if len(found) > max_visits else found
    ordered = first.sort_values("entered_s", kind="stable")
    # visitor numbers are unique across the days of a period
    names = make_visitor_names(venue, period_s).name(
        ordered["visitor"], ordered["entered_s"].to_numpy(np.float64), stretch_start_utc_s=period_s[0]
    )
    names = names.str[:NAME_DIGITS]
    return VisitList(list_rows(ordered[list(_NAMES)].assign(visitor=names)), len(found))
