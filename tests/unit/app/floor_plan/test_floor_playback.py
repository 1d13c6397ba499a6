"""Playback of a period: dots, paths and fading heat."""

from __future__ import annotations

import numpy as np
import pytest

from app.core.document import Venue
from app.floor_plan.floor_playback import (
    STEP_S,
    PlaybackHour,
    compute_heat,
    find_hour,
    find_time_index,
    list_dots,
    list_observed,
    make_heat_grid,
    read_hour,
)
from tests.support.halls.walked_hall import NOW_UTC_S, make_hall, walk_through

FLOOR = ((0.0, 0.0), (20.0, 0.0), (20.0, 12.0), (0.0, 12.0))


def make_hour() -> PlaybackHour:
    """Return an hour in which person 1 walks along x, and person 2 stands from the sixth sample on."""
    time_s = np.concatenate([1000.0 + STEP_S * np.arange(10), [1100.0]])
    people = [[1] if index < 5 else [1, 2] for index in range(10)] + [[2]]
    person = np.array([p for some in people for p in some])
    index = np.repeat(np.arange(11), [len(some) for some in people])
    return PlaybackHour(
        period_s=(999.0, 1200.0),
        time_s=time_s,
        first=np.concatenate([[0], np.cumsum([len(some) for some in people])]),
        person=person,
        x_m=np.where(person == 1, 1.0 + index, 10.0),
        y_m=np.where(person == 1, 2.0, 8.0),
    )


def test_a_time_maps_to_the_last_observed_sample() -> None:
    hour = make_hour()
    assert find_time_index(hour, 999.2) == 0
    assert find_time_index(hour, 1000.0) == 0
    assert find_time_index(hour, 1003.9) == 1
    assert find_time_index(hour, 1019.0) == 9
    assert find_time_index(hour, 1060.0) == -1
    assert find_time_index(hour, 1101.0) == 10
    assert find_time_index(hour, 900.0) == -1


def test_dots_have_the_path_of_the_last_seconds() -> None:
    hour = make_hour()
    (alone,) = list_dots(hour, 3)
    assert alone.tail == tuple((1.0 + step, 2.0) for step in range(4))
    first, second = list_dots(hour, 9)
    assert first.place == (10.0, 2.0)
    assert len(first.tail) == 6
    assert second.tail == ((10.0, 8.0),) * 5
    (only,) = list_dots(hour, 10)
    assert only.place == (10.0, 8.0)


def test_heat_is_a_weighted_mean_density() -> None:
    hour, frame = make_hour(), make_heat_grid(FLOOR)
    assert frame.shape == (24, 40)
    heat = compute_heat(hour, 4, frame)
    assert heat.sum() * 0.25 == pytest.approx(1.0, rel=0.02)
    row = heat[4]
    assert row[2 * 5] > row[2 * 1] > 0
    late = compute_heat(hour, 10, frame)
    # the walker of ninety seconds ago is less than half of what stands there now
    assert late[16, 20] > 2 * late[4].max()


def test_hours_are_clock_hours_cut_to_the_period() -> None:
    assert find_hour(7300.0, (7250.0, 90_000.0)) == (7250.0, 10_800.0)
    assert find_hour(10_800.0, (7250.0, 12_000.0)) == (10_800.0, 12_000.0)


@pytest.mark.parametrize("reach_s", [600.0, 3 * 86_400.0], ids=["remembered", "alone"])
def test_an_hour_of_a_history_has_its_people_and_its_gaps(
    tmp_path_factory: pytest.TempPathFactory, reach_s: float
) -> None:
    venue: Venue = make_hall(tmp_path_factory.mktemp("walked"))
    start_s = NOW_UTC_S - 600
    walk_through(venue, start_s=start_s, duration_s=200, people=15)
    walk_through(venue, start_s=start_s + 400, duration_s=200, people=15, seed=2)
    observed = list_observed(venue, (start_s, NOW_UTC_S))
    assert observed == ((start_s, start_s + 200), (start_s + 400, start_s + 600))
    hour = read_hour(venue=venue, hour_s=(start_s, NOW_UTC_S), remembered_s=(NOW_UTC_S - reach_s, NOW_UTC_S))
    assert len(hour.time_s) == 200
    assert find_time_index(hour, start_s + 300) == -1
    busy = int(np.diff(hour.first).argmax())
    dots = list_dots(hour, busy)
    assert len(dots) == np.diff(hour.first).max() > 2
    assert all(0 <= x <= 20 and 0 <= y <= 12 for dot in dots for x, y in dot.tail)
