"""Metrics of a known crowd against estimates from its broken, noisy tracks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from analytics.dwell.visits import VisitSettings
from analytics.results.summary import compute_results
from tests.support.halls.known_crowd import STAND, break_tracks, make_crowd
from tests.support.oracles import compute_visits

HOUR_S = 3600.0
SEEDS = (1, 2, 3)


@dataclass(frozen=True)
class Truth:
    exact: pd.DataFrame
    visits: int
    mean_s: float
    median_s: float
    p90_s: float
    person_seconds: float


@pytest.fixture(scope="module")
def truths() -> dict[int, Truth]:
    known = {}
    for seed in SEEDS:
        exact = make_crowd(seed=seed)
        visits = compute_visits(tracks=exact, zones=[STAND], spans=None, settings=VisitSettings())
        seconds = visits["seconds"]
        known[seed] = Truth(
            exact, len(visits), seconds.mean(), seconds.median(), seconds.quantile(0.9), seconds.sum()
        )
    return known


def compare(
    truths: dict[int, Truth], *, break_every_s: float, stitched_share: float | None
) -> dict[str, float]:
    """Return the ratios of result to truth, averaged over the seeds, and how often intervals hold it."""
    ratios: dict[str, list[float]] = {}
    for seed, truth in truths.items():
        tracks = break_tracks(
            truth.exact, seed=seed + 100, break_every_s=break_every_s, stitched_share=stitched_share
        )
        results = compute_results(tracks=tracks, spans=None, zones=[STAND], lines=[], duration_s=HOUR_S)
        zone = results.summary["zones"]["stand"]
        for name, expected in (
            ("visits", truth.visits),
            ("mean_dwell_s", truth.mean_s),
            ("median_dwell_s", truth.median_s),
            ("p90_dwell_s", truth.p90_s),
            ("person_seconds", truth.person_seconds),
        ):
            ratios.setdefault(name, []).append(zone[name] / expected)
        for name, expected in (
            ("visits_interval", truth.visits),
            ("mean_dwell_interval_s", truth.mean_s),
            ("median_dwell_interval_s", truth.median_s),
        ):
            held = ratios.setdefault(name, [])
            if zone[name] is not None:
                low, high = zone[name]
                held.append(float(low <= expected <= high))
    return {name: float(np.mean(values)) for name, values in ratios.items() if values}


@pytest.mark.parametrize("break_every_s", [10.0, 20.0, 60.0])
def test_stitched_tracks_reproduce_the_true_metrics(truths: dict[int, Truth], break_every_s: float) -> None:
    ratios = compare(truths, break_every_s=break_every_s, stitched_share=1.0)
    for name in ("visits", "mean_dwell_s", "median_dwell_s", "person_seconds"):
        assert ratios[name] == pytest.approx(1.0, abs=0.05), name
    assert ratios["p90_dwell_s"] == pytest.approx(1.0, abs=0.10)
    assert ratios["visits_interval"] == ratios["mean_dwell_interval_s"] == 1.0
    assert ratios["median_dwell_interval_s"] == 1.0


@pytest.mark.parametrize("break_every_s", [20.0, 60.0])
def test_where_tracks_stay_broken_the_intervals_hold_the_truth_or_are_not_given(
    truths: dict[int, Truth], break_every_s: float
) -> None:
    ratios = compare(truths, break_every_s=break_every_s, stitched_share=0.9)
    assert ratios["visits"] > 1.02
    assert ratios["person_seconds"] == pytest.approx(1.0, abs=0.05)
    held = {name: value for name, value in ratios.items() if name.endswith(("_interval", "_interval_s"))}
    assert len(held) == 3 or break_every_s < 60.0
    assert set(held.values()) == {1.0}
