from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from analytics.domain.identifiers import CameraId
from analytics.visitors.false_positives.corrections import Corrections, DecidedPlace, PlaceVerdict
from app.floor_plan.corrected_period import list_places
from app.live.live_positions import LivePositions, count_inside
from app.plan.floor_scene import LiveDot
from tests.support.halls.live_people import make_status
from tests.support.halls.live_venue import make_live_venue

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


@pytest.mark.parametrize(
    ("verdict", "camera", "shown"),
    [
        (PlaceVerdict.NOT_A_PERSON, "a", 1),
        (PlaceVerdict.PERSON, "a", 2),
        (PlaceVerdict.NOT_A_PERSON, "b", 2),
    ],
)
def test_what_stands_where_somebody_said_that_there_is_no_person_is_not_drawn(
    tmp_path: Path, verdict: PlaceVerdict, camera: str, shown: int
) -> None:
    decided = DecidedPlace(CameraId(camera), 1.0, 1.0, 0.5, verdict)
    venue = dataclasses.replace(make_live_venue(tmp_path, 1), corrections=Corrections((decided,)))
    positions = LivePositions()
    positions.leave_out(list_places(venue.corrections, None))
    for second in range(8):
        walker = (3.0 - 0.5 * second, 1.0)
        dots = positions.update(make_status({"a": [(1.1, 1.0), walker]}, time_s=100.0 + second))
        assert len(dots) == 2, "nobody has stood for long enough yet"
    dots = positions.update(make_status({"a": [(1.1, 1.0), (1.0, 1.0)]}, time_s=108.5))
    assert len(dots) == shown
    assert (1.0, 1.0) in [dot.place for dot in dots], "who has just come there is a visitor"
