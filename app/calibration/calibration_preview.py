"""A calibration that is being made, as pictures: the plan over the camera's picture, and the reverse."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import shapely

from analytics.domain.arrays import FloatArray
from analytics.domain.camera import Camera
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.errors import CalibrationError
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.position_uncertainty import PositionUncertainty
from app.calibration.calibration_report import (
    FAIR_ERROR_M,
    GOOD_ERROR_M,
    CalibrationReport,
    report_calibration,
)
from app.cameras.pictured_plan import PicturedLine, draw_plan, find_in_picture
from app.plan.floor_scene import Point, Ring
from vision.calibration.camera_fit import fit_camera
from vision.calibration.next_point import find_next_point
from vision.pixel_types import Picture

WARPED_CELLS = 160_000
"""Of the camera's picture on the plan: four of them on a screen's pixel are seen no better than one."""
_FINEST_CELL_M = 0.02
_STEPS_OF_RING = 32
"""Points on a ring round an ellipse."""
_ELLIPSES_ACROSS = 14
"""On the longer side of the floor: they do not touch while the floor is fairly known."""
_BORDER_PART = 0.04
"""Of the picture: nobody clicks well at its very border."""


class Certainty(StrEnum):
    """How well a place on the floor is known, by its expected error."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


@dataclass(frozen=True, slots=True)
class FloorEllipse:
    """Holds the true place with 95 % probability; no ring where it is longer than half the floor."""

    centre: Point
    ring: Ring
    certainty: Certainty


@dataclass(frozen=True, slots=True, eq=False)
class WarpedPicture:
    """The camera's picture as it lies on the floor.

    Attributes:
        rgba: shape (rows, columns, 4), the row of the lowest y first; transparent where nothing is seen.
        left_m, bottom_m, width_m, height_m: what it covers.
    """

    rgba: npt.NDArray[np.uint8]
    left_m: float
    bottom_m: float
    width_m: float
    height_m: float


@dataclass(frozen=True, slots=True)
class AdvisedPoint:
    """Where one more point lowers the errors of the floor in view most.

    Attributes:
        error_m, error_after_m: mean of the expected errors, without and with it.
    """

    pixel: Point
    place: Point
    error_m: float
    error_after_m: float


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationPreview:
    """Everything that pairs of points give.

    Attributes:
        advised: where one more point would help; None where all of the floor in view is known to
            ``FAIR_ERROR_M``, and on average to ``GOOD_ERROR_M``.
        moved_m: how far the places of the floor in view move against the former calibration, on the average
            and at most; None where there was none.
    """

    report: CalibrationReport
    lines_px: tuple[PicturedLine, ...]
    ellipses: tuple[FloorEllipse, ...]
    advised: AdvisedPoint | None
    moved_m: tuple[float, float] | None
    warped: WarpedPicture | None


def preview_calibration(
    camera: Camera,
    *,
    plan: FloorPlan,
    geometry: FloorGeometry,
    former: Camera | None = None,
    picture: Picture | None = None,
) -> CalibrationPreview:
    """What a camera's pairs give, whether they are saved or not.

    Args:
        camera: with the size of its pictures.
        former: the camera as it is calibrated now.
        picture: shape (height, width, 3), RGB, of any size; None leaves the warped picture out.

    Raises:
        CalibrationError: the pairs give no homography.
    """
    report = report_calibration(camera, outline=plan.outline)
    uncertainty, size_wh = report.uncertainty, camera.frame_size_wh
    if size_wh is None:
        return CalibrationPreview(report, (), (), None, None, None)
    seen_m = _list_seen_floor(uncertainty.geometry, size_wh, plan.outline)
    warped = None
    if picture is not None:
        warped = warp_picture(picture, uncertainty.geometry, size_wh, outline=plan.outline)
    return CalibrationPreview(
        report=report,
        lines_px=draw_plan(uncertainty.geometry, size_wh, plan, geometry),
        ellipses=_draw_ellipses(uncertainty, seen_m, plan.outline),
        advised=_advise_point(uncertainty, seen_m, size_wh),
        moved_m=None if former is None else _measure_move(uncertainty.geometry, former, size_wh, seen_m),
        warped=warped,
    )


