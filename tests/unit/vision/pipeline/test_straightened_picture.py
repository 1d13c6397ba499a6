from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from analytics.domain.camera import Camera
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.identifiers import CameraId, TrackletId
from analytics.domain.lens import Lens
from analytics.domain.track import TrackState
from tools.simulation.body_boxes import project_bodies
from tools.simulation.pinhole_camera import PinholeCamera
from vision.pipeline.detection_lane import UndistortedPicture, make_undistorted_picture
from vision.pixel_types import Detections, FootPoint, TrackedBox
from vision.tracking.floor_projection import FloorProjection
from vision.tracking.floor_view import make_floor_view

SIZE_WH = (1280, 720)
VIEW = PinholeCamera((0.0, 0.0, 4.0), math.pi / 2, math.radians(30), math.radians(70), SIZE_WH)
LENS = Lens(-0.25).in_picture(SIZE_WH)
BENT = CameraGeometry(VIEW.to_geometry().floor_from_pixel, lens=LENS)
MASK = ((100.0, 100.0), (500.0, 100.0), (500.0, 600.0), (100.0, 600.0))
CAMERA = Camera(CameraId("north"), SIZE_WH, mask=(MASK,), lens=Lens(-0.25))


def make_picture(size_wh: tuple[int, int] = SIZE_WH) -> UndistortedPicture:
    picture = make_undistorted_picture(CAMERA, make_floor_view(CAMERA, BENT, size_wh))
    assert picture is not None
    return picture


def film_bent(places_m: np.ndarray) -> np.ndarray:
    """Boxes round people in the bent picture."""
    count = len(places_m)
    xyxy = project_bodies(
        view=VIEW, xy_m=places_m, height_m=np.full(count, 1.7), half_width_m=np.full(count, 0.25)
    ).xyxy
    middle = (xyxy[:, 0] + xyxy[:, 2]) / 2
    top, bottom = (LENS.distort(np.column_stack([middle, xyxy[:, side]])) for side in (1, 3))
    centre = (top[:, 0] + bottom[:, 0]) / 2
    return np.column_stack([centre - 15, top[:, 1], centre + 15, bottom[:, 1]])


def detect(xyxy: np.ndarray) -> Detections:
    return Detections(xyxy.astype(np.float32), np.linspace(0.9, 0.5, len(xyxy), dtype=np.float32))


def track(xyxy: np.ndarray, foot: FootPoint | None = None) -> TrackedBox:
    left, top, right, bottom = (float(value) for value in xyxy)
    return TrackedBox(TrackletId(1), 0.0, (left, top, right, bottom), 0.9, TrackState.CONFIRMED, foot)


def test_a_straight_lens_needs_no_other_picture() -> None:
    camera = dataclasses.replace(CAMERA, lens=None)
    view = make_floor_view(camera, CameraGeometry(BENT.floor_from_pixel), SIZE_WH)
    assert make_undistorted_picture(camera, view) is None


@pytest.mark.parametrize("size_wh", [SIZE_WH, (640, 360)])
def test_both_pictures_show_the_same_floor(size_wh: tuple[int, int]) -> None:
    picture = make_picture(size_wh)
    places_m = np.array([[0.0, 6.0], [2.5, 5.0], [-3.0, 9.0]])
    by = size_wh[0] / SIZE_WH[0]
    straight = picture.undistort_detections(detect(film_bent(places_m) * by)).xyxy.astype(np.float64)
    feet = np.column_stack([(straight[:, 0] + straight[:, 2]) / 2, straight[:, 3]])
    np.testing.assert_allclose(picture.geometry.project_to_floor(feet), places_m, atol=0.25)


def test_people_are_projected_to_where_they_stand() -> None:
    picture = make_picture()
    projection = FloorProjection(
        dataclasses.replace(picture.camera, mask=()), picture.geometry, picture.size_wh
    )
    places_m = np.array([[3.0, 6.0], [2.5, 5.0]])
    boxes = picture.undistort_detections(detect(film_bent(places_m))).xyxy
    points = projection.project([track(box) for box in boxes])
    np.testing.assert_allclose([(p.x_m, p.y_m) for p in points], places_m, atol=0.25)


