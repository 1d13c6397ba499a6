"""Error of forecasts for changes that happened: forecast from before, compared with what came."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analytics.domain.arrays import BoolArray, FloatArray
from analytics.domain.errors import ForecastError
from analytics.forecast.itineraries import Itineraries
from analytics.forecast.layout import Layout
from analytics.forecast.layout_forecast import (
    CHANGE_SD,
    SYSTEMATIC_SD,
    LayoutForecast,
    ObservedZone,
    ZoneForecast,
    forecast_layout,
    make_basis,
)

NOISE_SIGMAS = 2.0
"""Errors of two days beyond which a change is no noise."""
MAX_CHANGE_SD = 1.0


@dataclass(frozen=True, slots=True)
class HindcastRow:
    """A zone's forecast from before a change, and what was observed after it."""

    forecast: ZoneForecast
    visits_real: float
    person_s_real: float


@dataclass(frozen=True, slots=True)
class HindcastPair:
    """A forecast, with what was observed before and after the change by zone.

    Attributes:
        scale: arrivals after over those before.
        whole_share: share of visitors seen to come, and of those seen to go, on the worse of both days.
    """

    forecast: LayoutForecast
    before: dict[str, ObservedZone]
    after: dict[str, ObservedZone]
    scale: float
    whole_share: float = 1.0


@dataclass(frozen=True, slots=True)
class Hindcast:
    """Accuracy of forecasts in this hall, over its stands; None where too little changed to tell.

    Attributes:
        pairs: number of changes.
        weighted_error: sum of absolute errors over the sum of the visits.
        no_change_error: the same of a forecast that nothing changes but the arrivals.
        skill: 1 - error over that of no change.
        slope: of the real on the forecast logarithm of the change.
        held_share: share of the intervals that hold.
        signs_share: share of right signs among changes beyond noise.
        noise_floor: error that chance alone makes between two such days.
        error: standard errors of the logarithm, constant and per logarithm of the change, for intervals.
        whole_share: share of visitors seen to come, and of those seen to go, on the worst day.
        is_pseudo: whether no layout changed, and visitors of one entrance were forecast from another's.
    """

    rows: tuple[HindcastRow, ...]
    pairs: int
    weighted_error: float
    no_change_error: float
    skill: float | None
    slope: float | None
    held_share: float
    signs_share: float | None
    noise_floor: float
    error: tuple[float, float]
    whole_share: float
    is_pseudo: bool = False


def compare_entrances(itineraries: Itineraries, layout: Layout) -> Hindcast | None:
    """Forecast the stops of the visitors of each entrance from those of each other, as if it had been moved.

    Returns:
        None with fewer than two entrances of enough visitors.
    """
    pairs = []
    by_entrance = {
        door.name: itineraries.select(itineraries.is_start_seen & (itineraries.entrance == index))
        for index, door in enumerate(layout.entrances)
    }
    for (_, own), (name, other) in itertools.permutations(by_entrance.items(), 2):
        before, after = _count_stops(own, layout), _count_stops(other, layout)
        try:
            basis = make_basis(own, layout, before)
        except ForecastError:
            continue
        scale = _count_stopping(other) / max(1, _count_stopping(own))
        if scale > 0:
            forecast = forecast_layout(basis, layout, scale, entrance_shares={name: 1.0})
            pairs.append(HindcastPair(forecast, before, after, scale, basis.whole_share))
    found = hindcast(pairs)
    return None if found is None else replace(found, is_pseudo=True)


def _count_stopping(itineraries: Itineraries) -> int:
    return len(np.unique(itineraries.visitor[itineraries.stopped]))


def _count_stops(itineraries: Itineraries, layout: Layout) -> dict[str, ObservedZone]:
    found = {}
    stay_s = itineraries.left_utc_s - itineraries.entered_utc_s
    for zone in layout.stands:
        own = itineraries.stopped & (itineraries.zone == itineraries.zones.index(zone.name))
        stops = float(own.sum())
        error = 1.0 / math.sqrt(max(1.0, stops))
        found[zone.name] = ObservedZone(stops, float(stay_s[own].sum()), 1.0, 1.0, error, 1.0, error)
    return found


def hindcast(pairs: Sequence[HindcastPair]) -> Hindcast | None:
    """Compare forecasts with what came; None without a stand that was observed before and after."""
    rows: list[HindcastRow] = []
    columns: list[tuple[float, float, float, float, float, float]] = []
    for pair in pairs:
        for row in pair.forecast.rows:
            real, before = pair.after.get(row.zone), pair.before.get(row.zone)
            if real is None:
                continue
            rows.append(HindcastRow(row, real.visits, real.person_s))
            if before is None or row.kind not in STAND_KINDS or min(before.visits, row.visits) <= 0:
                continue
            noise = float(np.hypot(before.error, real.error))
            held = row.visits_low <= real.visits <= row.visits_high
            columns.append(
                (before.visits * pair.scale, row.visits, real.visits, noise, float(held), real.error)
            )
    if not columns:
        return None
    unchanged, expected, came, noise, held_of, _ = np.array(columns, np.float64).T
    total = float(max(came.sum(), 1e-9))
    error = float(np.abs(expected - came).sum()) / total
    no_change = float(np.abs(unchanged - came).sum()) / total
    forecast_log = np.log(expected / unchanged)
    real_log = np.log(np.maximum(came, 0.5) / unchanged)
    is_changed: BoolArray = np.abs(real_log) > NOISE_SIGMAS * noise
    squares = float((forecast_log**2).sum())
    return Hindcast(
        rows=tuple(rows),
        pairs=len(pairs),
        weighted_error=error,
        no_change_error=no_change,
        skill=1.0 - error / no_change if is_changed.any() and no_change > 0 else None,
        slope=float((forecast_log * real_log).sum()) / squares
        if is_changed.any() and squares > 1e-6
        else None,
        held_share=float(held_of.mean()),
        signs_share=float((np.sign(forecast_log) == np.sign(real_log))[is_changed].mean())
        if is_changed.any()
        else None,
        # the mean of the absolute value of a normal error
        noise_floor=float((unchanged * noise).sum()) * float(np.sqrt(2 / np.pi)) / total,
        error=_estimate_error(real_log - forecast_log, forecast_log, noise),
        whole_share=min(pair.whole_share for pair in pairs),
    )


STAND_KINDS = ("booth", "stage", "catering", "other")


def _estimate_error(rest: FloatArray, change: FloatArray, noise: FloatArray) -> tuple[float, float]:
    """Return what the errors have beyond noise: constant, and per logarithm of the change.

    That of simulated halls counts like ten stands, so that one change of few stands does not decide alone.
    """
    excess = rest**2 - noise**2
    is_small = np.abs(change) < 0.05
    constant = (10 * SYSTEMATIC_SD**2 + float(excess[is_small].sum())) / (10 + int(is_small.sum()))
    constant = max(constant, SYSTEMATIC_SD**2 / 4)
    large = excess[~is_small] - constant
    squares = change[~is_small] ** 2
    weight = 10 * float(np.mean(squares)) if len(squares) else 1.0
    per_change = (weight * CHANGE_SD**2 + float(large.sum())) / (weight + float(squares.sum()))
    return float(np.sqrt(constant)), float(np.clip(np.sqrt(max(per_change, 0.01)), 0.1, MAX_CHANGE_SD))
