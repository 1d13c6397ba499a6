"""A chessboard is looked for by a child, in the picture's own pixels or those of a larger frame."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.domain.errors import CalibrationError
from app.calibration.chessboard_search import search_chessboard
from app.core.job import JobContext

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
