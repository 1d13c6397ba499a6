from __future__ import annotations

import numpy as np
import pytest

from vision.simulation.crowd.visitor_paths import (
    MINIMUM_DISTANCE_M,
    STEP_S,
    VisitorPath,
    VisitorPaths,
    WalkSettings,
    simulate_visitors,
)
from vision.simulation.crowd.walk_hall import WalkHall, make_demo_hall


@pytest.fixture(scope="module")
def hall() -> WalkHall:
    return make_demo_hall()


@pytest.fixture(scope="module")
def paths(hall: WalkHall) -> VisitorPaths:
    return simulate_visitors(hall=hall, duration_s=60.0, seed=3)


def all_moments(paths: VisitorPaths) -> list[np.ndarray]:
    return [
        np.array([moment.xy_m for moment in paths.at(time_s)]).reshape(-1, 2)
        for time_s in np.arange(0, paths.duration_s, STEP_S)
    ]


def test_same_seed_gives_same_ways_and_another_seed_gives_others(hall: WalkHall, paths: VisitorPaths) -> None:
    again = simulate_visitors(hall=hall, duration_s=60.0, seed=3)
    other = simulate_visitors(hall=hall, duration_s=60.0, seed=4)
    assert len(again.paths) == len(paths.paths)
    for first, second in zip(paths.paths, again.paths, strict=True):
        np.testing.assert_array_equal(first.xy_m, second.xy_m)
    assert not np.array_equal(paths.paths[0].xy_m[:20], other.paths[0].xy_m[:20])


def test_nobody_comes_closer_than_half_a_metre(paths: VisitorPaths) -> None:
    nearest = np.inf
    for places in all_moments(paths):
        distance = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
        np.fill_diagonal(distance, np.inf)
        nearest = min(nearest, distance.min(initial=np.inf))
    assert MINIMUM_DISTANCE_M <= nearest < 1.5


def test_nobody_stands_on_a_stand_or_leaves_the_hall(hall: WalkHall, paths: VisitorPaths) -> None:
    places = np.vstack(all_moments(paths))
    assert len(places) > 1000
    assert (places > 0).all()
    assert (places < hall.size_m).all()
    for stand in hall.stands:
        left, low, right, high = stand.footprint
        x, y = places.T
        assert not ((x > left) & (x < right) & (y > low) & (y < high)).any()


def test_visitors_come_by_the_entrance_and_leave_by_the_exit(hall: WalkHall, paths: VisitorPaths) -> None:
    came = [path for path in paths.paths if path.start_s > 0]
    left = [path for path in paths.paths if path.times_s[-1] < paths.duration_s - 2 * STEP_S]
    assert len(came) > 5
    assert len(left) > 5
    for path in came:
        assert np.hypot(*(path.xy_m[0] - hall.entrance)) < 0.5
    for path in left:
        assert np.hypot(*(path.xy_m[-1] - hall.exit)) < 0.6


def test_people_walk_at_walking_speed_and_stop_at_every_stand(hall: WalkHall, paths: VisitorPaths) -> None:
    speed = np.concatenate([np.diff(path.walked_m) / STEP_S for path in paths.paths])
    walking = speed[speed > 0.6]
    assert 0.9 < np.median(walking) < 1.3
    assert speed.max() < 2.5
    standing = np.vstack([path.xy_m[1:][np.diff(path.walked_m) < 0.1 * STEP_S] for path in paths.paths])
    for stand in hall.stands:
        box = np.asarray(stand.zone.outline.points)
        inside = (standing > box.min(axis=0)) & (standing < box.max(axis=0))
        assert inside.all(axis=1).sum() * STEP_S > 20


def test_the_hall_is_not_empty_at_the_start_and_more_come_with_a_higher_rate(hall: WalkHall) -> None:
    few = simulate_visitors(hall=hall, duration_s=20.0, seed=1, settings=WalkSettings(arrivals_per_s=0.05))
    many = simulate_visitors(hall=hall, duration_s=20.0, seed=1, settings=WalkSettings(arrivals_per_s=0.3))
    assert len(few.at(0.0)) >= 1
    assert len(many.paths) > 2 * len(few.paths)


def test_between_two_samples_positions_are_linear_and_outside_there_is_nobody() -> None:
    path = VisitorPath(
        7, 1.0, np.array([[0.0, 0.0], [0.2, 0.4]]), np.array([0.0, 1.0]), np.array([0.0, 0.45])
    )
    middle = path.moment_at(1.0 + STEP_S / 4)
    assert middle is not None
    assert middle.visitor == 7
    assert middle.xy_m == pytest.approx((0.05, 0.1))
    assert middle.heading_rad == pytest.approx(0.25)
    assert middle.speed_m_s == pytest.approx(4.5)
    assert path.moment_at(0.99) is None
    assert path.moment_at(1.0 + STEP_S + 0.01) is None
    assert VisitorPaths(5.0, (path,)).at(4.0) == []