def warp_picture(
    picture: Picture, geometry: CameraGeometry, size_wh: tuple[int, int], *, outline: Polygon
) -> WarpedPicture | None:
    """Lay a camera's picture on the floor, cell by cell; None where it sees nothing of it.

    Args:
        picture: shape (height, width, 3), RGB.
        size_wh: the size in which ``geometry`` takes pixels.
    """
    low, high = _find_bounds(outline)
    width_m, height_m = (high - low).tolist()
    cell_m = max(_FINEST_CELL_M, math.sqrt(width_m * height_m / WARPED_CELLS))
    columns, rows = max(1, round(width_m / cell_m)), max(1, round(height_m / cell_m))
    x = low[0] + (np.arange(columns) + 0.5) / columns * width_m
    y = low[1] + (np.arange(rows) + 0.5) / rows * height_m
    floor = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    uv_px = geometry.project_to_pixel(floor)
    is_seen = find_in_picture(uv_px, size_wh)
    if not is_seen.any():
        return None
    scale = np.array([picture.shape[1] / size_wh[0], picture.shape[0] / size_wh[1]])
    cells = np.minimum((uv_px[is_seen] * scale).astype(np.intp), np.array(picture.shape[1::-1]) - 1)
    rgba = np.zeros((rows * columns, 4), np.uint8)
    rgba[is_seen, :3] = picture[cells[:, 1], cells[:, 0]]
    rgba[is_seen, 3] = 255
    return WarpedPicture(rgba.reshape(rows, columns, 4), float(low[0]), float(low[1]), width_m, height_m)


def _list_seen_floor(geometry: CameraGeometry, size_wh: tuple[int, int], outline: Polygon) -> FloatArray:
    """Shape (n, 2): a grid of the floor that lies in the picture."""
    low, high = _find_bounds(outline)
    step_m = float((high - low).max()) / _ELLIPSES_ACROSS
    axes = [np.arange(low[axis] + step_m / 2, high[axis], step_m) for axis in (0, 1)]
    floor = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
    floor = floor[shapely.contains_xy(outline.to_shape(), floor[:, 0], floor[:, 1])]
    return np.asarray(floor[find_in_picture(geometry.project_to_pixel(floor), size_wh)], np.float64)


def _draw_ellipses(
    uncertainty: PositionUncertainty, seen_m: FloatArray, outline: Polygon
) -> tuple[FloorEllipse, ...]:
    if not len(seen_m):
        return ()
    low, high = _find_bounds(outline)
    # semi-axes are half as long as what they belong to
    longest_m = float((high - low).max()) / 4
    ellipses = uncertainty.find_ellipses_on_floor(seen_m)
    errors_m = uncertainty.compute_expected_error(uncertainty.geometry.project_to_pixel(seen_m))
    turns = np.linspace(0.0, 2 * math.pi, _STEPS_OF_RING, endpoint=False)
    circle = np.column_stack([np.cos(turns), np.sin(turns)])
    drawn = []
    for centre, axes, direction, error_m in zip(
        seen_m, ellipses.semi_axes_m, ellipses.directions_rad, errors_m, strict=True
    ):
        ring: Ring = ()
        if np.isfinite(axes).all() and axes[0] <= longest_m:
            cosine, sine = math.cos(direction), math.sin(direction)
            turned = (circle * axes) @ np.array([[cosine, sine], [-sine, cosine]])
            ring = tuple((float(x), float(y)) for x, y in centre + turned)
        drawn.append(FloorEllipse((float(centre[0]), float(centre[1])), ring, _judge(float(error_m))))
    return tuple(drawn)


def _judge(error_m: float) -> Certainty:
    if error_m <= GOOD_ERROR_M:
        return Certainty.GOOD
    return Certainty.FAIR if error_m <= FAIR_ERROR_M else Certainty.POOR


def _advise_point(
    uncertainty: PositionUncertainty, seen_m: FloatArray, size_wh: tuple[int, int]
) -> AdvisedPoint | None:
    seen_px = uncertainty.geometry.project_to_pixel(seen_m)
    size = np.asarray(size_wh, np.float64)
    is_inner = ((seen_px >= _BORDER_PART * size) & (seen_px <= (1 - _BORDER_PART) * size)).all(axis=1)
    if not is_inner.any():
        return None
    found = find_next_point(uncertainty, seen_px[is_inner], seen_px)
    if found is None:
        return None
    worst_m = float(np.nanmax(uncertainty.compute_expected_error(seen_px)))
    if found.error_m <= GOOD_ERROR_M and worst_m <= FAIR_ERROR_M:
        return None
    (u, v), (x, y) = seen_px[is_inner][found.index].tolist(), seen_m[is_inner][found.index].tolist()
    return AdvisedPoint((u, v), (x, y), found.error_m, found.error_after_m)


def _measure_move(
    geometry: CameraGeometry, former: Camera, size_wh: tuple[int, int], seen_m: FloatArray
) -> tuple[float, float] | None:
    if not former.pairs:
        return None
    try:
        was = fit_camera(former.scaled_to(size_wh)).geometry
    except CalibrationError:
        return None
    moved_m = np.linalg.norm(was.project_to_floor(geometry.project_to_pixel(seen_m)) - seen_m, axis=1)
    moved_m = moved_m[np.isfinite(moved_m)]
    return (float(moved_m.mean()), float(moved_m.max())) if len(moved_m) else None


def _find_bounds(outline: Polygon) -> tuple[FloatArray, FloatArray]:
    corners = np.asarray(outline.points, np.float64)
    return corners.min(axis=0), corners.max(axis=0)
