"""Visits, dwell, occupancy, moves and the heatmap are those of the same rules written plainly with pandas."""

from __future__ import annotations

from dataclasses import replace

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


@pytest.mark.parametrize("name", ["dwell_s", "people", "person_seconds", "density"])
def test_a_difference_of_a_figure_is_noticed(ours: Figures, name: str) -> None:
    changed = replace(ours, **{name: getattr(ours, name) + 1e-3})
    assert find_differences(ours, changed) == [name]


def test_a_difference_of_a_visit_is_noticed(ours: Figures) -> None:
    later = ours.visits.assign(left_s=ours.visits["left_s"] + 1e-3)
    assert len(find_differences(ours, replace(ours, visits=later))) == 1
    assert len(find_differences(ours, replace(ours, visits=ours.visits.iloc[1:]))) == 1
