from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from analytics.comparison.block_effects import (
    adjust_p_values,
    estimate_block_effect,
    estimate_control_effect,
)

BEFORE = np.array([40.0, 44.0, 39.0, 46.0])
AFTER = np.array([55.0, 61.0, 50.0, 58.0, 64.0])


def test_days_are_compared_by_welchs_t_test_on_logarithms() -> None:
    effect = estimate_block_effect([BEFORE], [AFTER])
    expected = stats.ttest_ind(np.log(AFTER), np.log(BEFORE), equal_var=False)
    assert effect is not None
    assert effect.p_value == pytest.approx(expected.pvalue)
    assert effect.degrees_of_freedom == pytest.approx(expected.df)
    assert np.log(effect.interval) == pytest.approx(expected.confidence_interval(0.95))
    assert effect.ratio == pytest.approx(stats.gmean(AFTER) / stats.gmean(BEFORE))


def test_the_permutation_test_enumerates_all_exchanges() -> None:
    effect = estimate_block_effect([BEFORE], [AFTER])
    assert effect is not None
    # every day after is longer than every day before: of the 126 ways one more differs so
    assert effect.permutation_p == pytest.approx(2 / 126)
    assert effect.smallest_permutation_p == pytest.approx(1 / 126)
    mixed = estimate_block_effect([np.array([1.0, 4.0])], [np.array([2.0, 8.0])])
    assert mixed is not None
    values = np.log([1.0, 4.0, 2.0, 8.0])
    ways = [values.sum() / 2 - values[list(pair)].sum() for pair in itertools.combinations(range(4), 2)]
    assert mixed.permutation_p == pytest.approx(np.mean(np.abs(ways) >= math.log(2) - 1e-9))


def test_sampled_permutations_agree_with_the_t_test() -> None:
    random = np.random.default_rng(5)
    one, two = np.exp(random.normal(0, 0.1, 14)), np.exp(random.normal(0.05, 0.1, 14))
    effect = estimate_block_effect([one], [two])
    assert effect is not None
    assert effect.permutation_p == pytest.approx(effect.p_value, abs=0.02)


def test_differences_between_parts_of_the_day_are_not_noise() -> None:
    mornings = [np.array([20.0, 21.0]), np.array([30.0, 31.0])]
    afternoons = [mornings[0] * 4, mornings[1] * 4]
    halves = estimate_block_effect([mornings[0], afternoons[0]], [mornings[1], afternoons[1]])
    assert halves is not None
    assert halves.ratio == pytest.approx(math.sqrt(30 * 31 / (20 * 21)))
    assert halves.interval[0] > 1.3
    mixed = estimate_block_effect(
        [np.concatenate([mornings[0], afternoons[0]])], [np.concatenate([mornings[1], afternoons[1]])]
    )
    assert mixed is not None
    assert mixed.interval[0] < 1.0


def test_two_blocks_of_each_part_are_needed() -> None:
    assert estimate_block_effect([BEFORE], [AFTER[:1]]) is None
    assert estimate_block_effect([BEFORE, BEFORE[:1]], [AFTER, AFTER]) is None
    assert estimate_block_effect([], []) is None


def test_blocks_without_any_difference_show_no_change() -> None:
    same = np.full(4, 7.0)
    effect = estimate_block_effect([same], [same])
    assert effect is not None
    assert (effect.ratio, effect.p_value, effect.permutation_p) == (1.0, 1.0, 1.0)


def test_the_smallest_detectable_change_has_80_percent_power() -> None:
    random = np.random.default_rng(2)
    noticed, found = [], 0
    for _ in range(80):
        one = np.exp(random.normal(0, 0.1, 8))
        effect = estimate_block_effect([one], [np.exp(random.normal(0, 0.1, 8))])
        assert effect is not None
        noticed.append(math.log(effect.min_detectable_ratio))
        shifted = estimate_block_effect([one], [np.exp(random.normal(0.151, 0.1, 8))])
        assert shifted is not None
        found += shifted.p_value <= 0.05
    # 0.151 is what a two-sided t test of 8 and 8 with a deviation of 0.1 finds at a power of 0.8
    assert np.median(noticed) == pytest.approx(0.151, rel=0.08)
    assert found / 80 == pytest.approx(0.8, abs=0.12)


def test_changes_shared_with_unchanged_zones_cancel() -> None:
    others = np.array([0.18, 0.22, 0.20, 0.19, 0.21])
    visits = np.full(5, 100.0)
    as_all = estimate_control_effect(0.2, visits=100, control_changes=others, control_visits=visits)
    more = estimate_control_effect(0.5, visits=100, control_changes=others, control_visits=visits)
    assert as_all is not None
    assert more is not None
    assert as_all.p_value > 0.9
    assert more.ratio == pytest.approx(math.exp(0.3))
    assert more.permutation_p == more.smallest_permutation_p == pytest.approx(1 / 6)
    reach = stats.t.ppf(0.975, 4) * others.std(ddof=1) * math.sqrt(1 + 1 / 5)
    assert np.log(more.interval) == pytest.approx([0.3 - reach, 0.3 + reach])


def test_few_visits_widen_the_interval() -> None:
    others = np.array([0.18, 0.22, 0.20, 0.19, 0.21])
    rare, often = (
        estimate_control_effect(0.25, visits=n, control_changes=others, control_visits=np.full(5, 100.0))
        for n in (25.0, 400.0)
    )
    assert rare is not None
    assert often is not None
    assert rare.interval[1] - rare.interval[0] > 1.5 * (often.interval[1] - often.interval[0])


def test_three_unchanged_zones_are_too_few() -> None:
    assert (
        estimate_control_effect(0.2, visits=9, control_changes=np.zeros(3), control_visits=np.ones(3)) is None
    )


def test_p_values_are_adjusted_over_all_comparisons() -> None:
    assert adjust_p_values([0.01, 0.04, 0.5]) == pytest.approx((0.03, 0.06, 0.5))
    assert adjust_p_values([]) == ()
