"""Value of places: what an average exhibitor could expect there, and each stand against its place.

The choice model's attraction of a stand belongs to its exhibitor, the ways and lines of sight to its place.
The value of a place is the visits that the stand there could expect if it attracted like the average of
stands of its size in this hall, everything else being as it is. Stops follow the place as far as measured in
the hall (`location_effect`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.errors import Phrase
from analytics.domain.zone import ZoneKind
from analytics.metrics.estimate import UNKNOWN, Estimate
from analytics.places.choice_basis import ChoiceBasis
from analytics.places.choice_model import COMMON, draw_parameters, expected_moves
from analytics.places.layout import measure_ways
from analytics.places.location_effect import LocationEffect
from analytics.places.passing import expected_passages

MIN_STANDS = 12
"""Minimum number of stands for telling places from exhibitors."""
VALUED_KINDS = (ZoneKind.BOOTH, ZoneKind.OTHER)
"""Kinds of zones that are valued: a stage or a café attracts by other means than a stand."""
MIN_ALIKE = 8
"""Minimum number of stands of one kind for an average."""
MIN_RESISTANCE = 2.0
"""Minimum resistance of distance in standard errors: where ways do not matter, places are all the same."""
MAX_ERROR = 0.35
"""Maximum standard error of the logarithm of a place's value."""
PLACE_ERROR = 0.06
"""Standard error of the logarithm from what the model does not know, in simulated halls."""
SIZE_PRIOR = 1.0
"""Prior: twice the area hardly more than doubles the attraction."""
LEAST_LIFT = 0.05
DRAWS = 40
_NORMAL_95 = 1.96
_HUBER, _ROUNDS = 1.5, 10


def refuse(reason: Phrase) -> PlaceValues:
    """Return that no place can be valued, with the sentence that every page gives."""
    return PlaceValues({}, Phrase("Places cannot be told from exhibitors. {reason}", {"reason": reason}), {})


FEW_STANDS = Phrase("That takes at least {least} stands.", {"least": MIN_STANDS})
NO_RESISTANCE = Phrase("Visitors do not mind distances enough for places to differ.")
DELETED = Phrase("The tracks of the period were deleted, and with them the ways that visitors chose.")
"""Reasons for a refusal."""


@dataclass(frozen=True, slots=True)
class PlaceValue:
    """Value of the place of one stand; both unknown where it cannot be told from the exhibitor.

    Attributes:
        visits: expected there of an average exhibitor of the stand's size, in the observed time.
        ratio: observed visits over these: the exhibitor's doing.
    """

    visits: Estimate
    ratio: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class PlaceValues:
    """Values of all places of a hall.

    Attributes:
        values: by stand; without those of which there are too few of the same kind.
        refusal: why there are none, in a sentence; None if there are.
        draws: of the visits expected, by stand, shape (1 + draws,); the estimate comes first.
    """

    values: Mapping[str, PlaceValue]
    refusal: Phrase | None
    draws: Mapping[str, FloatArray]


def estimate_place_values(basis: ChoiceBasis) -> PlaceValues:
    """Return the value of the place of every stand of a basis, with intervals of 95 %."""
    model, stands = basis.model, basis.layout.stands
    names = [stand.name for stand in stands]
    if len(stands) < MIN_STANDS:
        return refuse(FEW_STANDS)
    beta = len(stands) + COMMON.index("beta_per_m")
    if model.beta_per_m < MIN_RESISTANCE * math.sqrt(float(model.covariance[beta, beta])):
        return refuse(NO_RESISTANCE)
    rng = np.random.default_rng(20_260_330)
    parameters = draw_parameters(model, DRAWS, rng)
    log_area = np.log([model.size_by_zone_m2[name] for name in names])
    kinds = np.array([stand.kind.value for stand in stands])
    valued = {kind for kind in VALUED_KINDS if (kinds == kind).sum() >= MIN_ALIKE}
    lift = np.zeros((len(parameters), len(stands)))
    for kind in valued:
        own_kind = np.flatnonzero(kinds == kind)
        attraction = parameters[:, own_kind]
        lift[:, own_kind] = average_attraction(attraction, log_area[own_kind]) - attraction
    moves = expected_moves(model, basis.layout, basis.arrivals, parameters)
    own = moves.visits
    # each stand in turn as attractive as the average, or by a little more where it is
    steps = np.where(np.abs(lift[0]) < LEAST_LIFT, LEAST_LIFT, lift[0])
    tried = np.tile(parameters[0], (len(stands), 1))
    tried[np.diag_indices(len(stands))] += steps
    there = expected_moves(model, basis.layout, basis.arrivals, tried).visits.diagonal()
    elasticity = np.log(there / own[0]) / steps
    growth = np.exp(elasticity * lift)
    zone_at = np.flatnonzero([zone.is_stand for zone in basis.layout.zones])
    traffic = expected_passages(
        basis.layout, measure_ways(basis.layout), moves, basis.passing, basis.passing.through
    )[:, zone_at]
    for kind in valued:
        own_kind = np.flatnonzero(kinds == kind)
        growth[:, own_kind] *= _limit_places(
            (growth * own)[:, own_kind], traffic[:, own_kind], log_area[own_kind], basis.location_effect, rng
        )
    values: dict[str, PlaceValue] = {}
    drawn: dict[str, FloatArray] = {}
    for row, name in enumerate(names):
        if kinds[row] not in valued:
            continue
        stops = basis.stops[name]
        # the estimate's misfit at the place is kept; drawn anew it would count the stand's own luck twice
        visits = (stops or float(own[0, row])) * growth[:, row] * own[:, row] / own[0, row]
        drawn[name] = visits
        place = _bound(visits, PLACE_ERROR)
        # a place can be known better than who stands there, of whose visits there may be few
        least = 1.0 / math.sqrt(1.0 + stops)
        values[name] = PlaceValue(
            place,
            UNKNOWN
            if place.value is None
            else _bound(1.0 / growth[:, row], PLACE_ERROR, least, most=math.inf),
        )
    return PlaceValues(values, None, drawn)


