from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from analytics.evaluation.stratified_ratio import (
    ClipTotals,
    estimate_ratio,
    estimate_share,
    limit_poisson,
)


def make_totals(
    found: list[float], true: list[float], stratum: list[int], size: list[float], errors: float | None = None
) -> ClipTotals:
    return ClipTotals(np.array(found), np.array(true), np.array(stratum), np.array(size), errors)


def test_the_ratio_weighs_strata_by_their_size() -> None:
    # stratum 0 is nine times as large, with found / true 0.5 in it and 1.0 in the other
    totals = make_totals([5, 5, 10, 10], [10, 10, 10, 10], [0, 0, 1, 1], [90, 10])
    assert estimate_ratio(totals).value == pytest.approx(0.9 * 0.5 + 0.1 * 1.0)


def test_the_interval_is_that_of_the_textbook_for_one_stratum() -> None:
    rng = np.random.default_rng(0)
    true = rng.poisson(10, 30).astype(float)
    found = true + rng.integers(-2, 3, 30)
    score = estimate_ratio(ClipTotals(found, true, np.zeros(30, np.int64), np.array([1e9])))
    assert score.interval is not None
    residual = found - score.value * true
    error = np.sqrt(residual.var(ddof=1) / 30) / true.mean()
    reach = stats.t.ppf(0.975, 29) * error
    assert score.interval == pytest.approx((score.value - reach, score.value + reach), rel=1e-6)


def test_clips_without_an_error_do_not_prove_that_there_is_none() -> None:
    totals = make_totals([10.0] * 6, [10.0] * 6, [0] * 6, [1e9], errors=0)
    score = estimate_ratio(totals)
    assert score.interval is not None
    # of a mean of 3.69 errors, none is seen in one case of forty
    assert score.interval[1] - 1 == pytest.approx(3.689 / 60, rel=1e-3)


def test_nothing_true_gives_no_ratio() -> None:
    assert estimate_ratio(make_totals([1, 0], [0, 0], [0, 0], [9])).value is None


@pytest.mark.parametrize(("events", "limit"), [(0, 3.689), (1, 5.572), (10, 18.39), (100, 121.63)])
def test_poisson_limits_are_those_of_the_tables(events: int, limit: float) -> None:
    assert events + limit_poisson(events) == pytest.approx(limit, abs=0.01)


def test_a_share_has_the_interval_of_wilson() -> None:
    score = estimate_share(hits=81, of=263)
    assert score.interval == pytest.approx((0.2553, 0.3662), abs=5e-4)  # Newcombe 1998, table I
    assert estimate_share(hits=0, of=0).value is None
