from __future__ import annotations

import math

import numpy as np
import pytest

from analytics.domain.camera import Camera
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.errors import CalibrationError
from analytics.domain.identifiers import CameraId, TrackletId
from analytics.domain.lens import Lens
from analytics.domain.track import TrackState
from tools.simulation.pinhole_camera import PinholeCamera
from vision.pipeline.detection_lane import make_undistorted_picture
from vision.pixel_types import FootPoint, TrackedBox
from vision.tracking.floor_projection import (
    FEET_AHEAD_M,
    FOOT_SIGMA_HEIGHTS,
    HIDDEN_FEET_SIGMA_HEIGHTS,
    INTERPOLATED_SIGMA_HEIGHTS,
    FloorProjection,
)
from vision.tracking.floor_view import FloorView, make_floor_view
from vision.tracking.vertical_direction import find_below_camera

SIZE_WH = (800, 600)
SCALING = CameraGeometry(np.diag([0.01, 0.01, 1.0]))
HALL = CameraGeometry(np.array([[0.01, 0.002, -3.0], [0.0, -0.02, 30.0], [0.0, 0.004, -0.4]]))
"""Its horizon is at v = 100."""
TRIANGLE = ((0.0, 300.0), (200.0, 300.0), (0.0, 500.0))


def make_camera(**changes: object) -> Camera:
    return Camera(**({"name": CameraId("north"), "frame_size_wh": SIZE_WH} | changes))


def make_box(
    u_px: float, v_px: float, *, height_px: float = 100.0, state: TrackState = TrackState.CONFIRMED
) -> TrackedBox:
    half = 0.2 * height_px
    return TrackedBox(TrackletId(7), 12.5, (u_px - half, v_px - height_px, u_px + half, v_px), 0.8, state)


def expected_sigma_m(*extra_down: float, extra_across: float = 0.0, height_m: float = 1.0) -> float:
    across = FOOT_SIGMA_HEIGHTS[0] ** 2 + extra_across**2
    down = FOOT_SIGMA_HEIGHTS[1] ** 2 + sum(extra**2 for extra in extra_down)
    return height_m * float(np.sqrt((across + down) / 2))


def test_the_middle_of_the_lower_edge_is_projected() -> None:
    (point,) = FloorProjection(make_camera(), SCALING, SIZE_WH).project([make_box(300, 400)])
    assert (point.x_m, point.y_m) == pytest.approx((3.0, 4.0))
    assert (point.time_s, point.camera, point.tracklet) == (12.5, "north", 7)
    assert (point.state, point.height_m) == (TrackState.CONFIRMED, None)


def test_nobody_gives_nothing() -> None:
    assert FloorProjection(make_camera(), SCALING, SIZE_WH).project([]) == []


@pytest.mark.parametrize("height_px", [50.0, 100.0, 200.0])
def test_sigma_is_in_proportion_to_the_person(height_px: float) -> None:
    (point,) = FloorProjection(make_camera(), SCALING, SIZE_WH).project(
        [make_box(300, 400, height_px=height_px)]
    )
    assert point.sigma_m == pytest.approx(expected_sigma_m(height_m=height_px / 100))


def test_a_point_between_sightings_is_less_certain() -> None:
    box = make_box(300, 400, state=TrackState.INTERPOLATED)
    (point,) = FloorProjection(make_camera(), SCALING, SIZE_WH).project([box])
    added = INTERPOLATED_SIGMA_HEIGHTS
    assert point.sigma_m == pytest.approx(expected_sigma_m(added, extra_across=added))
    assert point.state is TrackState.INTERPOLATED


@pytest.mark.parametrize(("v_px", "is_cut_off"), [(600, True), (595, True), (590, False)])
def test_feet_below_the_picture_are_uncertain(v_px: float, is_cut_off: bool) -> None:
    (point,) = FloorProjection(make_camera(), SCALING, SIZE_WH).project([make_box(300, v_px)])
    expected = expected_sigma_m(HIDDEN_FEET_SIGMA_HEIGHTS) if is_cut_off else expected_sigma_m()
    assert point.sigma_m == pytest.approx(expected)


def test_the_calibrations_error_is_in_sigma() -> None:
    geometry = CameraGeometry(SCALING.floor_from_pixel, pair_rms_m=0.4)
    (point,) = FloorProjection(make_camera(), geometry, SIZE_WH).project([make_box(300, 400)])
    assert point.sigma_m == pytest.approx(np.hypot(expected_sigma_m(), 0.4))


