"""Values of places in halls drawn at random."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from analytics.places.choice_basis import ChoiceBasis
from analytics.places.location_effect import LocationEffect
from analytics.places.place_value import (
    FEW_STANDS,
    NO_RESISTANCE,
    compare_places,
    estimate_place_values,
    refuse,
    share_rents,
)
from benchmarks.place_values import Hall, draw_hall, name_stands, observe, simulate_day

VISITORS = 1500


@cache
def _hall() -> Hall:
    return draw_hall(3)


@cache
def _basis() -> ChoiceBasis:
    return observe(_hall(), simulate_day(_hall(), visitors=VISITORS, seed=1))


def test_the_value_of_a_place_follows_the_planted_one_and_rents_add_up() -> None:
    hall, basis = _hall(), _basis()
    found = estimate_place_values(basis)
    assert found.refusal is None
    areas = np.array([one.area for one in hall.outlines])
    near = np.array([found.values[name].visits.value or 0.0 for name in name_stands(hall)])
    # an average exhibitor's visits in the truth, for the three cheapest and the three dearest places
    order = np.argsort(near)
    truth = []
    for stand in (*order[:3], *order[-3:]):
        attraction = hall.attraction.copy()
        attraction[stand] = hall.attraction[np.abs(areas - areas[stand]) < 1].mean()
        day = simulate_day(replace(hall, attraction=attraction), visitors=6000, seed=9)
        truth.append((day.stand == stand).mean() * len(day.stand) / 6000 * VISITORS)
    assert max(truth[:3]) < min(truth[3:])
    for stand, true in zip((*order[:3], *order[-3:]), truth, strict=True):
        low, high = found.values[f"stand {stand}"].visits.interval or (0.0, 0.0)
        assert 0.9 * low < true < 1.1 * high
    worths = compare_places(found)
    assert sorted(worths, key=lambda name: worths[name].value or 0.0) == [
        f"stand {number}" for number in order
    ]
    assert np.mean([one.value for one in worths.values()]) == pytest.approx(1.0)
    rents = {f"stand {number}": 1000.0 for number in range(4)}
    fair = share_rents(found, rents, dict(zip(name_stands(hall), areas.tolist(), strict=True)))
    assert sum(fair[name][0].value or 0.0 for name in rents) == pytest.approx(4000.0)
    for name in rents:
        low, high = fair[name][0].interval or (0.0, 0.0)
        assert low < (fair[name][0].value or 0.0) < high


def test_places_are_not_told_apart_without_enough_stands_or_where_ways_do_not_matter() -> None:
    basis = _basis()
    few = replace(basis, layout=replace(basis.layout, zones=basis.layout.zones[:11]))
    assert estimate_place_values(few).refusal == refuse(FEW_STANDS).refusal
    indifferent = replace(basis, model=replace(basis.model, beta_per_m=0.0))
    assert estimate_place_values(indifferent).refusal == refuse(NO_RESISTANCE).refusal


def test_places_differ_less_where_visitors_come_with_lists() -> None:
    basis = _basis()
    listed = replace(basis, location_effect=LocationEffect(reach=0.0, impulse=0.0))
    spreads = []
    for one in (basis, listed):
        values = estimate_place_values(one).values
        booths = [values[stand.name].visits.value or 1.0 for stand in basis.layout.stands]
        spreads.append(float(np.log(booths).std()))
    # only what the size does is left where visitors come with lists
    assert spreads[1] < 0.5 * spreads[0]
