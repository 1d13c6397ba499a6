import numpy as np
import pytest

from analytics.domain.camera_geometry import CameraGeometry
from vision.pixel_types import Detections, TrackedBox
from vision.tracking.floor_tracker import FloorTracker
from vision.tracking.floor_view import FloorView
from vision.tracking.upright_bodies import UprightBodies

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
    assert bodies.measure_stature(np.array([384.0]), np.array([100.0]), np.array([400.0])) == pytest.approx(1)


def test_a_first_person_who_is_like_nobody_after_them_is_forgotten() -> None:
    bodies = UprightBodies(STAND_IN)
    bodies.learn(np.array([make_box(40)]), 0.1, NEW)
    for _ in range(15):
        bodies.learn(np.array([make_box(350)]), 1.0, NEW)
    stature = bodies.measure_stature(np.array([384.0]), np.array([50.0]), np.array([400.0]))
    assert stature == pytest.approx(1.0, abs=0.05)


def test_odd_people_now_and_then_change_no_height() -> None:
    bodies = UprightBodies(STAND_IN)
    for turn in range(60):
        bodies.learn(np.array([make_box(40 if turn % 3 == 2 else 300)]), 1.0, NEW)
    stature = bodies.measure_stature(np.array([384.0]), np.array([100.0]), np.array([400.0]))
    assert stature == pytest.approx(1.0, abs=0.05)


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
