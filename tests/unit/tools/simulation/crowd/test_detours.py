from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tools.simulation.crowd.detours import cross_rectangle, find_next_point

FOOTPRINT = (2.0, 2.0, 4.0, 3.0)
coordinate = st.floats(0.0, 6.0)


def test_a_free_path_is_straight() -> None:
    goal = np.array([5.0, 1.0])
    np.testing.assert_array_equal(
        find_next_point(start=np.array([1.0, 1.0]), goal=goal, footprint=FOOTPRINT), goal
    )


def test_a_blocked_path_passes_the_nearer_corner() -> None:
    corner = find_next_point(start=np.array([2.2, 1.0]), goal=np.array([2.2, 5.0]), footprint=FOOTPRINT)
    np.testing.assert_allclose(corner, (1.55, 1.55))


@given(coordinate, coordinate, coordinate, coordinate)
def test_following_the_points_reaches_the_goal_without_touching(
    x1: float, y1: float, x2: float, y2: float
) -> None:
    start, goal = np.array([x1, y1]), np.array([x2, y2])
    blocked = np.array([1.5, 1.5, 4.5, 3.5])
    for point in (start, goal):
        if ((point > blocked[:2]) & (point < blocked[2:])).all():
            return
    place = start
    for _ in range(5):
        following = find_next_point(start=place, goal=goal, footprint=FOOTPRINT)
        assert not cross_rectangle(
            starts=place[None], ends=following[None], rectangle=np.array([2.0, 2.0, 4.0, 3.0])
        )[0]
        place = following
        if place is goal:
            break
    np.testing.assert_array_equal(place, goal)
