from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from analytics.dwell.visit_lengths import add_lengths, count_lengths, find_quantile_s, trace_survival


def count(*seconds: float) -> np.ndarray:
    return count_lengths(np.array(seconds, np.float64))


def test_a_frames_rounding_does_not_move_a_visit_into_the_cell_below() -> None:
    assert count(2.9999999, 3.0, 3.9).tolist() == [0.0, 0.0, 0.0, 3.0]
    assert not len(count())


@pytest.mark.parametrize(
    ("seconds", "expected_s"),
    [
        ((4.5, 8.5, 20.5), 8.5),
        ((4.5, 8.5, 20.5, 40.5), 15.0),
        ((13.7, 22.1, 19.8, 12.2, 27.7, 12.4), 16.5),
        ((8.5, 8.5), 8.5),
    ],
)
def test_the_median_is_that_of_the_list_to_half_a_second(
    seconds: tuple[float, ...], expected_s: float
) -> None:
    found = find_quantile_s(count(*seconds), 0.5)
    assert found == pytest.approx(np.median(seconds), abs=0.51)
    assert found == pytest.approx(expected_s, abs=0.51)


def test_quantiles_agree_with_numpys_within_a_cell() -> None:
    seconds = np.random.default_rng(4).exponential(60.0, 4000)
    for share in (0.1, 0.5, 0.9, 0.99):
        assert find_quantile_s(count_lengths(seconds), share) == pytest.approx(
            np.quantile(seconds, share), abs=2.0
        )
    assert find_quantile_s(np.zeros(5), 0.5) is None


def test_the_curve_passes_through_the_quantiles_and_ends_at_zero() -> None:
    counts = count(*np.random.default_rng(6).exponential(30.0, 150) + 3.0)
    curve = trace_survival(count=counts, minimum_stay_s=3.0)
    assert curve is not None
    for quantile in (0.5, 0.9):
        at_s = find_quantile_s(counts, quantile)
        assert at_s is not None
        assert np.interp(at_s, curve.at_s, curve.share) == pytest.approx(1 - quantile, abs=1e-9)
    assert (curve.at_s[0], curve.share[0], curve.share[-1]) == (3.0, 1.0, 0.0)
    assert ((curve.low <= curve.share + 1e-9) & (curve.share <= curve.high + 1e-9)).all()


def test_the_interval_is_wilsons() -> None:
    curve = trace_survival(count=count(*np.arange(3.5, 13.0)), minimum_stay_s=3.0)
    assert curve is not None
    at = int(np.flatnonzero(curve.at_s == 8.0)[0])
    expected = stats.binomtest(5, 10).proportion_ci(method="wilson")
    assert (curve.share[at], curve.low[at], curve.high[at]) == pytest.approx(
        (0.5, expected.low, expected.high)
    )


def test_at_risk_are_visits_that_last_so_long() -> None:
    curve = trace_survival(count=count(5.0, 9.0, 9.0, 20.0), minimum_stay_s=3.0)
    assert curve is not None
    assert [curve.count_at_risk(at_s) for at_s in (0.0, 5.0, 6.0, 20.0, 21.0)] == [4, 4, 3, 1, 0]
    assert trace_survival(count=count(), minimum_stay_s=3.0) is None


def test_lengths_of_zones_add_up() -> None:
    assert add_lengths([np.ones(3), np.ones(5)]).tolist() == [2, 2, 2, 1, 1]
    assert not len(add_lengths([]))
