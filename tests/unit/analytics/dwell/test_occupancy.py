from __future__ import annotations

import numpy as np
import pytest

from analytics.dwell.occupancy import compute_occupancy, find_presence_intervals
from analytics.metrics.presence import order_by_person
from tests.support.halls.known_crowd import make_track_table

ALWAYS = np.array([[0.0, 180.0]])


def test_the_mean_is_weighted_by_time_and_not_by_samples() -> None:
    # one person for the whole time at one row a second, another for a tenth of it at ten rows a second
    moments = np.concatenate([np.arange(0.0, 100.0), np.arange(0.0, 10.0, 0.1)])
    tracks = make_track_table(
        time_s=moments, tracklet=[1] * 100 + [2] * 100, x_m=np.zeros(200), y_m=np.zeros(200)
    )
    intervals = find_presence_intervals(order_by_person(tracks=tracks, longest_gap_s=2.0))
    occupancy = compute_occupancy(
        intervals=intervals, observed=np.array([[0.0, 100.0]]), period_s=(0.0, 100.0)
    )
    assert occupancy.overall_mean() == pytest.approx(1.1, abs=0.02)


def test_the_peak_is_the_largest_minute() -> None:
    intervals = np.array([[0.0, 180.0], [60.0, 120.0], [90.0, 120.0]])
    occupancy = compute_occupancy(intervals=intervals, observed=ALWAYS, period_s=(0.0, 180.0))
    assert occupancy.mean.tolist() == pytest.approx([1.0, 2.5, 1.0])
    assert occupancy.peak() == pytest.approx(2.5)


def test_unobserved_time_has_no_value() -> None:
    observed = np.array([[0.0, 60.0], [150.0, 180.0]])
    occupancy = compute_occupancy(intervals=np.array([[0.0, 60.0]]), observed=observed, period_s=(0.0, 180.0))
    assert occupancy.mean.tolist() == pytest.approx([1.0, np.nan, 0.0], nan_ok=True)
    assert occupancy.overall_mean() == pytest.approx(60.0 / 90.0)


def test_presence_outside_the_observed_time_is_not_counted() -> None:
    occupancy = compute_occupancy(
        intervals=np.array([[0.0, 180.0]]), observed=np.array([[0.0, 90.0]]), period_s=(0.0, 180.0)
    )
    assert occupancy.person_seconds.sum() == pytest.approx(90.0)
    assert occupancy.overall_mean() == pytest.approx(1.0)


def test_a_last_step_shorter_than_the_others_is_weighted_by_its_length() -> None:
    occupancy = compute_occupancy(
        intervals=np.array([[0.0, 90.0]]), observed=np.array([[0.0, 90.0]]), period_s=(0.0, 90.0)
    )
    assert np.diff(occupancy.edges_s).tolist() == [60.0, 30.0]
    assert occupancy.mean.tolist() == pytest.approx([1.0, 1.0])
