"""Point pairs of a measured rectangle, or of a chessboard, on the floor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.camera import PointPair
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.errors import CalibrationError
from analytics.domain.lens import PictureLens
from vision.calibration.floor_placement import Placement
from vision.calibration.homography import estimate_homography


def measure_rectangle(
    corners_px: Sequence[tuple[float, float]], *, width_m: float, depth_m: float
) -> tuple[PointPair, ...]:
    """Return pairs of a rectangle in local coordinates: first corner at the origin, second along x.

    Args:
        corners_px: the four corners one after the other, either way round.
        width_m: from the first to the second corner.
        depth_m: from the second to the third corner.

    Raises:
        CalibrationError: not four corners, a length that is not positive, corners that are not in turn.
    """
    if len(corners_px) != 4:
        raise CalibrationError(
            "A rectangle has four corners, not {count}.",
            "Click the corners one after the other.",
            count=len(corners_px),
        )
    _require_lengths(width_m, depth_m)
    turn = _find_turn(np.asarray(corners_px, dtype=np.float64))
    corners_m = ((0.0, 0.0), (width_m, 0.0), (width_m, turn * depth_m), (0.0, turn * depth_m))
    return tuple(PointPair(u, v, x, y) for (u, v), (x, y) in zip(corners_px, corners_m, strict=True))


def measure_chessboard(
    corners_px: Sequence[tuple[float, float]], *, columns: int, square_m: float
) -> tuple[PointPair, ...]:
    """Return pairs of the inner corners of a chessboard on the floor, in local coordinates.

    Args:
        corners_px: row by row.
        columns: corners in a row.

    Raises:
        CalibrationError: fewer than two rows or columns, a row that is not full, a square without a size, or
            the four outer corners are not in turn.
    """
    rows = len(corners_px) // columns if columns > 0 else 0
    if columns < 2 or rows < 2 or rows * columns != len(corners_px):
        raise CalibrationError(
            "{count} corners do not form rows of {columns}.",
            "Provide all inner corners of the chessboard, row by row, at least two rows of two.",
            count=len(corners_px),
            columns=columns,
        )
    _require_lengths(square_m)
    grid = np.asarray(corners_px, dtype=np.float64).reshape(rows, columns, 2)
    turn = _find_turn(grid[[0, 0, -1, -1], [0, -1, -1, 0]])
    return tuple(
        PointPair(float(u), float(v), column * square_m, turn * row * square_m)
        for row, of_row in enumerate(grid)
        for column, (u, v) in enumerate(of_row)
    )


def fit_local_geometry(pairs: Sequence[PointPair], *, lens: PictureLens | None = None) -> CameraGeometry:
    """Fit the geometry in the rectangle's local coordinates.

    Raises:
        CalibrationError: see ``estimate_homography``.
    """
    return estimate_homography(pairs, lens=lens).geometry


def place_pairs(pairs: Sequence[PointPair], placement: Placement) -> tuple[PointPair, ...]:
    """Return the pairs with their places on the plan."""
    moved = placement.move(np.array([(pair.x_m, pair.y_m) for pair in pairs], dtype=np.float64))
    return tuple(replace(pair, x_m=float(x), y_m=float(y)) for pair, (x, y) in zip(pairs, moved, strict=True))


def _require_lengths(*lengths_m: float) -> None:
    for length_m in lengths_m:
        if not (math.isfinite(length_m) and length_m > 0):
            raise CalibrationError(
                "A side of the rectangle is {length:g} m long.",
                "Enter the lengths of both sides in metres.",
                length=length_m,
            )


def _find_turn(corners_px: FloatArray) -> float:
    """Return 1 for corners in counter-clockwise order seen from above, -1 for clockwise.

    A camera above the floor sees it the same way round, and v points down. The picture of a rectangle in
    front of the camera is convex.
    """
    sides = np.roll(corners_px, -1, axis=0) - corners_px
    following = np.roll(sides, -1, axis=0)
    turns = sides[:, 0] * following[:, 1] - sides[:, 1] * following[:, 0]
    if not ((turns > 0).all() or (turns < 0).all()):
        raise CalibrationError(
            "The corners are not in order around a rectangle.",
            "Click the four corners one after the other, as if walking around it.",
        )
    return -1.0 if turns[0] > 0 else 1.0
