"""The plan in the picture, the picture on the plan, and ellipses, against a camera that is known exactly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analytics.domain.camera import PointPair
from analytics.domain.errors import CalibrationError
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry, FloorPlan, Obstacle
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import Zone, ZoneKind
from app.calibration.calibration_preview import (
    Certainty,
    preview_calibration,
    report_calibration,
    warp_picture,
)
from app.calibration.chessboard_search import search_chessboard
from app.core.job import JobContext
from tools.simulation.rendering.exhibition_scene import FRAME_SIZE_WH, HALL_CAMERAS, calibrate_hall_camera

HALL = HALL_CAMERAS[0]
TRUTH = HALL.to_pinhole().to_geometry()
CAMERA = replace(calibrate_hall_camera(HALL, analysed_fps=5.0), mask=())
STAND = ((8.0, 7.0), (12.0, 7.0), (12.0, 9.0), (8.0, 9.0))
PLAN = FloorPlan(
    Polygon.from_points([(0, 0), (40, 0), (40, 25), (0, 25)], what="the floor"),
    obstacles=(Obstacle("stand", Polygon.from_points(STAND, what="the stand")),),
)
ZONES = FloorGeometry(
    zones=(
        Zone(ZoneId("in view"), ZoneKind.BOOTH, Polygon.from_points(STAND, what="a zone")),
        Zone(
            ZoneId("behind the camera"),
            ZoneKind.BOOTH,
            Polygon.from_points([(30, 0.1), (31, 0.1), (31, 0.2), (30, 0.2)], what="a zone"),
        ),
    )
)
FEW = replace(CAMERA, pairs=CAMERA.pairs[:3] + CAMERA.pairs[4:7])


def test_the_plan_is_drawn_where_the_camera_sees_it() -> None:
    preview = preview_calibration(CAMERA, plan=PLAN, geometry=ZONES)
    (line,) = [line for line in preview.lines_px if line.zone == 0]
    corners = TRUTH.project_to_pixel(np.array(STAND))
    drawn = np.array(line.points)
    for corner in corners:
        assert np.linalg.norm(drawn - corner, axis=1).min() < 0.1
    assert not [line for line in preview.lines_px if line.zone == 1]
    assert [line for line in preview.lines_px if line.zone is None]


@pytest.mark.parametrize("scale", [0.5, 1, 2])
def test_the_picture_lies_on_the_floor_where_it_was_taken(scale: float) -> None:
    """A picture whose colours say which floor is seen there gives the floor back."""
    width, height = (round(side * scale) for side in FRAME_SIZE_WH)
    u, v = np.meshgrid((np.arange(width) + 0.5) / scale, (np.arange(height) + 0.5) / scale)
    floor = TRUTH.project_to_floor(np.column_stack([u.ravel(), v.ravel()])).reshape(height, width, 2)
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, :, :2] = np.clip(np.nan_to_num(floor, nan=0.0) * 5, 0, 255)
    warped = warp_picture(picture, TRUTH, FRAME_SIZE_WH, outline=PLAN.outline)
    assert warped is not None
    rows, columns = warped.rgba.shape[:2]
    for x_m, y_m in ((8.0, 6.0), (12.0, 9.0), (5.0, 12.0)):
        row = int((y_m - warped.bottom_m) / warped.height_m * rows)
        column = int((x_m - warped.left_m) / warped.width_m * columns)
        red, green, _blue, alpha = warped.rgba[row, column].tolist()
        assert alpha == 255
        assert (red / 5, green / 5) == pytest.approx((x_m, y_m), abs=0.5)
    # the camera hangs at 10 m from the left, and sees nothing of the floor's lower right corner
    assert warped.rgba[0, -1, 3] == 0


def test_ellipses_lie_round_their_places_and_grow_with_the_error() -> None:
    many, few = (preview_calibration(camera, plan=PLAN, geometry=ZONES) for camera in (CAMERA, FEW))
    for ellipse in many.ellipses:
        ring = np.array(ellipse.ring)
        assert ring.mean(axis=0) == pytest.approx(ellipse.centre, abs=0.01)
    assert {ellipse.certainty for ellipse in many.ellipses} == {Certainty.GOOD, Certainty.FAIR}
    assert Certainty.POOR in {ellipse.certainty for ellipse in few.ellipses}
    expected = many.report.uncertainty.find_ellipses_on_floor(np.array([many.ellipses[0].centre]))
    reach = np.linalg.norm(np.array(many.ellipses[0].ring) - many.ellipses[0].centre, axis=1)
    assert reach.max() == pytest.approx(expected.semi_axes_m[0, 0], rel=0.02)
    assert reach.min() == pytest.approx(expected.semi_axes_m[0, 1], rel=0.02)


def test_the_ring_marks_the_place_where_a_point_helps() -> None:
    preview = preview_calibration(FEW, plan=PLAN, geometry=ZONES)
    assert preview.advised is not None
    pixel, place = preview.advised.pixel, preview.advised.place
    assert TRUTH.project_to_pixel(np.array([place]))[0] == pytest.approx(pixel, abs=0.5)
    errors_m = preview.report.uncertainty.compute_expected_error(
        preview.report.uncertainty.geometry.project_to_pixel(np.array([e.centre for e in preview.ellipses]))
    )
    assert preview.advised.error_m == pytest.approx(errors_m.mean())
    with_it = replace(FEW, pairs=(*FEW.pairs, PointPair(*pixel, *place)))
    after = report_calibration(with_it).uncertainty
    seen = after.geometry.project_to_pixel(np.array([e.centre for e in preview.ellipses]))
    # how exactly a hand clicks is learned anew from the seventh pair
    told_m = after.compute_expected_error(seen).mean() * preview.report.noise_px / after.noise_px
    assert told_m == pytest.approx(preview.advised.error_after_m, rel=0.1)
    assert told_m < 0.7 * preview.advised.error_m
    assert preview_calibration(CAMERA, plan=PLAN, geometry=ZONES).advised is None


SQUARE_PX, LEFT, TOP = 30, 50, 40


def draw_board() -> np.ndarray:
    picture = np.full((360, 640, 3), 220, np.uint8)
    for row in range(6):
        for column in range(9):
            if (row + column) % 2 == 0:
                y, x = TOP + row * SQUARE_PX, LEFT + column * SQUARE_PX
                picture[y : y + SQUARE_PX, x : x + SQUARE_PX] = 20
    return picture


def test_corners_are_found_in_the_cameras_frame() -> None:
    corners = search_chessboard(
        draw_board(), frame_wh=(1280, 720), squares_across=9, squares_down=6, context=JobContext()
    )
    assert corners.shape == (5, 8, 2)
    columns, rows = np.meshgrid(LEFT + SQUARE_PX * np.arange(1, 9), TOP + SQUARE_PX * np.arange(1, 6))
    expected = 2.0 * np.stack([columns, rows], axis=-1).reshape(-1, 2)
    off = np.linalg.norm(corners.reshape(-1, 1, 2) - expected, axis=2).min(axis=0)
    assert off.max() < 0.6


def test_no_board_is_told_in_words_that_can_be_translated() -> None:
    grey = np.full((90, 160, 3), 90, np.uint8)
    with pytest.raises(CalibrationError) as caught:
        search_chessboard(grey, frame_wh=(160, 90), squares_across=9, squares_down=6, context=JobContext())
    assert caught.value.problem_template.startswith("No chessboard of {across} by {down} squares")
