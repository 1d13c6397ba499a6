from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tools.fairs.visit_itineraries import ItinerarySettings, SimulatedDay, simulate_itineraries

QUIET = ItinerarySettings(day_attendance=0.0, day_dwell=0.0)


def simulate(settings: ItinerarySettings = QUIET, *, seed: int = 1, open_h: float = 100.0) -> SimulatedDay:
    return simulate_itineraries(settings=settings, open_h=open_h, random=np.random.default_rng(seed))


def find_own(day: SimulatedDay, zone: str) -> pd.Series:
    return day.visits.loc[day.visits["zone"] == zone, "seconds"]


def test_a_seed_gives_the_same_visits() -> None:
    pd.testing.assert_frame_equal(simulate(open_h=5.0).visits, simulate(open_h=5.0).visits)
    assert len(simulate(open_h=5.0, seed=2).visits) != len(simulate(open_h=5.0).visits)


def test_stays_are_log_normal_and_half_of_their_variance_is_the_groups() -> None:
    day = simulate()
    logs = np.log(day.visits["seconds"])
    assert np.exp(logs.mean()) == pytest.approx(40.0, rel=0.03)
    assert logs.std() == pytest.approx(0.8, rel=0.03)
    # a group comes to a zone at the same moment
    groups = logs.groupby([day.visits["zone"], day.visits["entered_s"]])
    pairs = groups.agg(["size", "first", "last"])
    pairs = pairs[pairs["size"] == 2]
    assert len(pairs) > 500
    assert np.corrcoef(pairs["first"], pairs["last"])[0, 1] == pytest.approx(0.5, abs=0.08)


def test_nobody_is_in_two_zones_and_nobody_visits_one_twice_in_a_row() -> None:
    visits = simulate(open_h=20.0).visits.sort_values(["visitor", "entered_s"], kind="stable")
    same = visits["visitor"].to_numpy()[1:] == visits["visitor"].to_numpy()[:-1]
    walked_s = visits["entered_s"].to_numpy()[1:] - visits["left_s"].to_numpy()[:-1]
    assert (walked_s[same] > 0).all()
    zone = visits["zone"].to_numpy()
    assert not (zone[1:] == zone[:-1])[same].any()
    assert same.sum() > 500


def test_a_layout_changes_stays_by_its_factor_and_draws_more_visits() -> None:
    before = simulate()
    factors = np.where(np.arange(12) == 3, 1.5, 1.0)
    random = np.random.default_rng(1)
    after = simulate_itineraries(settings=QUIET, open_h=100.0, random=random, pull=factors, dwell=factors)
    ratios = {
        name: np.exp(np.log(find_own(after, name)).mean() - np.log(find_own(before, name)).mean())
        for name in ("zone 4", "zone 9")
    }
    assert ratios["zone 4"] == pytest.approx(1.5, rel=0.08)
    assert ratios["zone 9"] == pytest.approx(1.0, rel=0.08)
    shares = [len(find_own(day, "zone 4")) / day.visitors for day in (before, after)]
    assert 1.1 < shares[1] / shares[0] < 1.5


def test_a_day_changes_all_zones_alike() -> None:
    means = []
    for seed in range(25):
        day = simulate(replace(QUIET, day_dwell=0.3), seed=seed, open_h=10.0)
        means.append([np.log(find_own(day, name)).mean() for name in ("zone 1", "zone 6")])
    found = np.array(means)
    assert np.corrcoef(found.T)[0, 1] > 0.8
    assert 0.2 < found[:, 0].std() < 0.4


def test_nobody_comes_to_a_fair_that_is_not_open() -> None:
    day = simulate(open_h=0.0)
    assert (len(day.visits), day.visitors) == (0, 0)
