from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tools.fairs.visit_itineraries import ItinerarySettings, SimulatedDay, simulate_itineraries

QUIET = ItinerarySettings(day_attendance=0.0, day_dwell=0.0)


def simulate(settings: ItinerarySettings = QUIET, *, seed: int = 1, open_h: float = 100.0) -> SimulatedDay:
    return simulate_itineraries(settings=settings, open_h=open_h, random=np.random.default_rng(seed))


def find_own(day: SimulatedDay, zone: str) -> pd.Series:
    return day.visits.loc[day.visits["zone"] == zone, "seconds"]


def test_visits_do_not_overlap_or_repeat() -> None:
    visits = simulate(open_h=20.0).visits.sort_values(["visitor", "entered_s"], kind="stable")
    same = visits["visitor"].to_numpy()[1:] == visits["visitor"].to_numpy()[:-1]
    walked_s = visits["entered_s"].to_numpy()[1:] - visits["left_s"].to_numpy()[:-1]
    assert (walked_s[same] > 0).all()
    zone = visits["zone"].to_numpy()
    assert not (zone[1:] == zone[:-1])[same].any()
    assert same.sum() > 500


def test_a_layout_changes_stays_by_its_factor() -> None:
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