def test_the_place_that_a_tracker_knows_is_taken_as_it_is() -> None:
    known = make_box(300, 400)._replace(foot=FootPoint(310, 420, 3.1, 4.2, 0.3, 1.8))
    projection = FloorProjection(make_camera(), CameraGeometry(SCALING.floor_from_pixel, 0.4), SIZE_WH)
    behind, point, beside = projection.project([make_box(300, 400), known, make_box(100, 400)])
    assert (point.x_m, point.y_m, point.sigma_m, point.height_m) == (3.1, 4.2, 0.3, 1.8)
    assert (behind.x_m, beside.x_m, behind.height_m) == (pytest.approx(3.0), pytest.approx(1.0), None)
    assert projection.project([known]) == [point]


def test_the_feet_that_a_tracker_knows_are_masked_by_their_pixels_and_off_the_floor_if_worthless() -> None:
    projection = FloorProjection(make_camera(mask=(TRIANGLE,)), SCALING, SIZE_WH)
    masked, far, kept = (
        FootPoint(50, 350, 9, 9, 0.1),
        FootPoint(500, 350, 9, 9, 5.1),
        FootPoint(9, 9, 1, 2, 5.0),
    )
    boxes = [make_box(300, 400)._replace(foot=foot) for foot in (masked, far, kept)]
    assert [(point.x_m, point.y_m) for point in projection.project(boxes)] == [(1, 2)]
    assert (projection.masked, projection.off_floor) == (1, 1)


def test_boxes_in_the_mask_are_left_out_and_counted() -> None:
    projection = FloorProjection(make_camera(mask=(TRIANGLE,)), SCALING, SIZE_WH)
    boxes = [make_box(50, 350), make_box(190, 490), make_box(100, 299), make_box(60, 420)]
    points = projection.project(boxes)
    assert [(point.x_m, point.y_m) for point in points] == [
        pytest.approx((1.9, 4.9)),
        pytest.approx((1.0, 2.99)),
    ]
    assert projection.masked == 2
    assert projection.off_floor == 0


def test_feet_behind_a_privacy_mask_are_left_out_as_those_in_a_mask_are() -> None:
    projection = FloorProjection(make_camera(privacy_mask=(TRIANGLE,)), SCALING, SIZE_WH)
    assert [point.x_m for point in projection.project([make_box(50, 350), make_box(190, 490)])] == [
        pytest.approx(1.9)
    ]
    assert projection.masked == 1


def test_boxes_above_or_just_under_the_horizon_are_left_out_and_counted() -> None:
    projection = FloorProjection(make_camera(), HALL, SIZE_WH)
    boxes = [make_box(300, v_px, height_px=20) for v_px in (60, 100, 101, 500)]
    points = projection.project(boxes)
    feet_m = HALL.project_to_floor(np.array([[300, 500]]))[0]
    below = find_below_camera(FloorView(HALL, SIZE_WH))
    assert below is not None
    middle_m = feet_m + FEET_AHEAD_M * (feet_m - below) / np.linalg.norm(feet_m - below)
    np.testing.assert_allclose((points[0].x_m, points[0].y_m), middle_m)
    assert len(points) == 1
    assert projection.off_floor == 3


def test_a_stream_of_another_size_is_scaled_with_its_mask() -> None:
    camera = make_camera(mask=(TRIANGLE,))
    points = FloorProjection(camera, SCALING, SIZE_WH).project([make_box(300, 400)])
    half = FloorProjection(camera, SCALING, (400, 300))
    assert half.project([make_box(150, 200, height_px=50), make_box(25, 175)]) == points
    assert half.masked == 1


def test_the_streams_size_serves_where_the_calibrations_is_not_known() -> None:
    camera = make_camera(frame_size_wh=None)
    (point,) = FloorProjection(camera, SCALING, (1280, 960)).project([make_box(300, 400)])
    assert (point.x_m, point.y_m) == pytest.approx((3.0, 4.0))


def test_a_stream_of_another_shape_is_refused() -> None:
    with pytest.raises(CalibrationError, match=r"'north' delivers pictures of 1280x720.* at 800x600"):
        FloorProjection(make_camera(), SCALING, (1280, 720))


