"""Intervals of visits, mean and median from evidence whose bounds are worked out by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from analytics.domain.zone import Zone, ZoneKind
from analytics.dwell.dwell import (
    CountErrors,
    DwellSettings,
    bound_mean,
    bound_median,
    bound_visits,
    count_errors,
)
from analytics.dwell.visit_lengths import count_lengths
from tests.support.halls.known_crowd import STAND

SETTINGS = DwellSettings()
SURE = dataclasses.replace(SETTINGS, least_error_share=0.0)


def make_stays(*rows: tuple[float, str, str], error_s: float = 0.0) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["seconds", "start_edge", "end_edge"])
    return table.assign(start_error_s=error_s, end_error_s=0.0)


def errors_of(*rows: tuple[float, str, str], zone: Zone = STAND, error_s: float = 0.0) -> CountErrors:
    return count_errors(zone=zone, stays=make_stays(*rows, error_s=error_s))


def test_a_lost_and_a_found_track_may_be_one_visit_or_hide_two() -> None:
    rows = (20.0, "seen", "lost"), (14.0, "lost", "lost"), (5.0, "lost", "seen"), (9.0, "view", "lost")
    assert errors_of(*rows) == (2.0, 5.0, 0.0)
    door = dataclasses.replace(STAND, kind=ZoneKind.ENTRANCE)
    assert errors_of(*rows, zone=door) == (0.0, 0.0, 0.0)


def test_stays_within_their_error_of_the_minimum_are_unsure() -> None:
    rows = [(seconds, "seen", "seen") for seconds in (2.0, 2.8, 3.1, 4.0)]
    assert errors_of(*rows, error_s=0.3).unsure == 2.0


def test_the_interval_of_visits_reaches_below_the_number_where_tracks_break() -> None:
    low, high = bound_visits(visits=100.0, errors=CountErrors(30.0, 60.0, 4.0), settings=SURE)
    reach = 1.959964 * 8.0
    assert (low, high) == pytest.approx((70.0 - reach, 160.0 + reach), abs=1e-4)


def test_a_number_without_evidence_of_errors_keeps_an_interval() -> None:
    low, high = bound_visits(visits=100.0, errors=CountErrors(), settings=SETTINGS)
    assert (low, high) == pytest.approx((100 - 5.88, 100 + 5.88), abs=0.01)
    assert bound_visits(visits=0.0, errors=CountErrors(), settings=SETTINGS) == (0.0, 0.0)


def test_the_mean_lies_between_the_seconds_over_the_limits_of_the_visits() -> None:
    assert bound_mean(
        person_seconds=6000.0, limits=(80.0, 150.0), settings=SURE, minimum_stay_s=3.0
    ) == pytest.approx((40.0, 75.0))
    shortest = bound_mean(person_seconds=7.0, limits=(0.0, 4.0), settings=SURE, minimum_stay_s=3.0)
    assert shortest == pytest.approx((3.0, 7.0))
    assert bound_mean(person_seconds=0.0, limits=(0.0, 1.0), settings=SURE, minimum_stay_s=3.0) is None


def test_the_median_moves_by_half_as_many_places_as_there_are_doubtful_visits() -> None:
    count = count_lengths(np.arange(10.5, 110.0))
    # of a hundred visits twenty are doubtful: from the fortieth to the sixtieth, half a second to either side
    assert bound_median(count=count, limits=(80.0, 110.0), settings=SURE) == pytest.approx(
        (10 + 40 - 0.5, 10 + 60 + 0.5), abs=0.6
    )
    assert bound_median(count=np.empty(0), limits=(0.0, 1.0), settings=SURE) is None
