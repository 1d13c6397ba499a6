"""Chessboard detection in a picture with OpenCV."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from analytics.domain.arrays import FloatArray
from analytics.domain.errors import CalibrationError

MIN_SQUARES = 4
"""Minimum squares along a side; OpenCV requires three inner corners each way."""


def find_chessboard(grey: npt.NDArray[np.uint8], *, squares_across: int, squares_down: int) -> FloatArray:
    """Find a board's inner corners, shape (squares_down - 1, squares_across - 1, 2), pixels.

    By the sector-based detector (Duda and Frese, Accurate Detection and Localization of Checkerboard Corners
    for Calibration, BMVC 2018), which needs no white border and finds corners to a fraction of a pixel.

    Args:
        grey: shape (height, width).

    Raises:
        CalibrationError: no such board is seen, or the numbers of squares are too small.
    """
    if squares_across < MIN_SQUARES or squares_down < MIN_SQUARES:
        raise CalibrationError(
            "A chessboard of {across} by {down} squares is too small to be detected.",
            "Use one with at least {least} squares along each side.",
            across=squares_across,
            down=squares_down,
            least=MIN_SQUARES,
        )
    inner = (squares_across - 1, squares_down - 1)
    flags = cv2.CALIB_CB_EXHAUSTIVE | cv2.CALIB_CB_ACCURACY | cv2.CALIB_CB_NORMALIZE_IMAGE
    is_found, corners = cv2.findChessboardCornersSB(grey, inner, flags=flags)
    if not is_found:
        raise CalibrationError(
            "No chessboard of {across} by {down} squares was found in the picture.",
            "Show the whole board, evenly lit and close enough, and count its squares, not its corners.",
            across=squares_across,
            down=squares_down,
        )
    # pixels are counted from the picture's corner here, and from the first pixel's middle by OpenCV
    found: FloatArray = np.asarray(corners, np.float64).reshape(inner[1], inner[0], 2) + 0.5
    return found
