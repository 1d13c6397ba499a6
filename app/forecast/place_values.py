"""Each stand against its place, from the choices of visitors or, failing that, from figures of the places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from analytics.domain.errors import ForecastError
from analytics.metrics.estimate import Estimate

if TYPE_CHECKING:
    from analytics.forecast.place_value import PlaceValues
    from analytics.rollups.period_facts import PeriodFacts

CHOICE_TABLES = ("visits", "journeys", "crossings")
"""Tables of single visitors that choices are estimated from; not kept longer than tracks."""
MAX_VISITORS = 4000
"""Visitors that choices are estimated from; more make it slower, not noticeably better."""


def compare_with_places(facts: PeriodFacts, values: PlaceValues | None = None) -> Mapping[str, Estimate]:
    """Return the stops at every stand over those that its place lets expect, with intervals of 95 %.

    By the choice model where it tells places from exhibitors (`estimate_place_values`); otherwise by the
    aisle's visitors, size, open sides and way from the entrance (`analytics.findings.stand_attraction`).

    Args:
        values: what `value_places` returns, if it is known.
    """
    from analytics.findings.stand_attraction import compare_with_places as compare_by_predictors

    values = values or value_places(facts)
    if values is None or values.reason is not None:
        return compare_by_predictors(facts)
    return {name: one.ratio for name, one in values.values.items() if one.ratio.value is not None}


def value_places(facts: PeriodFacts) -> PlaceValues | None:
    """Return the values of places; None where too little is known of visitors' choices for a model."""
    from analytics.forecast.itineraries import make_itineraries
    from analytics.forecast.layout import layout_from_plan
    from analytics.forecast.layout_forecast import ObservedZone, make_basis
    from analytics.forecast.place_value import estimate_place_values

    if not all(name in facts.tables for name in CHOICE_TABLES):
        return None
    layout = layout_from_plan(facts.plan, facts.geometry)
    visits, journeys = facts.tables["visits"], facts.tables["journeys"]
    # all stands as they are now: who came before the last change chose among others
    since_s = max((facts.zone_since_s[stand.name] for stand in layout.stands), default=0.0)
    people = journeys[journeys["start_s"].to_numpy(np.float64) >= since_s]
    people = people.iloc[:: max(1, -(-len(people) // MAX_VISITORS))]
    own = visits[visits["visitor"].isin(people["visitor"])]
    names = [zone.name for zone in layout.zones]
    itineraries = make_itineraries(
        visits=own,
        journeys=people,
        crossings=facts.tables["crossings"],
        zones=names,
        entrances=[door.name for door in layout.entrances],
        exits=[door.name for door in layout.exits],
    )
    stops = np.bincount(itineraries.zone[itineraries.stopped], minlength=len(names))
    coverage = {str(zone.name): facts.measure_coverage(zone) for zone in facts.geometry.zones}
    observed = {
        name: ObservedZone(float(count), 0.0, 1.0, 1.0, 0.0, coverage[name])
        for name, count in zip(names, stops.tolist(), strict=True)
    }
    try:
        return estimate_place_values(make_basis(itineraries, layout, observed))
    except ForecastError:
        return None
