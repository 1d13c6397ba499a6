"""A second identity makes a double; a thing beside a person does not, but a person's ghost does."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.evaluation.floor_identities import (
    MIN_ALONE_S,
    MIN_DOUBLE_S,
    STEP_S,
    THING_M,
    FloorIdentities,
    compare_identities,
    place_on_grid,
)
from tests.support.halls.known_crowd import make_track_table

POSTER = 9


def compare(
    *, person_until_s: float, until_s: float, second_from_s: float, second_x_m: float, drift_m_s: float = 0.0
) -> FloorIdentities:
    """Somebody at x = 0 until a time, found all the while, and a second identity from a time on."""
    times_s = np.arange(0.0, until_s, STEP_S)
    there_s, second_s = times_s[times_s < person_until_s], times_s[times_s >= second_from_s]
    truth = make_track_table(
        time_s=there_s,
        tracklet=np.ones(len(there_s), int),
        visitor=np.ones(len(there_s), int),
        x_m=np.zeros(len(there_s)),
        y_m=np.zeros(len(there_s)),
    )
    identity = np.append(np.full(len(there_s), 7), np.full(len(second_s), POSTER))
    found = make_track_table(
        time_s=np.append(there_s, second_s),
        tracklet=identity,
        visitor=identity,
        x_m=np.append(np.zeros(len(there_s)), second_x_m + drift_m_s * (second_s - second_from_s)),
        y_m=np.zeros(len(identity)),
    )
    return compare_identities(
        truth=place_on_grid(tracks=truth, times_s=times_s),
        found=place_on_grid(tracks=found, times_s=times_s),
        block_of_moment=np.zeros(len(times_s), np.int64),
    )


def test_who_stands_beside_a_poster_is_not_double() -> None:
    floor = compare(person_until_s=20.0, until_s=32.0, second_from_s=0.0, second_x_m=0.6)
    assert floor.identities == 2
    assert floor.identities_of_people.tolist() == [1]
    assert floor.is_double.tolist() == [False]


@pytest.mark.parametrize(
    ("alone_s", "is_double"), [(0.0, True), (MIN_ALONE_S - 0.4, True), (MIN_ALONE_S, False)]
)
def test_only_long_alone_at_its_place_an_identity_is_a_thing(alone_s: float, is_double: bool) -> None:
    floor = compare(person_until_s=20.0, until_s=20.0 + alone_s, second_from_s=0.0, second_x_m=0.6)
    assert floor.is_double.tolist() == [is_double]


def test_a_second_identity_that_walks_on_alone_is_no_thing() -> None:
    slow = THING_M / 4
    floor = compare(person_until_s=6.0, until_s=60.0, second_from_s=0.0, second_x_m=0.3, drift_m_s=slow)
    assert floor.is_double.tolist() == [True]


@pytest.mark.parametrize(("beside_s", "is_double"), [(MIN_DOUBLE_S - 0.2, False), (MIN_DOUBLE_S, True)])
def test_shorter_than_three_seconds_is_no_double(beside_s: float, is_double: bool) -> None:
    floor = compare(person_until_s=20.0, until_s=20.0, second_from_s=20.0 - beside_s, second_x_m=0.3)
    assert floor.is_double.tolist() == [is_double]
