"""Row order by person and time, and the median step, against plain computations."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.metrics.presence import Identity, find_long_steps, find_median_step, order_rows
from tests.support.halls.known_crowd import make_track_table


def make_rows(persons: int, rows: int, seed: int) -> pd.DataFrame:
    """Make rows of random persons on a coarse grid of time, so that many share person and time."""
    rng = np.random.default_rng(seed)
    tracks = make_track_table(
        time_s=rng.integers(0, 50, rows) * 0.2,
        tracklet=rng.integers(0, persons, rows),
        x_m=rng.normal(0, 9, rows),
        y_m=rng.normal(0, 9, rows),
        sigma_m=rng.choice([0.1, 0.2, 0.4, np.nan, np.inf], rows),
    )
    tracks.loc[rng.random(rows) < 0.01, "x_m"] = np.nan
    return tracks


@pytest.mark.parametrize("is_in_time_order", [True, False])
@pytest.mark.parametrize("persons", [1, 7, 300])
def test_the_most_certain_row_per_person_and_time_is_kept(persons: int, is_in_time_order: bool) -> None:
    tracks = make_rows(persons, 3000, seed=persons)
    if not is_in_time_order:
        tracks = tracks.sample(frac=1, random_state=1, ignore_index=True)
    expected = tracks.assign(
        sigma_m=tracks["sigma_m"].where(np.isfinite(tracks["sigma_m"]), 0.0),
        person=pd.factorize(tracks["tracklet"])[0],
    )
    expected = expected.dropna(subset=["x_m"])
    expected = expected.sort_values(["person", "time_s", "sigma_m"], kind="stable")
    expected = expected.drop_duplicates(["person", "time_s"])
    ordered = order_rows(tracks, Identity.TRACKLET)
    for name in ("person", "time_s", "x_m", "y_m", "sigma_m"):
        assert getattr(ordered, name).tolist() == expected[name].tolist()


def test_more_than_65536_persons_stay_distinct() -> None:
    rng = np.random.default_rng(2)
    tracklet = rng.permutation(np.repeat(np.arange(70_000), 2))
    count = len(tracklet)
    tracks = make_track_table(
        time_s=np.arange(count) * 0.1,
        tracklet=tracklet,
        x_m=np.zeros(count),
        y_m=np.zeros(count),
        sigma_m=0.1,
    )
    ordered = order_rows(tracks, Identity.TRACKLET)
    assert ordered.person.tolist() == np.repeat(np.arange(70_000), 2).tolist()
    assert ordered.person_ids.tolist() == pd.unique(tracklet).tolist()
    assert (np.diff(ordered.time_s)[::2] > 0).all()


@pytest.mark.parametrize("rows", [2, 3, 1000, 80_001, 80_002])
@pytest.mark.parametrize("jitter_s", [0.0, 0.01])
def test_the_median_step_is_exact(rows: int, jitter_s: float) -> None:
    rng = np.random.default_rng(rows)
    time_s = np.cumsum(rng.choice([0.2, 0.2, 0.4, 3.0], rows) + rng.uniform(0, 1, rows) * jitter_s)
    starts = np.append(0, np.flatnonzero(rng.random(rows - 1) < 0.01) + 1)
    steps_s = np.delete(np.diff(time_s), starts[1:] - 1)
    expected_s = float(np.median(steps_s)) if len(steps_s) else 0.0
    assert find_median_step(time_s, starts) == expected_s
    assert find_long_steps(time_s, 1.0).tolist() == (np.flatnonzero(np.diff(time_s) > 1.0) + 1).tolist()


def test_the_median_step_is_exact_where_a_sample_misleads() -> None:
    # every sampled step is short, and every other one long
    time_s = np.cumsum(np.where(np.arange(50_000) % 5 == 1, 0.1, 7.0))
    assert find_median_step(time_s, np.zeros(1, np.int64)) == pytest.approx(7.0)


def test_single_rows_have_no_median_step() -> None:
    assert find_median_step(np.arange(5.0), np.arange(5)) == 0.0
    assert find_median_step(np.empty(0), np.empty(0, np.int64)) == 0.0
