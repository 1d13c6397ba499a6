from __future__ import annotations

import math

import numpy as np
import pytest

from vision.simulation.crowd.crowd_places import draw_way_through, find_free_place_around, find_place_beside
from vision.simulation.crowd.crowd_visitor import CrowdVisitor
from vision.simulation.crowd.walk_hall import WalkHall

WEST, EAST = ((0.5, 2.0), (0.5, 4.0)), ((9.5, 2.0), (9.5, 4.0))


def make_leader(*samples: tuple[float, float]) -> CrowdVisitor:
    leader = CrowdVisitor(1, 0.0, 1.0, (9.0, 9.0))
    for sample in samples:
        leader.record(sample)
    return leader


def test_ways_begin_and_end_along_the_doors_and_mostly_lead_through() -> None:
    hall = WalkHall((10.0, 6.0), (0.5, 3.0), (9.5, 3.0), (), (), (WEST, EAST))
    rng = np.random.default_rng(1)
    ways = [draw_way_through(hall, rng) for _ in range(400)]
    assert {x for way in ways for x, _ in way} == {0.5, 9.5}
    assert all(2.0 <= y <= 4.0 for way in ways for _, y in way)
    assert np.mean([came[0] == left[0] for came, left in ways]) == pytest.approx(0.25, abs=0.07)
    assert np.mean([came[0] == 0.5 for came, _ in ways]) == pytest.approx(0.5, abs=0.1)


def test_a_hall_without_doors_has_its_entrance_and_exit() -> None:
    hall = WalkHall((10.0, 6.0), (1.0, 3.0), (9.5, 3.0), ())
    came, left = draw_way_through(hall, np.random.default_rng(1))
    assert left == (9.5, 3.0)
    assert abs(came[0] - 1.0) <= 0.3
    assert abs(came[1] - 3.0) <= 1.0


def test_companions_walk_on_both_sides_of_the_leader() -> None:
    leader = make_leader((0.0, 0.0), (1.0, 0.0))
    first = find_place_beside(leader, 1, is_free=lambda _: True)
    second = find_place_beside(leader, 2, is_free=lambda _: True)
    assert first[0] == second[0] == pytest.approx(1.0)
    assert first[1] == -second[1]
    assert abs(first[1]) == pytest.approx(0.65)


def test_in_a_narrow_way_they_walk_behind_and_elsewhere_towards_the_leader() -> None:
    leader = make_leader((0.0, 0.0), (1.0, 0.0))
    assert find_place_beside(leader, 1, is_free=lambda xy: abs(xy[1]) < 0.1) == pytest.approx((0.35, 0.0))
    assert find_place_beside(leader, 1, is_free=lambda _: False) == (1.0, 0.0)


def test_a_free_place_is_near_and_keeps_its_distance_from_everybody() -> None:
    taken = [(0.0, 0.0), (0.7, 0.0), (0.0, 0.7)]
    for seed in range(20):
        place = find_free_place_around(
            (0.0, 0.0), taken, distance_m=0.6, is_free=lambda _: True, rng=np.random.default_rng(seed)
        )
        assert place is not None
        assert min(math.dist(place, other) for other in taken) >= 0.6
        assert math.dist(place, (0.0, 0.0)) < 1.0


def test_where_nothing_is_free_there_is_no_place() -> None:
    rng = np.random.default_rng(1)
    assert find_free_place_around((0, 0), [], distance_m=0.6, is_free=lambda _: False, rng=rng) is None
