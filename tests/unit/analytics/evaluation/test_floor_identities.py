"""HOTA, IDF1 and identities per person against cases that can be computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.evaluation.floor_identities import (
    MIN_DOUBLE_S,
    STEP_S,
    FloorIdentities,
    compare_identities,
    place_on_grid,
)
from tests.support.halls.known_crowd import make_track_table

MOMENTS_S = np.linspace(0.0, 1.8, 10)


def walk(
    person: int, *, moments: range, x_m: float, y_m: float = 0.0
) -> list[tuple[float, int, float, float]]:
    return [(0.2 * moment, person, x_m, y_m) for moment in moments]


def compare(
    truth: list[tuple[float, int, float, float]], found: list[tuple[float, int, float, float]]
) -> FloorIdentities:
    placed = []
    for rows in (truth, found):
        time_s, person, x_m, y_m = zip(*rows, strict=True)
        table = make_track_table(time_s=time_s, tracklet=person, visitor=person, x_m=x_m, y_m=y_m)
        placed.append(place_on_grid(tracks=table, times_s=MOMENTS_S))
    return compare_identities(
        truth=placed[0], found=placed[1], block_of_time=np.repeat([0, 1], 5).astype(np.int64)
    )


def test_a_person_followed_by_two_identities_one_half_a_metre_off() -> None:
    floor = compare(
        walk(1, moments=range(10), x_m=0.0),
        walk(7, moments=range(5), x_m=0.0) + walk(8, moments=range(5, 10), x_m=0.5),
    )
    once = np.ones(2)
    # up to a similarity of 0.5: ten matches, each with an association of 5 / 10; above: five matches,
    # five misses, five false positions
    expected = (10 * np.sqrt(10 * 0.5 / 10) + 9 * np.sqrt(5 * 0.5 / 15)) / 19
    assert floor.hota(once) == pytest.approx(expected)
    assert floor.idf1(once) == pytest.approx(2 * 5 / (10 + 10))
    assert floor.identities_of_people.tolist() == [2]
    assert floor.identities == 2
    assert np.sqrt(floor.squared_error_m2).tolist() == pytest.approx([0.0] * 5 + [0.5] * 5)
    assert not floor.is_double.any()


def test_swapped_identities_of_two_people() -> None:
    floor = compare(
        walk(1, moments=range(10), x_m=0.0) + walk(2, moments=range(10), x_m=5.0),
        walk(7, moments=range(8), x_m=0.0)
        + walk(7, moments=range(8, 10), x_m=5.0)
        + walk(8, moments=range(8), x_m=5.0)
        + walk(8, moments=range(8, 10), x_m=0.0),
    )
    once = np.ones(2)
    assert floor.idf1(once) == pytest.approx(0.8)
    # sixteen matches have an association of 8 / (10 + 10 - 8), four of 2 / (10 + 10 - 2)
    assert floor.hota(once) == pytest.approx(np.sqrt((16 * 8 / 12 + 4 * 2 / 18) / 20))
    # 0.4 s with the other one are too short to count
    assert floor.identities_of_people.tolist() == [1, 1]


def test_an_identity_beyond_the_gate_is_a_miss_and_a_false_position() -> None:
    floor = compare(walk(1, moments=range(10), x_m=0.0), walk(7, moments=range(10), x_m=1.01))
    assert floor.hota(np.ones(2)) == 0.0
    assert floor.idf1(np.ones(2)) == 0.0
    assert floor.identities_of_people.tolist() == [0]


def test_positions_between_rows_are_interpolated_but_not_across_a_long_gap() -> None:
    table = make_track_table(
        time_s=[0.0, 1.0, 3.0],
        tracklet=[1, 1, 1],
        visitor=[1, 1, 1],
        x_m=[0.0, 1.0, 3.0],
        y_m=[0.0, 0.0, 0.0],
    )
    placed = place_on_grid(tracks=table, times_s=np.linspace(0.0, 3.0, 13))
    assert placed.moment.tolist() == [0, 1, 2, 3, 4, 12]
    assert placed.xy_m[:, 0].tolist() == pytest.approx([0.0, 0.25, 0.5, 0.75, 1.0, 3.0])


def test_someone_with_a_second_identity_beside_the_first_is_double() -> None:
    moments = np.linspace(0.0, 7.8, 40)
    tables = []
    for people in ([1], [7, 8]):
        person = np.repeat(people, 40)
        table = make_track_table(
            time_s=np.tile(moments, len(people)), tracklet=person, visitor=person,
            x_m=0.1 * person, y_m=np.zeros(len(person)),
        )  # fmt: skip
        tables.append(place_on_grid(tracks=table, times_s=moments))
    floor = compare_identities(truth=tables[0], found=tables[1], block_of_time=np.zeros(40, np.int64))
    assert floor.is_double.tolist() == [True]


def test_nothing_found_and_nobody_there_are_no_failure() -> None:
    empty = make_track_table(time_s=[], tracklet=[], x_m=[], y_m=[])
    nobody = place_on_grid(tracks=empty, times_s=MOMENTS_S)
    floor = compare_identities(truth=nobody, found=nobody, block_of_time=np.zeros(10, np.int64))
    assert floor.hota(np.ones(1)) == 0.0
    assert floor.idf1(np.ones(1)) == 0.0


POSTER = 9


def compare_doubles(
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
        block_of_time=np.zeros(len(times_s), np.int64),
    )


def test_who_stands_beside_a_poster_is_not_double() -> None:
    floor = compare_doubles(person_until_s=20.0, until_s=32.0, second_from_s=0.0, second_x_m=0.6)
    assert floor.identities == 2
    assert floor.identities_of_people.tolist() == [1]
    assert floor.is_double.tolist() == [False]


@pytest.mark.parametrize(("beside_s", "is_double"), [(MIN_DOUBLE_S - 0.2, False), (MIN_DOUBLE_S, True)])
def test_shorter_than_three_seconds_is_no_double(beside_s: float, is_double: bool) -> None:
    floor = compare_doubles(person_until_s=20.0, until_s=20.0, second_from_s=20.0 - beside_s, second_x_m=0.3)
    assert floor.is_double.tolist() == [is_double]
