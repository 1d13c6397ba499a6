"""Estimates from itineraries that break at random on the way."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.domain.arrays import FloatArray
from analytics.forecast.choice_model import fit_choice_model
from analytics.forecast.itineraries import Itineraries, measure_losses
from analytics.forecast.layout import measure_ways
from analytics.forecast.location_effect import GROUPS, Marks, expect_share
from tests.support.halls.choosing_visitors import STANDS, make_rows, walk
from tools.layout_truth.broken_tracks import break_itineraries

WALKING_PER_S, STAYING_PER_S = 0.02, 0.004
BETA_PER_M = 0.12


def break_whole(whole: Itineraries) -> Itineraries:
    rng = np.random.default_rng(7)
    return break_itineraries(whole, rng, walking_per_s=WALKING_PER_S, staying_per_s=STAYING_PER_S)


def test_the_resistance_of_a_metre_comes_back_from_tracks_that_break_on_the_way() -> None:
    layout = make_rows()
    whole = walk(layout, visitors=3000, seed=1, beta=BETA_PER_M).itineraries
    broken = break_whole(whole)
    assert np.mean(broken.is_start_seen) < 0.5
    walking_per_s, staying_per_s = measure_losses(broken)
    assert walking_per_s == pytest.approx(WALKING_PER_S, rel=0.1)
    assert staying_per_s == pytest.approx(STAYING_PER_S, rel=0.1)
    model = fit_choice_model(broken, layout)
    error: FloatArray = np.sqrt(np.diag(model.covariance))[STANDS:]
    assert model.beta_per_m == pytest.approx(BETA_PER_M, abs=2 * error[0])
    biased_per_m = model.beta_per_m + walking_per_s / model.walking_m_s
    assert biased_per_m > BETA_PER_M + 4 * error[0]
    assert measure_losses(whole) == (0.0, 0.0)


def test_stands_far_apart_share_as_many_visitors_when_tracks_break_on_the_way() -> None:
    layout = make_rows()
    whole = walk(layout, visitors=3000, seed=3, listed=5).itineraries
    broken = break_whole(whole)
    is_far = measure_ways(layout).distance_m[:STANDS, :STANDS] > 25.0

    def count(itineraries: Itineraries) -> tuple[float, float]:
        pairs, _ = Marks(itineraries, list(whole.zones)).count_pairs(np.arange(len(itineraries)) % GROUPS)
        stops = pairs.sum(axis=0)[0]
        return float(stops.sum()), float(stops[is_far].sum())

    assert count(broken) == pytest.approx(count(whole), rel=0.1)


def test_a_share_that_a_small_hall_hardly_shows_is_neither_none_nor_all() -> None:
    assert expect_share(0.3, 0.02) == pytest.approx((0.3, 0.02), abs=0.001)
    for found in (4.8, -4.8):
        mean, error = expect_share(found, 6.0)
        assert 0.3 < mean < 0.7
        assert error > 0.25
