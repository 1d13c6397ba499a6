"""Fast decisions about who is inside against decisions row by row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.dwell.visits import InsideDecision, accumulate_scores
from analytics.metrics.presence import order_by_person
from analytics.metrics.row_blocks import RowBlocks
from tests.support.halls.known_crowd import make_track_table

SQUARE = ((2.0, 2.0), (5.0, 2.0), (5.0, 4.0), (2.0, 4.0))


def add_up_plainly(odds: np.ndarray, start: np.ndarray, cost: float) -> list[float]:
    """Compute the recursion as it is defined."""
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
        assert accumulate_scores(odds, start, 2.0).tolist() == add_up_plainly(odds, start, 2.0)


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
        near = blocks.find_near(SQUARE, min_reach_m=0.2, reach_sigmas=2.0)
        assert near.tolist() == expected.tolist()
    nobody = RowBlocks(x_m=np.empty(0), y_m=np.empty(0), sigma_m=np.empty(0))
    assert not len(nobody.find_near(SQUARE, min_reach_m=1.0, reach_sigmas=2.0))


def test_blockwise_and_rowwise_decisions_are_equal() -> None:
    rng = np.random.default_rng(5)
    tables = []
    for person in range(60):
        count = int(rng.integers(20, 400))
        # stands and walks in turn, often for longer than a block of rows
        pace_m = np.repeat(rng.choice([0.0, 0.02, 0.3], count // 20 + 1), 20)[:count, None]
        x_m, y_m = (rng.uniform((1, 1), (6, 5)) + np.cumsum(rng.normal(0, 1, (count, 2)) * pace_m, axis=0)).T
        steps_s = rng.choice([0.2, 0.2, 0.2, 0.2, 1.0, 30.0], count, p=[0.3, 0.3, 0.2, 0.17, 0.02, 0.01])
        sigma_m = rng.choice([0.05, 0.15, 0.3], count, p=[0.5, 0.45, 0.05])
        tables.append(
            make_track_table(
                time_s=np.cumsum(steps_s), tracklet=[person] * count, x_m=x_m, y_m=y_m, sigma_m=sigma_m
            )
        )
    rows = order_by_person(tracks=pd.concat(tables, ignore_index=True), longest_gap_s=10.0)
    decision = InsideDecision(rows=rows, min_sigma_m=0.125, sigma_factor=1.0, evidence_s=1.5)
    first, last = decision.find_runs(SQUARE)
    # a dent of a nanometre makes the square no convex polygon, of which no block is sure
    dented = (*SQUARE[:2], (5.0 - 1e-9, 3.0), *SQUARE[2:])
    plain_first, plain_last = decision.find_runs(dented)
    assert first.tolist() == plain_first.tolist()
    assert last.tolist() == plain_last.tolist()
    assert (last - first).max() > 100
