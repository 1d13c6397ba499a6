import numpy as np
import pytest

from analytics.domain.camera_geometry import CameraGeometry
from tests.support.halls.scripted_people import CAMERA, VIEW
from vision.pixel_types import Detections, TrackedBox
from vision.tracking.floor_people import Statures
from vision.tracking.floor_tracker import FloorTracker
from vision.tracking.floor_view import FloorView
from vision.tracking.upright_bodies import UprightBodies
from vision.tracking.visible_floor import RECENT_LOOKS, VisibleFloor

STAND_IN = FloorView(CameraGeometry(np.diag([0.01, 0.01, 1.0])), (768, 432))
"""A floor that is drawn on the picture and tells nothing of the camera's pose."""
NEW = np.ones(1)


def make_box(height_px: float, *, bottom_px: float = 400.0, middle_px: float = 384.0) -> list[float]:
    half = 0.2 * height_px
    return [middle_px - half, bottom_px - height_px, middle_px + half, bottom_px]


def test_the_first_whole_person_gives_the_height_where_the_floor_tells_nothing() -> None:
    bodies = UprightBodies(STAND_IN)
    bodies.learn(np.array([make_box(300)]), 0.1, NEW)
    assert bodies.is_known
    assert bodies.find_feet(np.array([make_box(300)]), np.ones(1))[1] == pytest.approx(400)


def test_a_first_person_who_is_like_nobody_after_them_is_forgotten() -> None:
    bodies = UprightBodies(STAND_IN)
    bodies.learn(np.array([make_box(40)]), 0.1, NEW)
    for _ in range(15):
        bodies.learn(np.array([make_box(350)]), 1.0, NEW)
    assert bodies.find_feet(np.array([make_box(350)]), np.ones(1))[1] == pytest.approx(400, abs=17)


def test_odd_people_now_and_then_change_no_height() -> None:
    bodies = UprightBodies(STAND_IN)
    for turn in range(60):
        bodies.learn(np.array([make_box(40 if turn % 3 == 2 else 300)]), 1.0, NEW)
    assert bodies.find_feet(np.array([make_box(300)]), np.ones(1))[1] == pytest.approx(400, abs=15)


def test_a_strip_at_the_edge_does_not_tell_how_high_people_are() -> None:
    numbers = iter(range(100))
    tracker = FloorTracker(lambda: next(numbers), STAND_IN)  # type: ignore[arg-type, return-value]
    found: list[TrackedBox] = []
    for frame in range(60):
        rise = min(40.0 + 30.0 * frame, 370.0)
        bottom = 431.0 if frame < 12 else 400.0
        box = make_box(rise, bottom_px=bottom, middle_px=200.0 + 5.0 * frame)
        box[2] = max(box[2], box[0] + 100)
        score = 0.16 if frame == 0 else 0.9
        found += tracker.update(
            frame / 10, Detections(np.array([box], np.float32), np.array([score], np.float32))
        )
    assert {point.tracklet for point in found} == {0}


def show(x_m: float, height_m: float) -> list[float]:
    foot, top = CAMERA.project(np.array([[x_m, 0.0, 0.0], [x_m, 0.0, height_m]]))[:, :2]
    half = 0.18 * (foot[1] - top[1])
    return [foot[0] - half, top[1], foot[0] + half, foot[1]]


def watch(bodies: UprightBodies, *, height_m: float, people: int, novelty: float = 1.0) -> None:
    for number in range(people):
        box = show(6.0 + number % 5, height_m * (1 + 0.06 * np.sin(7.0 * number)))
        bodies.learn(np.array([box]), 1.0, np.full(1, novelty))


def test_after_a_school_class_adults_are_what_people_are_compared_with_again() -> None:
    bodies = UprightBodies(VIEW)
    watch(bodies, height_m=1.3, people=600)
    assert (before_m := bodies.mean_height_m) < 1.35
    assert bodies.take_change() == 1.0
    watch(bodies, height_m=1.7, people=100)
    assert bodies.mean_height_m == pytest.approx(1.7, abs=0.03)
    assert bodies.take_change() == pytest.approx(before_m / 1.7, abs=0.03)
    assert bodies.take_change() == 1.0


def test_one_person_who_stays_is_no_reason_to_begin_anew() -> None:
    bodies = UprightBodies(VIEW)
    watch(bodies, height_m=1.85, people=600)
    learned_m = bodies.mean_height_m
    assert learned_m == pytest.approx(1.85, abs=0.03)
    watch(bodies, height_m=1.3, people=3600, novelty=1e-4)
    assert bodies.mean_height_m == learned_m


def look(floor: VisibleFloor, u_px: float, times: int) -> list[float]:
    return [float(floor.find_novelty(np.array([[u_px], [500.0]]))[0]) for _ in range(times)]


def test_all_looks_at_one_place_tell_hardly_more_than_the_first() -> None:
    told = look(VisibleFloor(VIEW), 640.0, 10 * RECENT_LOOKS)
    assert told[0] == 1.0
    assert sum(told) < 1.7


def test_a_place_is_new_again_once_others_were_looked_at() -> None:
    floor = VisibleFloor(VIEW)
    look(floor, 640.0, 100)
    (soon,) = look(floor, 640.0, 1)
    look(floor, 100.0, 10 * RECENT_LOOKS)
    (later,) = look(floor, 640.0, 1)
    assert soon < 0.001
    assert later > 0.5


def test_people_stay_as_tall_as_they_are_when_the_mean_person_is_another() -> None:
    statures = Statures()
    statures.add(np.array([1.3, 1.0]), np.array([True, False]))
    height, sigma = 1.3 * statures.value, 1.3 * np.sqrt(statures.variance)
    statures.rescale(1.3 / 1.7)
    assert 1.7 * statures.value == pytest.approx(height)
    assert 1.7 * np.sqrt(statures.variance) == pytest.approx(sigma)
