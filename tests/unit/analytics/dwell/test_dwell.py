"""Intervals of visits, mean and median from evidence whose bounds are worked out by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from analytics.domain.arrays import FloatArray
from analytics.domain.zone import Zone, ZoneKind
from analytics.dwell.dwell import CountErrors, DwellIntervals, DwellSettings, bound_dwell, count_errors
from analytics.dwell.visit_lengths import count_lengths
from tests.support.halls.known_crowd import STAND

SETTINGS = DwellSettings()
SURE = dataclasses.replace(SETTINGS, least_error_share=0.0, least_error_visits2=0.0)
Z = 1.959964
HUNDRED_S = np.arange(10.5, 110.0)
"""A hundred visits of 60 s on average."""


def make_stays(*rows: tuple[float, str, str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["seconds", "start_edge", "end_edge"])
    return table.assign(zone=str(STAND.name), visitor=1, entered_s=0.0, left_s=table["seconds"])


def errors_of(*rows: tuple[float, str, str], zone: Zone = STAND) -> CountErrors:
    stays = make_stays(*rows)
    return count_errors(zones=[zone], stays=stays, find_shifted=lambda _: stays, settings=SETTINGS)[
        str(zone.name)
    ]


def bound(
    errors: CountErrors, *, seconds: FloatArray = HUNDRED_S, settings: DwellSettings = SURE
) -> DwellIntervals:
    return bound_dwell(
        count=count_lengths(seconds),
        person_seconds=float(seconds.sum()),
        errors=errors,
        minimum_stay_s=3.0,
        settings=settings,
    )


def test_a_lost_and_a_found_track_may_be_one_visit_or_hide_two() -> None:
    rows = (20.0, "seen", "lost"), (14.0, "lost", "lost"), (5.0, "lost", "seen"), (9.0, "view", "lost")
    assert errors_of(*rows)[:2] == (2.0, 5.0)
    door = dataclasses.replace(STAND, kind=ZoneKind.ENTRANCE)
    assert errors_of(*rows, zone=door)[:2] == (0.0, 0.0)


def test_visits_that_the_error_of_the_places_decides_are_unsure() -> None:
    tables = {0.1: (4.0, 3.2, 10.0, 40.0), -0.1: (3.4, 2.8, 9.0)}
    found = count_errors(
        zones=[STAND],
        stays=make_stays(),
        find_shifted=lambda m: make_stays(*((s, "seen", "seen") for s in tables[m])),
        settings=SETTINGS,
    )[str(STAND.name)]
    assert found[2:] == pytest.approx((4.0, 57.2, 2.0, 12.4))
    assert found.unsure == 1.0
    assert found.unsure_mean_s == pytest.approx((14.3 - 6.2) / 2)


def test_the_interval_of_visits_reaches_below_the_number_where_tracks_break() -> None:
    found = bound(CountErrors(20.0, 36.0))
    assert found.visits == pytest.approx((80.0 - Z * 6, 136.0 + Z * 6), abs=1e-4)
    reach = Z * 6 / 100
    assert found.mean_s == pytest.approx((6000 / 136 * (1 - reach), 6000 / 80 * (1 + reach)), abs=1e-3)


def test_intervals_reach_as_far_as_the_error_of_the_places_moves_the_figures() -> None:
    found = bound(
        CountErrors(wide_visits=108.0, wide_seconds=7128.0, narrow_visits=92.0, narrow_seconds=5520.0)
    )
    assert found.visits == pytest.approx((100 - Z * 8, 100 + Z * 8), abs=1e-4)
    reach = Z * float(np.hypot(0.08, 0.05))
    assert found.mean_s == pytest.approx((60 * (1 - reach), 60 * (1 + reach)), abs=1e-3)


def test_figures_without_evidence_of_errors_keep_an_interval() -> None:
    found = bound(CountErrors(), settings=SETTINGS)
    reach = Z * float(np.sqrt(9.5))
    assert found.visits == pytest.approx((100 - reach, 100 + reach), abs=1e-4)
    assert bound(CountErrors(), seconds=np.empty(0)).visits == (0.0, 0.0)
    assert bound(CountErrors(), seconds=np.empty(0)).mean_s is None


def test_the_median_moves_by_half_as_many_places_as_there_are_doubtful_visits() -> None:
    # of a hundred visits twenty are doubtful: from the fortieth to the sixtieth, half a second to either side
    found = bound(CountErrors(wide_visits=100 + 20 / Z, wide_seconds=1.0, narrow_visits=100 - 20 / Z))
    assert found.median_s == pytest.approx((10 + 40 - 0.5, 10 + 60 + 0.5), abs=0.6)


def test_nothing_is_said_where_tracks_break_too_often_or_an_interval_would_be_too_wide() -> None:
    assert bound(CountErrors(26.0, 52.0)) == DwellIntervals()
    wide = bound(CountErrors(wide_visits=150.0, wide_seconds=9000.0, narrow_visits=50.0, narrow_seconds=3000))
    assert (wide.visits, wide.mean_s, wide.median_s) == (None, None, None)
