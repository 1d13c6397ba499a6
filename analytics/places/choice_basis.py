"""The estimated choices of a hall's visitors, from which places are valued."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.errors import Phrase
from analytics.places.choice_model import ChoiceModel, fit_choice_model
from analytics.places.itineraries import Itineraries, list_moves
from analytics.places.layout import Layout, measure_ways
from analytics.places.location_effect import LocationEffect, measure_location_effect
from analytics.places.passing import PassingModel, fit_passing

MIN_STANDS = 8
MIN_MOVES = 300
MIN_COVERAGE = 0.8
"""Minimum observed share of a stand's floor and time."""
MIN_WHOLE_SHARE = 0.3
"""Minimum share of visitors who were seen to come or to go, else their itineraries are too broken."""


@dataclass(frozen=True, slots=True, eq=False)
class ChoiceBasis:
    """All that values of a hall's places start from.

    Attributes:
        layout: in which the visitors were observed; without stands that were not observed well enough.
        stops: visitors who stopped, by stand.
        arrivals: visitors who stopped somewhere, by entrance, shape (entrances,) and at least (1,).
    """

    layout: Layout
    model: ChoiceModel
    passing: PassingModel
    stops: Mapping[str, float]
    arrivals: FloatArray
    location_effect: LocationEffect


def make_basis(
    itineraries: Itineraries, layout: Layout, *, stops: Mapping[str, float], coverage: Mapping[str, float]
) -> ChoiceBasis | Phrase:
    """Estimate the choices of a hall's visitors; or return why that is not possible.

    Args:
        stops: visitors who stopped, by zone.
        coverage: observed share of floor and time, 0 to 1, by zone.
    """
    names = {stand.name for stand in layout.stands if coverage[stand.name] >= MIN_COVERAGE}
    if len(names) < MIN_STANDS:
        return Phrase(
            "Only {count} stands were observed for at least 80 % of the time and floor; it takes {least}.",
            {"count": len(names), "least": MIN_STANDS},
        )
    layout = dataclasses.replace(
        layout, zones=tuple(zone for zone in layout.zones if not zone.is_stand or zone.name in names)
    )
    moves = list_moves(itineraries, [stand.name for stand in layout.stands])
    if len(moves.chosen) < MIN_MOVES:
        return Phrase(
            "Visitors were followed from stand to stand only {count} times; it takes {least}.",
            {"count": len(moves.chosen), "least": MIN_MOVES},
        )
    whole_share = float(np.concatenate([itineraries.is_start_seen, itineraries.is_end_seen]).mean())
    if whole_share < MIN_WHOLE_SHARE:
        return Phrase(
            "Visitors were lost too often: only {percent:.0f} % were seen to come or to go.",
            {"percent": 100 * whole_share},
        )
    model = fit_choice_model(itineraries, layout)
    arrivals = _count_arrivals(itineraries, layout)
    passing = fit_passing(itineraries, layout, measure_ways(layout), arrivals)
    return ChoiceBasis(
        layout=layout,
        model=model,
        passing=passing,
        stops=stops,
        arrivals=arrivals,
        location_effect=measure_location_effect(itineraries, layout, model, passing, arrivals),
    )


def _count_arrivals(itineraries: Itineraries, layout: Layout) -> FloatArray:
    """Return the visitors who stopped at a stand by entrance, unknown ones shared like the others."""
    stands = {stand.name for stand in layout.stands}
    is_stand = np.array([name in stands for name in itineraries.zones] or [False])
    is_stop = itineraries.stopped & is_stand[itineraries.zone]
    stopped = np.unique(itineraries.visitor[is_stop])
    whole = stopped[itineraries.is_start_seen[stopped]]
    total = float(max(len(whole), 1))
    doors = max(1, len(layout.entrances))
    used = itineraries.entrance[whole]
    known = np.bincount(used[used >= 0], minlength=doors).astype(np.float64)
    if known.sum() <= 0:
        return np.full(doors, total / doors)
    visits: FloatArray = known * total / known.sum()
    return visits
