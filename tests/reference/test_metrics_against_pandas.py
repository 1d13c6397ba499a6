"""Visits, dwell, occupancy, moves and heatmap against the same rules in plain pandas."""

from __future__ import annotations

import pytest

from benchmarks.analytics import compute_ours, find_differences
from benchmarks.baselines.pandas_metrics import Figures, compute_by_pandas
from benchmarks.walked_tracks import make_tracks

POINTS = 40_000


@pytest.fixture(scope="module")
def ours() -> Figures:
    return compute_ours(make_tracks(POINTS))


def test_both_find_the_same(ours: Figures) -> None:
    assert find_differences(ours, compute_by_pandas(make_tracks(POINTS))) == []
    # cut at a start and at an end, by a lost track, and not cut at all
    censored = ours.visits[["censored_start", "censored_end"]]
    assert {tuple(row) for row in censored.to_numpy().tolist()} >= {(0, 0), (0, 1), (1, 0)}
