from __future__ import annotations

import math

import numpy as np
import pytest

from tools.simulation.crowd.crowd_places import draw_way_through, find_free_place_around
from tools.simulation.crowd.walk_hall import WalkHall

WEST, EAST = ((0.5, 2.0), (0.5, 4.0)), ((9.5, 2.0), (9.5, 4.0))


def test_visitors_enter_and_leave_by_the_doors() -> None:
    hall = WalkHall((10.0, 6.0), (0.5, 3.0), (9.5, 3.0), (), (), (WEST, EAST))
    rng = np.random.default_rng(1)
    ways = [draw_way_through(hall, rng) for _ in range(400)]
    assert {x for way in ways for x, _ in way} == {0.5, 9.5}
    assert all(2.0 <= y <= 4.0 for way in ways for _, y in way)
    assert np.mean([came[0] == left[0] for came, left in ways]) == pytest.approx(0.25, abs=0.07)
    assert np.mean([came[0] == 0.5 for came, _ in ways]) == pytest.approx(0.5, abs=0.1)


def test_a_free_place_is_near_and_keeps_its_distance() -> None:
    taken = [(0.0, 0.0), (0.7, 0.0), (0.0, 0.7)]
    for seed in range(20):
        place = find_free_place_around(
            (0.0, 0.0), taken, distance_m=0.6, is_free=lambda _: True, rng=np.random.default_rng(seed)
        )
        assert place is not None
        assert min(math.dist(place, other) for other in taken) >= 0.6
        assert math.dist(place, (0.0, 0.0)) < 1.0
