"""What the floor plan shows of many days: made of what is kept of them, without their tracks."""

from __future__ import annotations

import dataclasses
import math

from analytics.rollups.period_facts import PeriodFacts
from analytics.rollups.period_zones import summarise_period_zones
from analytics.rollups.zone_minutes import HALL, STEP_S
from app.core.document import Venue
from app.core.job import JobContext
from app.facts.period_facts import read_period_facts
from app.floor_plan.compute_views import HeatmapView, Period, ZoneFigures
from app.floor_plan.floor_layer_view import TABLE_OF, compute_facts_layer, compute_facts_presence


def show_facts(venue: Venue, period_s: Period, empty: HeatmapView, context: JobContext) -> HeatmapView:
    """What a floor plan shows of a period; ``empty`` where nothing was observed in it.

    Args:
        empty: with the layer that is wanted.

    Raises:
        StoreError: the history cannot be read.
        JobCancelled: the context says so.
    """
    names = ["minutes", "floor_hours", "zone_days"]
    names += [TABLE_OF[empty.layer]] if empty.layer in TABLE_OF else []
    facts = read_period_facts(venue=venue, period_s=period_s, context=context, names=names)
    if facts is None:
        return empty
    observed, since_s = facts.observed, max(facts.zone_since_s.values(), default=facts.period_s[0])
    mean_people, peak_people = _count_people(facts)
    return dataclasses.replace(
        empty,
        period_s=(float(observed[0, 0]), float(observed[-1, 1])),
        # where the history begins within the period, no zone changed
        zones_since_s=since_s if since_s > facts.period_s[0] else None,
        observed_s=facts.observed_s,
        heatmap=compute_facts_presence(facts),
        floor=compute_facts_layer(facts, empty.layer),
        zones=_summarise_facts(facts),
        mean_people=mean_people,
        peak_people=peak_people,
    )


def _count_people(facts: PeriodFacts) -> tuple[float | None, float | None]:
    """In view of the cameras on average, and in the fullest minute of which most was observed."""
    minutes = facts.tables["minutes"]
    minutes = minutes[minutes["zone"] == HALL]
    observed_s = float(minutes["observed_s"].sum())
    if observed_s <= 0:
        return None, None
    whole = minutes[minutes["observed_s"] > STEP_S / 2]
    peak = (whole["person_seconds"] / whole["observed_s"]).max()
    return float(minutes["person_seconds"].sum()) / observed_s, None if math.isnan(peak) else float(peak)


def _summarise_facts(facts: PeriodFacts) -> tuple[ZoneFigures, ...]:
    """From the zones' days: the stays of a month take seconds to be joined again."""
    zones = {str(zone.name): zone for zone in facts.zones}
    figures = []
    for name, zone in summarise_period_zones(facts).items():
        visits, dwell = zone["visits_interval"], zone["mean_dwell_sampling_interval_s"]
        figures.append(
            ZoneFigures(
                name,
                zone["visits"],
                None if visits is None else (visits[0], visits[1]),
                zone["mean_dwell_s"],
                None if dwell is None else (dwell[0], dwell[1]),
                facts.measure_coverage(zones[name]),
            )
        )
    return tuple(figures)
