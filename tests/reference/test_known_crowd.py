"""Metrics of a known crowd against estimates from its broken, noisy tracks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from analytics.dwell.visits import compute_stays
from analytics.results.summary import compute_results
from tests.support.halls.known_crowd import STAND, break_tracks, make_crowd
from tests.support.oracles import EXACT_VISITS, compute_visits

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
        visits = compute_visits(tracks=exact, zones=[STAND], spans=None, settings=EXACT_VISITS)
        stays = compute_stays(tracks=exact, zones=[STAND], spans=None, settings=EXACT_VISITS)
        whole = visits[(visits["censored_start"] == 0) & (visits["censored_end"] == 0)]["seconds"]
        known[seed] = Truth(
            exact, len(visits), whole.mean(), whole.median(), whole.quantile(0.9), stays["seconds"].sum()
        )
    return known


def compare(
    truths: dict[int, Truth], *, break_every_s: float, stitched_share: float | None
) -> dict[str, float]:
    """Return the ratios of estimate to truth, averaged over the seeds."""
    ratios: dict[str, list[float]] = {}
    for seed, truth in truths.items():
        tracks = break_tracks(
            truth.exact, seed=seed + 100, break_every_s=break_every_s, stitched_share=stitched_share
        )
        results = compute_results(tracks=tracks, spans=None, zones=[STAND], lines=[], duration_s=HOUR_S)
        zone = results.summary["zones"]["stand"]
        tracked = compute_stays(tracks=tracks, zones=[STAND], spans=None, settings=EXACT_VISITS)
        ratios.setdefault("tracked", []).append(tracked["seconds"].sum() / truth.person_seconds)
        for name, expected in (
            ("visits", truth.visits),
            ("mean_dwell_s", truth.mean_s),
            ("mean_dwell_visits_s", truth.mean_s),
            ("median_dwell_s", truth.median_s),
            ("p90_dwell_s", truth.p90_s),
            ("person_seconds", truth.person_seconds),
        ):
            value = {**zone, **zone["experts"]}[name]
            ratios.setdefault(name, []).append(np.nan if value is None else value / expected)
        low, high = zone["mean_dwell_interval_s"]
        ratios.setdefault("is_in_interval", []).append(float(low <= truth.mean_s <= high))
    return {name: float(np.mean(values)) for name, values in ratios.items()}


@pytest.mark.parametrize("break_every_s", [10.0, 20.0, 60.0])
def test_mostly_stitched_tracks_reproduce_the_true_metrics(
    truths: dict[int, Truth], break_every_s: float
) -> None:
    ratios = compare(truths, break_every_s=break_every_s, stitched_share=0.9)
    for name in ("visits", "mean_dwell_s", "median_dwell_s", "person_seconds"):
        assert ratios[name] == pytest.approx(1.0, abs=0.05), name
    assert ratios["mean_dwell_visits_s"] == pytest.approx(1.0, abs=0.05)
    assert ratios["p90_dwell_s"] == pytest.approx(1.0, abs=0.10)
    assert ratios["is_in_interval"] == 1.0


def test_without_any_re_identification_mean_and_count_still_hold(truths: dict[int, Truth]) -> None:
    ratios = compare(truths, break_every_s=20.0, stitched_share=None)
    assert ratios["mean_dwell_s"] == pytest.approx(1.0, abs=0.05)
    assert ratios["visits"] == pytest.approx(1.0, abs=0.05)
    # the integral of the occupancy: time between two pieces of a track, in which nobody was seen, is missing
    assert ratios["person_seconds"] == pytest.approx(ratios["tracked"], abs=0.01)
