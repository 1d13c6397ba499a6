"""Numbers of a crowd that is known exactly against what is estimated from its broken, noisy tracks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from analytics.dwell.visits import EXACT_VISITS, VisitSettings, compute_stays, compute_visits
from analytics.reports.summary import MetricSettings, compute_results
from tests.support.halls.known_crowd import STAND, break_tracks, make_crowd

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
    """Ratio of estimate to truth, averaged over the seeds."""
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
            ("mean_dwell_visits_s", truth.mean_s),
            ("median_dwell_s", truth.median_s),
            ("p90_dwell_s", truth.p90_s),
            ("person_seconds", truth.person_seconds),
        ):
            value = zone[name]
            ratios.setdefault(name, []).append(np.nan if value is None else value / expected)
        low, high = zone["mean_dwell_interval_s"]
        ratios.setdefault("is_in_interval", []).append(float(low <= truth.mean_s <= high))
    return {name: float(np.mean(values)) for name, values in ratios.items()}


@pytest.mark.parametrize("break_every_s", [10.0, 20.0, 60.0])
def test_broken_and_mostly_mended_tracks_give_the_numbers_of_the_truth(
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
    assert ratios["person_seconds"] == pytest.approx(1.0, abs=0.05)


def test_the_mean_of_track_pieces_would_be_wrong_by_half(truths: dict[int, Truth]) -> None:
    truth = truths[SEEDS[0]]
    tracks = break_tracks(truth.exact, seed=5, break_every_s=20.0, stitched_share=None)
    pieces = compute_visits(tracks=tracks, zones=[STAND], spans=None, settings=VisitSettings())
    assert pieces["seconds"].mean() < 0.6 * truth.mean_s
    assert len(pieces) > 1.5 * truth.visits


def test_exact_tracks_give_the_exact_count_and_mean(truths: dict[int, Truth]) -> None:
    truth = truths[SEEDS[0]]
    results = compute_results(
        tracks=truth.exact,
        spans=None,
        zones=[STAND],
        lines=[],
        duration_s=HOUR_S,
        settings=MetricSettings(visits=EXACT_VISITS),
    )
    zone = results.summary["zones"]["stand"]
    assert zone["visits"] == truth.visits
    assert zone["visits_interval"][0] < truth.visits < zone["visits_interval"][1]
    assert zone["person_seconds"] == pytest.approx(truth.person_seconds, abs=0.01)
    assert zone["mean_dwell_s"] == pytest.approx(truth.mean_s, rel=0.02)
    assert zone["median_dwell_s"] == pytest.approx(truth.median_s, abs=1.0)
    assert zone["tracking_loss_per_s"] == 0.0
    assert zone["estimates_disagree"] is False
