"""The day so far for other systems: arrivals, visits of every zone, crossings of every line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from analytics.domain.clock import Clock
from app.core.document import Venue
from app.core.job import JobContext
from app.facts.period_facts import read_period_facts


@dataclass(frozen=True, slots=True)
class DayFigures:
    """Counted since midnight by the venue's clock, as every page counts that period.

    Attributes:
        until_utc_s: up to when.
        visits: of each zone of which anything was observed.
        crossings: inward and outward, of each line; empty where nothing was observed.
    """

    until_utc_s: float
    visits: Mapping[str, int] = field(default_factory=dict)
    crossings: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def count_day(
    venue: Venue, *, now_utc_s: float, context: JobContext | None = None, clock: Clock | None = None
) -> DayFigures:
    """Read the history of the day that goes on.

    Raises:
        StoreError: the history cannot be read. That there is none is no error.
        JobCancelled: the context says so.
    """
    day = venue.exhibition.day_interval_utc(venue.exhibition.local_day(now_utc_s))
    facts = read_period_facts(
        venue=venue,
        period_s=(day[0], now_utc_s),
        context=context,
        names=("zone_days", "crossings"),
        clock=clock,
    )
    if facts is None:
        return DayFigures(now_utc_s)
    # seconds of imports that a caller which only asks for the class is spared
    from analytics.rollups.period_zones import summarise_period_zones

    crossings = facts.tables["crossings"]
    counted = crossings.groupby(["line", "direction"]).size()
    return DayFigures(
        now_utc_s,
        {
            name: summary["visits"]
            for name, summary in summarise_period_zones(facts).items()
            if summary["visits"] is not None
        },
        {
            str(line.name): (
                int(counted.get((str(line.name), "in"), 0)),
                int(counted.get((str(line.name), "out"), 0)),
            )
            for line in facts.geometry.lines
        },
    )
