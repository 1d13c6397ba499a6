"""Boards that are drawn into a known view are found to a fraction of a pixel; no board is said to be none."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest

from analytics.domain.camera import PointPair
from analytics.domain.errors import CalibrationError
from tools.simulation.pinhole_camera import PinholeCamera
from vision.calibration.chessboard import find_chessboard
from vision.calibration.floor_placement import Placement, place_by_direction, place_by_points
from vision.calibration.homography import estimate_homography
from vision.calibration.rectangle import (
    fit_local_geometry,
    measure_chessboard,
    measure_rectangle,
    place_pairs,
)

VIEW = PinholeCamera((10.0, 2.0, 4.0), 1.9, math.radians(35), math.radians(80), (1280, 720))
TRUTH = VIEW.to_geometry()
ON_PLAN = Placement(0.7, (7.5, 6.0))
CORNERS_M = ON_PLAN.move(np.array([[0.0, 0.0], [2.4, 0.0], [2.4, 1.6], [0.0, 1.6]]))
LOOK_AT = TRUTH.project_to_pixel(ON_PLAN.move(np.array([[1.0, 1.0], [3.5, 2.0], [-1.0, -0.5]])))


def click(xy_m: np.ndarray) -> list[tuple[float, float]]:
    return [(float(u), float(v)) for u, v in TRUTH.project_to_pixel(np.atleast_2d(xy_m))]


def pair_at(x_m: float, y_m: float) -> PointPair:
    return PointPair(*click(np.array([x_m, y_m]))[0], x_m, y_m)


@pytest.mark.parametrize("is_clockwise", [False, True])
def test_a_rectangle_and_two_points_give_the_floor(is_clockwise: bool) -> None:
    corners = click(CORNERS_M)
    if is_clockwise:
        corners = [corners[0], corners[3], corners[2], corners[1]]
    sides = (1.6, 2.4) if is_clockwise else (2.4, 1.6)
    local = measure_rectangle(corners, width_m=sides[0], depth_m=sides[1])
    known = [pair_at(6.0, 7.0), pair_at(9.0, 9.0)]
    placement = place_by_points(fit_local_geometry(local), known)
    fit = estimate_homography(place_pairs(local, placement))
    np.testing.assert_allclose(
        fit.geometry.project_to_floor(LOOK_AT), TRUTH.project_to_floor(LOOK_AT), atol=1e-6
    )


def test_a_rectangle_a_point_and_a_direction_give_the_floor() -> None:
    local = measure_rectangle(click(CORNERS_M), width_m=2.4, depth_m=1.6)
    placement = place_by_direction(
        fit_local_geometry(local), pair_at(6.0, 7.0), click(np.array([8.0, 7.0]))[0], 0.0
    )
    np.testing.assert_allclose([placement.angle_rad, *placement.shift_m], [0.7, 7.5, 6.0], atol=1e-6)


def test_a_chessboard_gives_a_pair_for_each_corner() -> None:
    grid = np.array([(0.25 * column, 0.25 * row) for row in range(4) for column in range(6)])
    local = measure_chessboard(click(ON_PLAN.move(grid)), columns=6, square_m=0.25)
    np.testing.assert_allclose([(pair.x_m, pair.y_m) for pair in local], grid)
    np.testing.assert_allclose(
        [(pair.x_m, pair.y_m) for pair in place_pairs(local, ON_PLAN)], ON_PLAN.move(grid)
    )


@pytest.mark.parametrize(
    ("corners", "sides_m", "sentence"),
    [
        (click(CORNERS_M)[:3], (2.4, 1.6), "four corners, not 3"),
        (click(CORNERS_M), (0.0, 1.6), "is 0 m long"),
        (click(CORNERS_M), (2.4, float("nan")), "is nan m long"),
        ([click(CORNERS_M)[i] for i in (0, 2, 1, 3)], (2.4, 1.6), "are not in order around"),
        ([(0, 0), (100, 0), (50, 0), (0, 100)], (2.4, 1.6), "are not in order around"),
    ],
)
def test_a_rectangle_that_cannot_be_is_refused(
    corners: list[tuple[float, float]], sides_m: tuple[float, float], sentence: str
) -> None:
    with pytest.raises(CalibrationError, match=sentence):
        measure_rectangle(corners, width_m=sides_m[0], depth_m=sides_m[1])


@pytest.mark.parametrize(("count", "columns"), [(5, 2), (3, 3), (4, 1), (4, 0)])
def test_a_chessboard_with_corners_missing_is_refused(count: int, columns: int) -> None:
    with pytest.raises(CalibrationError, match="do not form rows"):
        measure_chessboard([(float(i), 0.0) for i in range(count)], columns=columns, square_m=0.1)


def test_places_that_cannot_be_are_refused() -> None:
    geometry = fit_local_geometry(measure_rectangle(click(CORNERS_M), width_m=2.4, depth_m=1.6))
    here, there = pair_at(6.0, 7.0), pair_at(9.0, 9.0)
    with pytest.raises(CalibrationError, match="there are 1"):
        place_by_points(geometry, [here])
    with pytest.raises(CalibrationError, match="at the same position"):
        place_by_points(geometry, [here, here])
    with pytest.raises(CalibrationError, match="at the same position"):
        place_by_direction(geometry, here, (here.u_px, here.v_px), 0.0)
    with pytest.raises(CalibrationError, match=r"apart on the plan, but 3\.61 m"):
        place_by_points(geometry, [here, PointPair(there.u_px, there.v_px, 12.0, 9.0)])
    with pytest.raises(CalibrationError, match="above the horizon"):
        place_by_points(geometry, [here, PointPair(640, -3000, 9.0, 9.0)])


SIZE_WH = (640, 360)
BOARD_VIEW = PinholeCamera((0.0, 0.0, 3.0), 0.0, math.radians(40), math.radians(80), SIZE_WH)
ACROSS, DOWN, SQUARE_M = 8, 6, 0.3


def draw_board() -> tuple[npt.NDArray[np.uint8], np.ndarray]:
    """A picture of a board on the floor, and its inner corners, shape (DOWN - 1, ACROSS - 1, 2)."""
    geometry = BOARD_VIEW.to_geometry()
    # three by three samples in each pixel
    v, u = (np.mgrid[0 : 3 * SIZE_WH[1], 0 : 3 * SIZE_WH[0]] + 0.5) / 3
    floor = geometry.project_to_floor(np.column_stack([u.ravel(), v.ravel()]))
    cells = np.floor((floor - (3.0, -1.2)) / SQUARE_M)
    inside = (cells >= 0).all(axis=1) & (cells[:, 0] < DOWN) & (cells[:, 1] < ACROSS)
    is_black = inside & (np.nan_to_num(cells).sum(axis=1) % 2 == 0)
    fine = np.where(is_black, 30, 210).reshape(SIZE_WH[1], 3, SIZE_WH[0], 3)
    picture = np.asarray(fine.mean(axis=(1, 3)), np.uint8)
    rows, columns = np.mgrid[1:DOWN, 1:ACROSS]
    corners = np.column_stack([3.0 + SQUARE_M * rows.ravel(), -1.2 + SQUARE_M * columns.ravel()])
    return picture, geometry.project_to_pixel(corners)


def test_its_corners_are_found_to_a_fraction_of_a_pixel() -> None:
    picture, expected = draw_board()
    found = find_chessboard(picture, squares_across=ACROSS, squares_down=DOWN)
    assert found.shape == (DOWN - 1, ACROSS - 1, 2)
    off = np.linalg.norm(found.reshape(-1, 1, 2) - expected, axis=2).min(axis=0)
    assert off.max() < 0.5


def test_no_board_and_boards_too_small_are_told_apart() -> None:
    grey = np.full((180, 320), 90, np.uint8)
    with pytest.raises(CalibrationError, match="No chessboard of 8 by 6 squares was found"):
        find_chessboard(grey, squares_across=8, squares_down=6)
    with pytest.raises(CalibrationError, match="too small to be detected"):
        find_chessboard(grey, squares_across=8, squares_down=3)
