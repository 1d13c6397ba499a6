"""The probability that a stay is a visit, and that counts and lists are its sum."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.domain.arrays import FloatArray
from analytics.dwell.dwell import DwellSettings, count_visits, estimate_mean_dwell
from analytics.dwell.visit_probability import choose_short_stays, choose_visits, rate_stays
from analytics.dwell.visits import VisitSettings, compute_stays
from analytics.results.summary import compute_results
from tests.support.halls.known_crowd import STAND, make_track_table

MINIMUM_S = 3.0


def make_stays(seconds: FloatArray, error_s: float) -> pd.DataFrame:
    entered_s = 10.0 * np.arange(len(seconds))
    return pd.DataFrame(
        {
            "visitor": np.arange(len(seconds)),
            "zone": "stand",
            "entered_s": entered_s,
            "left_s": entered_s + seconds,
            "seconds": seconds,
            "start_edge": "seen",
            "end_edge": "seen",
            "start_error_s": error_s / np.sqrt(2),
            "end_error_s": error_s / np.sqrt(2),
        }
    )


def rate(seconds: FloatArray, error_s: float) -> pd.DataFrame:
    return rate_stays(stays=make_stays(seconds, error_s), minimum_stay_s=MINIMUM_S)


def test_exact_stays_are_visits_or_not() -> None:
    rated = rate(np.array([2.99, 3.0, 8.0]), 0.0)
    assert rated["probability"].tolist() == [0.0, 1.0, 1.0]


def test_a_longer_stay_is_more_likely_a_visit() -> None:
    probability = rate(np.array([0.5, 2.7, 2.9, 3.1, 3.3, 6.0]), 0.2)["probability"].to_numpy()
    assert (np.diff(probability) >= 0).all()
    assert probability[0] == 0.0
    assert probability[-1] == 1.0
    assert 0.05 < probability[2] < 0.5 < probability[3] < 0.95


@pytest.mark.parametrize("error_s", [0.15, 0.3, 0.5])
def test_walk_throughs_under_the_minimum_do_not_become_visits(error_s: float) -> None:
    random = np.random.default_rng(4)
    true_s = np.concatenate([np.abs(random.normal(2.4, 0.35, 1500)), random.gamma(2.0, 12.0, 500)])
    seconds = true_s + random.normal(0.0, error_s, len(true_s))
    visits = int((true_s >= MINIMUM_S).sum())
    probability = rate(seconds, error_s)["probability"].to_numpy()
    assert probability.sum() == pytest.approx(visits, rel=0.03)
    if error_s >= 0.3:
        # lengths alone, against the minimum, give too many
        assert (seconds >= MINIMUM_S).sum() > 1.05 * visits


def test_visits_and_other_stays_add_up_and_keep_to_their_sides() -> None:
    rated = rate(np.array([1.0, 2.8, 3.1, 9.0]), 0.3)
    visits, short = choose_visits(rated, MINIMUM_S), choose_short_stays(rated, MINIMUM_S)
    assert visits["seconds"].min() == pytest.approx(MINIMUM_S)
    np.testing.assert_allclose(visits["left_s"] - visits["entered_s"], visits["seconds"])
    assert short["seconds"].max() < MINIMUM_S
    assert visits["probability"].sum() + short["probability"].sum() == pytest.approx(len(rated))


def test_number_and_mean_are_weighted() -> None:
    rated = make_stays(np.array([3.0, 3.0, 30.0]), 0.0).assign(probability=[0.5, 0.5, 1.0])
    settings = DwellSettings()
    number = count_visits(rated, 3.0)
    mean = estimate_mean_dwell(stays=rated, minimum_stay_s=3.0, period_s=(0.0, 60.0), settings=settings)
    assert number == pytest.approx(2.0)
    assert mean.value == pytest.approx(33.0 / 2)


def test_the_error_of_an_edge_is_that_of_the_position_over_the_speed() -> None:
    time_s = np.arange(0.0, 12.0, 0.2)
    tracks = make_track_table(
        time_s=time_s, tracklet=[1] * len(time_s), x_m=-3.0 + time_s, y_m=[2.0] * len(time_s), sigma_m=0.2
    )
    (stay,) = compute_stays(tracks=tracks, zones=[STAND], spans=None, settings=VisitSettings()).itertuples()
    assert stay.start_error_s == pytest.approx(0.2, abs=0.01)
    assert stay.end_error_s == pytest.approx(0.2, abs=0.01)


def test_a_broken_stay_is_listed_once_and_the_list_sums_to_the_number_of_visits() -> None:
    time_s = np.arange(0.0, 40.0, 0.2)
    x_m = np.where(time_s < 5, -3.0 + time_s, np.where(time_s < 35, 2.0, 2.0 + (time_s - 35)))
    tracks = make_track_table(
        time_s=time_s, tracklet=np.where(time_s < 20, 1, 2), x_m=x_m, y_m=[2.0] * len(time_s), sigma_m=0.1
    )
    results = compute_results(tracks=tracks, spans=None, zones=[STAND], lines=[], duration_s=40.0)
    assert len(results.visits) == 1
    zone = results.summary["zones"]["stand"]  # type: ignore[index]
    assert zone["visits"] == round(results.visits["probability"].sum()) == 1
    assert results.visits["seconds"].iloc[0] == pytest.approx(36.0, abs=0.3)