def test_whoever_is_cut_off_stays_cut_off_and_nobody_else_is() -> None:
    picture = make_picture()
    cut = np.array([[300, 400, 360, 720], [0, 300, 60, 500], [1250, 300, 1280, 500], [600, 0, 660, 150]])
    whole = np.array([[300, 400, 360, 700], [20, 300, 80, 500], [1180, 300, 1262, 500], [40, 12, 100, 150]])
    width, height = picture.size_wh
    edges = picture.undistort_detections(detect(cut)).xyxy
    np.testing.assert_array_equal([edges[0, 3], edges[1, 0], edges[2, 2], edges[3, 1]], [height, 0, width, 0])
    inside = picture.undistort_detections(detect(whole)).xyxy
    assert (inside[:, :2] > 0).all()
    assert (inside[:, 2:] < [width, height]).all()


def test_boxes_come_back_to_where_people_see_them() -> None:
    picture = make_picture()
    xyxy = np.array([[300.0, 200.0, 340.0, 300.0], [1150.0, 500.0, 1200.0, 650.0]])
    straight = picture.undistort_detections(detect(xyxy)).xyxy
    bent_boxes = picture.distort_boxes([track(box) for box in straight])
    np.testing.assert_allclose([box.xyxy for box in bent_boxes], xyxy, atol=8)
    assert [box.foot for box in bent_boxes] == [None, None]
    foot = FootPoint(float(straight[0, 0]), float(straight[0, 3]), 3.0, 6.0, 0.2, 1.7)
    (footless, footed) = picture.distort_boxes([track(straight[1]), track(straight[0], foot)])
    assert footless == bent_boxes[1]
    assert footed._replace(foot=None) == bent_boxes[0]
    bent = footed.foot
    assert bent is not None
    assert (bent.u_px, bent.v_px) == pytest.approx((300, 300), abs=8)
    assert bent[2:] == (3.0, 6.0, 0.2, 1.7)


def test_nobody_stays_nobody() -> None:
    picture = make_picture()
    assert len(picture.undistort_detections(Detections.empty())) == 0
    assert picture.distort_boxes([]) == []


def test_a_box_that_the_bent_picture_cannot_hold_stays_as_it_is_and_changes_no_other() -> None:
    bulging = CameraGeometry(BENT.floor_from_pixel, lens=Lens(0.4).in_picture(SIZE_WH))
    camera = dataclasses.replace(CAMERA, lens=Lens(0.4), mask=())
    picture = make_undistorted_picture(camera, make_floor_view(camera, bulging, SIZE_WH))
    assert picture is not None
    inside, outside = np.array([300.0, 200.0, 340.0, 300.0]), np.array([-9000.0, 200.0, -8000.0, 300.0])
    alone = picture.distort_boxes([track(inside)])
    assert picture.distort_boxes([track(outside), track(inside)]) == [track(outside), *alone]
    assert alone != [track(inside)]


def test_a_privacy_mask_is_straightened_with_the_mask_and_hides_nothing_a_second_time() -> None:
    both = dataclasses.replace(CAMERA, privacy_mask=(((900.0, 40.0), (1200.0, 40.0), (1200.0, 90.0)),))
    picture = make_undistorted_picture(both, make_floor_view(both, BENT, SIZE_WH))
    assert picture is not None
    assert picture.camera.mask[:1] == make_picture().camera.mask
    assert len(picture.camera.mask) == 2
    assert picture.camera.privacy_mask == ()


def test_the_mask_is_straightened() -> None:
    picture = make_picture()
    polygon = np.array(picture.camera.mask[0])
    assert len(polygon) == 32
    inside = picture.undistort_detections(detect(np.array([[290.0, 340.0, 310.0, 360.0]]))).xyxy[0]
    assert (polygon.min(axis=0) < inside[:2]).all()
    assert (polygon.max(axis=0) > inside[2:]).all()
