"""Hindcasts of a venue: the changes of its layout in the history, forecast from the day before each."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np

from analytics.domain.errors import ForecastError, Phrase
from analytics.domain.exhibition import Interval
from analytics.forecast.hindcast import Hindcast, HindcastPair, compare_entrances, hindcast
from analytics.forecast.layout import layout_from_plan
from analytics.forecast.layout_forecast import MIN_WHOLE_SHARE, TRUSTED_WHOLE_SHARE
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

WEAK_SKILL = 0.25
"""Skill below which a hindcast is weak, which needs an explanation."""


def read_hindcast(
    venue: Venue, context: JobContext | None = None, basis: VenueBasis | None = None
) -> Hindcast | None:
    """Return how right forecasts in this hall would have been; None where nothing can be compared.

    The first day of each layout version is forecast from the last day before it alone, given the arrivals
    that came: more days would bring changes of another kind. Without an observed change, visitors of one
    entrance are forecast from those of another.

    Args:
        basis: whose visitors are compared by entrance; None: those of the last usable day.

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
        whole_share = min(before.basis.whole_share, after.basis.whole_share)
        pairs.append(HindcastPair(forecast, dict(before.basis.observed), real, scale, whole_share))
    found = hindcast(pairs)
    read = basis or (_read_days(venue, extent, context, is_last=True) if found is None else None)
    if found is not None or read is None:
        return found
    return compare_entrances(read_itineraries(read.facts, read.basis.layout), read.basis.layout)


def prove_basis(read: VenueBasis, found: Hindcast | None) -> VenueBasis:
    """Return a basis whose intervals and statements include the errors of a hall's hindcast."""
    if found is None:
        return read
    if found.is_pseudo:
        said: tuple[Phrase, ...] = (
            _compare(found),
            Phrase("The intervals include the errors of forecasts in simulated halls."),
        )
        basis = dataclasses.replace(read.basis, error_statements=said)
    else:
        first = Phrase(
            "Forecasts of earlier changes in this hall ({changes}) were wrong by {error:.1f} % of the "
            "visits; that nothing changes, by {no_change:.1f} %. The intervals include these errors.",
            {
                "changes": found.pairs,
                "error": 100 * found.weighted_error,
                "no_change": 100 * found.no_change_error,
            },
        )
        basis = dataclasses.replace(read.basis, error=found.error, error_statements=(first,), is_proven=True)
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


def _explain(found: Hindcast) -> tuple[Phrase, ...]:
    """Return what makes a weak hindcast weak, as far as it is known."""
    if (found.skill is not None and found.skill >= WEAK_SKILL) or found.whole_share >= TRUSTED_WHOLE_SHARE:
        return ()
    return (
        Phrase(
            "Broken tracks explain it in part: only {whole:.0f} % of the arrivals and departures of visitors "
            "were seen (a forecast needs {least:.0f} %), so few whole routes were there to learn from.",
            {"whole": 100 * found.whole_share, "least": 100 * MIN_WHOLE_SHARE},
        ),
    )


def _compare(found: Hindcast) -> Phrase:
    """Return the errors of forecasts, of no change, and of chance in words."""
    fields = {
        "pairs": found.pairs,
        "error": 100 * found.weighted_error,
        "no_change": 100 * found.no_change_error,
        "noise": 100 * found.noise_floor,
    }
    if found.is_pseudo:
        return Phrase(
            "Not proven in this hall: no change of its layout was observed. Visitors of one entrance were "
            "forecast from those of another instead: wrong by {error:.1f} % of the visits; that they stop "
            "where the others do, by {no_change:.1f} %; chance alone makes {noise:.1f} %.",
            fields,
        )
    return Phrase(
        "Observed changes of the layout: {pairs}. Forecasts from before were wrong by {error:.1f} % of "
        "the visits, the forecast of no change by {no_change:.1f} %, and chance alone makes "
        "{noise:.1f} %.",
        fields,
    )


def describe_hindcast(found: Hindcast) -> tuple[Phrase, ...]:
    """Return the sentences that say how right forecasts in this hall were."""
    sentences = [
        _compare(found),
        *_explain(found),
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
