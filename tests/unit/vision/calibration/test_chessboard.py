"""Boards that are drawn into a known view are found to a fraction of a pixel; no board is said to be none."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest

from analytics.domain.errors import CalibrationError
from vision.calibration.chessboard import find_chessboard
from vision.simulation.pinhole_camera import PinholeCamera

SIZE_WH = (640, 360)
VIEW = PinholeCamera((0.0, 0.0, 3.0), 0.0, math.radians(40), math.radians(80), SIZE_WH)
ACROSS, DOWN, SQUARE_M = 8, 6, 0.3


def draw_board() -> tuple[npt.NDArray[np.uint8], np.ndarray]:
    """A picture of a board on the floor, and its inner corners, shape (DOWN - 1, ACROSS - 1, 2)."""
    geometry = VIEW.to_geometry()
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
    with pytest.raises(CalibrationError, match="No chessboard of 8 by 6 squares is seen"):
        find_chessboard(grey, squares_across=8, squares_down=6)
    with pytest.raises(CalibrationError, match="too small to be found"):
        find_chessboard(grey, squares_across=8, squares_down=3)
