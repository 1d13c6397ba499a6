from __future__ import annotations

import pytest

from app.gui.viewmodels.live_positions import LivePositions, count_inside
from app.operations.floor_scene import LiveDot
from tests.support.live_people import make_status

SQUARE = ((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0))


def test_a_tail_keeps_the_last_ten_seconds() -> None:
    positions = LivePositions()
    for second in range(15):
        dots = positions.update(make_status({"a": [(float(second), 1.0)]}, time_s=100.0 + second))
    assert len(dots) == 1
    assert dots[0].place == (14.0, 1.0)
    assert dots[0].tail[0] == (4.0, 1.0)


def test_the_same_picture_seen_twice_adds_nothing() -> None:
    positions = LivePositions()
    for _ in range(3):
        dots = positions.update(make_status({"a": [(1.0, 1.0)]}, time_s=100.0))
    assert dots == (LiveDot(((1.0, 1.0),)),)


def test_one_person_in_two_cameras_is_one_dot_and_two_in_one_are_two() -> None:
    positions = LivePositions()
    dots = positions.update(make_status({"a": [(1.0, 1.0), (1.4, 1.0)], "b": [(1.2, 1.2)]}, time_s=1.0))
    assert [dot.place for dot in dots] == [(1.0, 1.0), (1.4, 1.0)]


@pytest.mark.parametrize(("age_s", "is_running"), [(5.0, True), (0.1, False)])
def test_nobody_is_shown_of_a_picture_that_is_old(age_s: float, is_running: bool) -> None:
    positions = LivePositions()
    assert len(positions.update(make_status({"a": [(1.0, 1.0)]}, time_s=1.0))) == 1
    late = make_status({"a": [(1.0, 1.0)]}, time_s=1.0, age_s=age_s, is_running=is_running)
    assert positions.update(late) == ()


def test_who_has_no_place_on_the_floor_is_left_out() -> None:
    assert LivePositions().update(make_status({"a": [None]}, time_s=1.0)) == ()


def test_people_are_counted_within_a_polygon() -> None:
    dots = [LiveDot((place,)) for place in ((1.0, 1.0), (3.9, 3.9), (4.1, 2.0), (-0.1, 0.0))]
    assert count_inside(dots, SQUARE) == 2
