from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from analytics.metrics.block_ratio import BlockSettings, make_period_blocks

HOUR = make_period_blocks(period_s=(0.0, 3600.0), observed=None, settings=BlockSettings())


def test_a_period_has_blocks_of_five_minutes_and_a_short_one_of_no_less_than_one() -> None:
    assert len(HOUR.is_observed) == 12
    short = make_period_blocks(period_s=(0.0, 240.0), observed=None, settings=BlockSettings())
    assert np.diff(short.edges_s).tolist() == [60.0] * 4


def test_equal_denominators_give_the_interval_of_a_mean() -> None:
    above = np.array([3.0, 5, 4, 6, 2, 4, 5, 3, 4, 6, 5, 1])
    estimate = HOUR.divide(above, np.full(12, 10.0))
    mean = stats.ttest_1samp(above / 10, 0.0)
    low, high = mean.confidence_interval(0.95)
    assert estimate.value == pytest.approx(above.mean() / 10)
    assert estimate.interval == pytest.approx((low, high))


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    random = np.random.default_rng(4)
    held = 0
    for _ in range(400):
        below = random.poisson(30, 12).astype(float)
        estimate = HOUR.divide(random.binomial(below.astype(int), 0.4).astype(float), below)
        assert estimate.interval is not None
        held += estimate.interval[0] <= 0.4 <= estimate.interval[1]
    assert 0.92 <= held / 400 <= 0.98


def test_unobserved_blocks_do_not_narrow_the_interval() -> None:
    half = make_period_blocks(
        period_s=(0.0, 3600.0), observed=np.array([[0.0, 1800.0]]), settings=BlockSettings()
    )
    above = np.array([3.0, 5, 4, 6, 2, 4, 0, 0, 0, 0, 0, 0])
    below = np.array([10.0] * 6 + [0.0] * 6)
    assert half.is_observed.tolist() == [True] * 6 + [False] * 6
    seen, whole = half.divide(above, below), HOUR.divide(above, below)
    assert seen.interval is not None
    assert whole.interval is not None
    assert seen.value == whole.value == pytest.approx(0.4)
    assert np.diff(seen.interval) > np.diff(whole.interval)


def test_shares_of_zero_and_one_keep_an_interval() -> None:
    below = np.full(12, 10.0)
    # Wilson's limits of 12 in 12, and of none
    reach = 1.959964**2 / (12 + 1.959964**2)
    everybody, nobody = (HOUR.divide(above, below, high=1.0) for above in (below, 0 * below))
    assert (everybody.value, nobody.value) == (1.0, 0.0)
    assert everybody.interval == pytest.approx((1 - reach, 1.0))
    assert nobody.interval == pytest.approx((0.0, reach))
    # where one block has nearly all, it is hardly more than one
    uneven = np.array([500.0, *[1.0] * 11])
    assert HOUR.divide(uneven, uneven, high=1.0).interval == pytest.approx((0.21, 1.0), abs=0.02)
    # what is no share stays as it is
    assert HOUR.divide(0 * below, below).interval == (0.0, 0.0)


def test_a_zero_denominator_gives_no_estimate() -> None:
    estimate = HOUR.divide(np.zeros(12), np.zeros(12))
    assert (estimate.value, estimate.interval) == (None, None)


def test_seconds_and_moments_fall_into_their_blocks() -> None:
    assert HOUR.count(np.array([0.0, 299.9, 300.0, 3600.0])).tolist() == [2, 1] + [0] * 9 + [1]
    assert HOUR.sum_overlap(np.array([[200.0, 700.0]])).tolist() == pytest.approx([100, 300, 100] + [0] * 9)
