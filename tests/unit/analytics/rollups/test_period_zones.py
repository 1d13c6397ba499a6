"""Distributions of days mixed by their visits."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.dwell.dwell_distribution import DwellDistribution
from analytics.rollups.period_zones import mix_distributions, read_distribution


def make(shares: dict[int, float], known_to_s: float) -> DwellDistribution:
    probability = np.zeros(max(shares) + 1)
    for cell, share in shares.items():
        probability[cell] = share
    return DwellDistribution(probability, known_to_s)


def test_the_median_of_days_is_that_of_all_their_visits() -> None:
    short, long = make({10: 1.0}, 11.0), make({100: 1.0}, 101.0)
    mostly_short = mix_distributions([short, long], np.array([3.0, 1.0]))
    mostly_long = mix_distributions([short, long], np.array([1.0, 3.0]))
    assert mostly_short is not None
    assert mostly_long is not None
    assert mostly_short.mean_s() == pytest.approx(0.75 * 10.5 + 0.25 * 100.5)
    assert mostly_short.quantile_s(0.5) == pytest.approx(10 + 2 / 3)
    assert mostly_long.quantile_s(0.5) == pytest.approx(100 + 1 / 3)
    assert mostly_long.known_to_s == 101.0


def test_a_quantile_is_unknown_beyond_the_least_known_day() -> None:
    known = make({10: 0.5, 100: 0.5}, 101.0)
    cut = make({10: 0.5, 200: 0.5}, 11.0)
    mixed = mix_distributions([known, cut], np.array([1.0, 1.0]))
    assert mixed is not None
    assert mixed.known_to_s == 11.0
    assert mixed.quantile_s(0.4) == pytest.approx(10.8)
    # half are over before 11 s; when the next one is, is open
    assert mixed.quantile_s(0.5) is None


def test_no_visits_have_no_distribution() -> None:
    assert mix_distributions([], np.empty(0)) is None
    assert mix_distributions([make({1: 1.0}, 2.0)], np.zeros(1)) is None
    assert read_distribution((), (), float("nan")) is None


def test_a_kept_distribution_is_the_one_that_was() -> None:
    read = read_distribution((3.0, 40.0), (0.25, 0.75), 41.0)
    assert read is not None
    np.testing.assert_allclose(read.probability, make({3: 0.25, 40: 0.75}, 41.0).probability)