def test_a_row_of_rounding_in_the_shape_is_no_other_shape() -> None:
    camera = make_camera(frame_size_wh=(1920, 1080))
    (point,) = FloorProjection(camera, SCALING, (640, 358)).project([make_box(100, 100)])
    assert point.x_m == pytest.approx(3.0)


@pytest.mark.parametrize("mirrored", [1, -1])
def test_the_middle_of_a_body_is_behind_the_feet_that_the_camera_sees(mirrored: int) -> None:
    place = np.array([2.0, -1.0])
    view = PinholeCamera((*place, 4.0), 0.5, math.radians(30), math.radians(70), SIZE_WH).to_geometry()
    geometry = CameraGeometry(np.diag([mirrored, 1.0, 1.0]) @ view.floor_from_pixel)
    below = place * [mirrored, 1]
    u_px = np.array([120.0, 400.0, 700.0])
    feet_m = geometry.project_to_floor(np.column_stack([u_px, np.full(3, 450.0)]))
    points = FloorProjection(make_camera(), geometry, SIZE_WH).project([make_box(u, 450) for u in u_px])
    moved_m = np.array([(point.x_m, point.y_m) for point in points]) - feet_m
    away = (feet_m - below) / np.linalg.norm(feet_m - below, axis=1, keepdims=True)
    np.testing.assert_allclose(moved_m, FEET_AHEAD_M * away, atol=1e-6)


def test_who_stands_nearly_below_the_camera_is_moved_the_less() -> None:
    view = PinholeCamera((0.0, 0.0, 4.0), 0.0, math.radians(40), math.radians(70), SIZE_WH).to_geometry()
    foot = FootPoint(400.0, 900.0, 0.3, 0.0, 0.1)
    box = make_box(400, 590)._replace(foot=foot)
    (point,) = FloorProjection(make_camera(), view, SIZE_WH).project([box])
    assert (point.x_m, point.y_m) == pytest.approx((0.3 + 0.3 * FEET_AHEAD_M, 0.0), abs=1e-6)


def test_nobody_is_moved_where_the_point_below_the_camera_is_in_the_picture() -> None:
    view = PinholeCamera((0.0, 0.0, 5.0), 0.0, math.radians(80), math.radians(70), SIZE_WH).to_geometry()
    (point,) = FloorProjection(make_camera(), view, SIZE_WH).project([make_box(300, 200)])
    feet_m = view.project_to_floor(np.array([[300.0, 200.0]]))[0]
    assert (point.x_m, point.y_m) == pytest.approx(tuple(feet_m))


@pytest.mark.parametrize("size_wh", [SIZE_WH, (400, 300), (1600, 1200)])
def test_the_point_below_the_camera_is_the_same_in_pictures_of_any_size(size_wh: tuple[int, int]) -> None:
    view = PinholeCamera((2.0, -1.0, 4.0), 0.5, math.radians(35), math.radians(70), SIZE_WH).to_geometry()
    below = find_below_camera(make_floor_view(make_camera(), view, size_wh))
    np.testing.assert_allclose(below, (2.0, -1.0), atol=1e-6)


@pytest.mark.parametrize("distortion", [-0.15, -0.45])
def test_a_wide_lens_tells_where_the_camera_hangs_in_the_straightened_picture(distortion: float) -> None:
    lens = Lens(distortion).in_picture(SIZE_WH)
    reach_px = float(lens.straighten(np.array([[SIZE_WH[0], SIZE_WH[1] / 2]]))[0, 0]) - SIZE_WH[0] / 2
    focal_px = reach_px / math.tan(math.radians(110) / 2)
    across = 2 * math.atan(SIZE_WH[0] / 2 / focal_px)
    straight = PinholeCamera((2.0, -1.0, 4.0), 0.5, math.radians(25), across, SIZE_WH).to_geometry()
    camera = make_camera(lens=Lens(distortion))
    view = make_floor_view(camera, CameraGeometry(straight.floor_from_pixel, lens=lens), SIZE_WH)
    picture = make_undistorted_picture(camera, view)
    assert picture is not None
    below = find_below_camera(make_floor_view(picture.camera, picture.geometry, picture.size_wh))
    np.testing.assert_allclose(below, (2.0, -1.0), atol=0.01)
