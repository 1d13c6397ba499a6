"""Hindcasts of a venue: the changes of its layout in the history, forecast from the day before each."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np

from analytics.domain.errors import ForecastError, Phrase
from analytics.domain.exhibition import Interval
from analytics.forecast.hindcast import Hindcast, HindcastPair, compare_entrances, hindcast
from analytics.forecast.layout import layout_from_plan
from app.core.document import Venue
from app.core.job import JobContext
from app.facts.history_extent import read_history_extent
from app.facts.period_stretches import list_stretches
from app.forecast.forecast_layout import (
    VenueBasis,
    forecast_plan,
    observe_zones,
    read_forecast_basis,
    read_itineraries,
)


def read_hindcast(venue: Venue, context: JobContext | None = None) -> Hindcast | None:
    """Return how right forecasts of this hall's changes would have been; None without an observed change.

    The first day of each layout version is forecast from the last day before it alone, given the arrivals
    that came: more days would bring changes of another kind.

    Raises:
        StoreError: the history cannot be read.
        JobCancelled: the job was cancelled.
    """
    extent = read_history_extent(venue)
    if extent is None:
        return None
    pairs = []
    for (earlier, *earlier_s), (later, *later_s) in itertools.pairwise(venue.geometries_between(*extent)):
        if earlier.zones == later.zones:
            continue
        before = _read_days(venue, (earlier_s[0], earlier_s[1]), context, is_last=True)
        after = _read_days(venue, (later_s[0], later_s[1]), context, is_last=False)
        if before is None or after is None:
            continue
        scale = float(after.basis.arrivals.sum() / max(float(before.basis.arrivals.sum()), 1e-9))
        try:
            forecast = forecast_plan(before, venue.plan, after.geometry, scale)
        except ForecastError:
            continue
        real = observe_zones(after.facts, layout_from_plan(after.plan, after.geometry))
        pairs.append(HindcastPair(forecast, dict(before.basis.observed), real, scale))
    return hindcast(pairs)


def read_entrance_hindcast(venue: Venue, context: JobContext | None = None) -> Hindcast | None:
    """Return how right forecasts of one entrance's visitors from another's are, on the last usable day.

    None in a hall with fewer than two entrances of enough visitors.

    Raises:
        StoreError: the history cannot be read.
        JobCancelled: the job was cancelled.
    """
    extent = read_history_extent(venue)
    read = None if extent is None else _read_days(venue, extent, context, is_last=True)
    if read is None:
        return None
    return compare_entrances(read_itineraries(read.facts, read.basis.layout), read.basis.layout)


def prove_basis(read: VenueBasis, found: Hindcast | None) -> VenueBasis:
    """Return a basis whose intervals and statements include the errors of a hall's hindcast."""
    if found is None:
        return read
    basis = dataclasses.replace(
        read.basis, error=found.error, proven_error=(found.weighted_error, found.no_change_error, found.pairs)
    )
    return dataclasses.replace(read, basis=basis)


def _read_days(
    venue: Venue, period_s: Interval, context: JobContext | None, *, is_last: bool
) -> VenueBasis | None:
    """Return the first or last day of a period from which a forecast is possible, of at most three."""
    days = [part_s for _, part_s in list_stretches(venue, period_s)]
    for day_s in (days[::-1] if is_last else days)[:3]:
        try:
            return read_forecast_basis(venue, day_s, context)
        except ForecastError:
            continue
    return None


def describe_hindcast(found: Hindcast) -> tuple[Phrase, ...]:
    """Return the sentences that say how right forecasts in this hall were."""
    fields = {
        "pairs": found.pairs,
        "error": 100 * found.weighted_error,
        "no_change": 100 * found.no_change_error,
        "noise": 100 * found.noise_floor,
    }
    compared = Phrase(
        "Observed changes of the layout: {pairs}. Forecasts from before were wrong by {error:.1f} % of "
        "the visits, the forecast of no change by {no_change:.1f} %, and chance alone makes "
        "{noise:.1f} %.",
        fields,
    )
    if found.is_pseudo:
        compared = Phrase(
            "Not proven in this hall: no change of its layout was observed. Visitors of one entrance were "
            "forecast from those of another instead: wrong by {error:.1f} % of the visits; that they stop "
            "where the others do, by {no_change:.1f} %; chance alone makes {noise:.1f} %.",
            fields,
        )
    sentences = [
        compared,
        Phrase("{percent:.0f} % of the intervals hold.", {"percent": 100 * found.held_share}),
    ]
    if found.slope is None:
        sentences.append(
            Phrase("No stand changed by more than chance makes, so nothing is proven or disproven.")
        )
    elif np.isfinite(found.slope):
        sentences.append(
            Phrase("Real changes were {slope:.1f} times as large as forecast.", {"slope": found.slope})
        )
    return tuple(sentences)