def _limit_places(
    there: FloatArray,
    traffic: FloatArray,
    log_area: FloatArray,
    effect: LocationEffect,
    rng: np.random.Generator,
) -> FloatArray:
    """Return the factor by which stops at places follow them less than the model's.

    Args:
        there: stops of an average exhibitor at each place, if all visitors chose on the way, (sets, stands).
        traffic: passages of each, shape (sets, stands).
    """
    noise = rng.standard_normal((2, len(there), 1))
    noise[:, 0] = 0.0
    reach = np.clip(effect.reach + effect.reach_error * noise[0], 0.0, 1.0)
    impulse = np.clip(effect.impulse + effect.impulse_error * noise[1], 0.0, 1.0)
    centred = log_area - log_area.mean()
    logs = np.log(np.maximum(there, 1e-9))
    logs -= logs.mean(axis=1, keepdims=True)
    # what the size does belongs to the exhibitor
    size = (logs @ centred / (centred @ centred + SIZE_PRIOR))[:, None] * centred
    passed = np.log(np.maximum(traffic, 1e-9))
    passed -= passed.mean(axis=1, keepdims=True)
    return np.asarray(np.exp((reach - 1.0) * (logs - size) + impulse * passed), np.float64)


def average_attraction(attraction: FloatArray, log_area: FloatArray) -> FloatArray:
    """Return what stands of each one's size attract on average (Huber's M-estimate, 1964).

    A stand that is far off the others, such as an abandoned one, hardly moves the average.

    Args:
        attraction: shape (sets, stands); the weights are those of the first set.
        log_area: shape (stands,).
    """
    weights = np.ones(len(log_area))
    fitted = np.empty_like(attraction)
    for _ in range(_ROUNDS):
        centred = log_area - np.average(log_area, weights=weights)
        mean = np.average(attraction, axis=1, weights=weights)[:, None]
        slope = (attraction - mean) @ (weights * centred) / (weights @ centred**2 + SIZE_PRIOR)
        fitted = mean + slope[:, None] * centred
        off = np.abs(attraction[0] - fitted[0])
        weights = np.minimum(1.0, _HUBER * np.median(off) / 0.6745 / np.maximum(off, 1e-9))
    return fitted


def compare_places(values: PlaceValues) -> dict[str, Estimate]:
    """Return what each place is worth, 1 for the average place of the hall; unknown ones are left out."""
    if not values.draws:
        return {}
    mean = np.mean(list(values.draws.values()), axis=0)
    worths = {name: _bound(one / mean, PLACE_ERROR) for name, one in values.draws.items()}
    return {name: worth for name, worth in worths.items() if worth.value is not None}


def share_rents(
    values: PlaceValues, rents: Mapping[str, float], areas_m2: Mapping[str, float]
) -> dict[str, tuple[Estimate, Estimate]]:
    """Return the fair rent of each place and the same per m²: the total rent shared by the places' values.

    Args:
        rents: known rents by stand; their sum is shared among these, others pay the same for their value.
        areas_m2: of the stands for which it is asked.
    """
    known = [name for name in values.draws if name in rents]
    total = sum(rents[name] for name in known)
    if not known or total <= 0:
        return {}
    whole = sum((values.draws[name] for name in known), np.zeros(DRAWS + 1))
    fair = {}
    for name in areas_m2.keys() & values.draws.keys():
        one = values.draws[name]
        rent = _bound(total * one / whole, PLACE_ERROR)
        fair[name] = rent, _scale(rent, 1.0 / areas_m2[name])
    return fair


def _bound(values: FloatArray, error: float, least: float = 0.0, *, most: float = MAX_ERROR) -> Estimate:
    """Return the first value with the interval of the others' spread about it; unknown if it is too wide."""
    logs = np.log(values)
    spread = math.hypot(max(least, float(np.sqrt(np.mean((logs[1:] - logs[0]) ** 2)))), error)
    if not spread <= most:
        return UNKNOWN
    low, high = (float(np.exp(logs[0] + sign * _NORMAL_95 * spread)) for sign in (-1, 1))
    return Estimate(float(values[0]), (low, high))


def _scale(estimate: Estimate, factor: float) -> Estimate:
    if estimate.value is None or estimate.interval is None:
        return UNKNOWN
    low, high = estimate.interval
    return Estimate(estimate.value * factor, (low * factor, high * factor))
