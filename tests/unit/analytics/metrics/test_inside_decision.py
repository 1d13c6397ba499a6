"""Who is inside, computed quickly, is the same as gone through row by row."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.metrics.inside_decision import add_up
from analytics.metrics.row_blocks import RowBlocks

SQUARE = ((2.0, 2.0), (5.0, 2.0), (5.0, 4.0), (2.0, 4.0))


def add_up_plainly(odds: np.ndarray, start: np.ndarray, cost: float) -> list[float]:
    """The recursion as it is defined."""
    scores: list[float] = []
    for value, begin in zip(odds.tolist(), start.tolist(), strict=True):
        before = min(max(scores[-1], -cost), cost) if np.isnan(begin) else begin
        scores.append(before + value)
    return scores


@pytest.mark.parametrize("largest", [0.4, 1.2, 3.0])
def test_scores_are_those_of_the_recursion(largest: float) -> None:
    rng = np.random.default_rng(3)
    for length in rng.integers(1, 300, 60).tolist():
        odds = np.clip(np.cumsum(rng.normal(0, 0.5, length)), -largest, largest)
        odds[rng.random(length) < 0.1] = 0.0
        start = np.where(rng.random(length) < 0.04, rng.choice([-2.0, 0.0], length), np.nan)
        start[0] = 0.0
        assert add_up(odds, start, 2.0).tolist() == add_up_plainly(odds, start, 2.0)


def test_rows_near_a_zone_are_found_by_their_own_reach() -> None:
    rng = np.random.default_rng(4)
    for count in (1, 15, 16, 17, 500):
        x_m, y_m = np.cumsum(rng.normal(0, 0.3, (2, count)), axis=1) + np.array([[1.0], [3.0]])
        sigma_m = rng.gamma(1.0, 0.3, count)
        reach_m = np.maximum(0.2, 2.0 * sigma_m)
        expected = np.flatnonzero(
            (x_m >= 2 - reach_m) & (x_m <= 5 + reach_m) & (y_m >= 2 - reach_m) & (y_m <= 4 + reach_m)
        )
        blocks = RowBlocks(x_m=x_m, y_m=y_m, sigma_m=sigma_m)
        near = blocks.find_near(SQUARE, smallest_reach_m=0.2, reach_sigmas=2.0)
        assert near.tolist() == expected.tolist()
    nobody = RowBlocks(x_m=np.empty(0), y_m=np.empty(0), sigma_m=np.empty(0))
    assert not len(nobody.find_near(SQUARE, smallest_reach_m=1.0, reach_sigmas=2.0))
