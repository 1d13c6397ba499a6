"""Preview of a calibration: the plan over the camera's picture, and the picture on the plan."""

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
from analytics.domain.errors import CalibrationError, Phrase
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.identifiers import CameraId
from analytics.domain.position_uncertainty import PositionUncertainty
from app.calibration.contradiction import describe_contradiction, find_outlying
from app.cameras.pictured_shapes import PicturedLine, draw_plan, find_in_picture
from app.plan.floor_scene import Point, Ring
from vision.calibration.camera_fit import fit_camera
from vision.calibration.homography import MINIMUM_PAIRS, HomographyFit
from vision.calibration.next_point import find_next_point
from vision.calibration.outlying_pair import OutlyingPair
from vision.pixel_types import Picture

GOOD_ERROR_M, FAIR_ERROR_M = 0.2, 0.5
"""Expected floor errors up to which a point counts as well known, and as fairly known."""
LOW_SHARE = 0.5
"""Share of the visible floor; a warning is given if less is fairly known."""
_ACROSS, _DOWN = 48, 27
_FLOOR_STEPS = 60


@dataclass(frozen=True, slots=True)
class PairReport:
    """Accuracy of one pair.

    Attributes:
        number: from 1.
        residual_m: distance on the floor between its projected pixel and its measured point.
        left_out_m: the same with a geometry from all the other pairs; None if those do not suffice.
    """

    number: int
    residual_m: float
    left_out_m: float | None
    is_outlier: bool


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """Accuracy of one camera's calibration.

    Attributes:
        rms_m: root mean square of the pairs' residuals.
        noise_px: estimated clicking noise.
        picture_shares: parts below the horizon with an expected error up to 0.2 and 0.5 m; None: size
            unknown.
        floor_shares: the same for the plan's visible floor; None also without a plan.
        warnings: possible improvements, the most urgent first.
    """

    camera: CameraId
    pairs: tuple[PairReport, ...]
    rms_m: float
    noise_px: float
    picture_shares: tuple[float, float] | None
    floor_shares: tuple[float, float] | None
    warnings: tuple[Phrase, ...]
    uncertainty: PositionUncertainty


def report_calibration(camera: Camera, *, outline: Polygon | None = None) -> CalibrationReport:
    """Report the accuracy of a camera's calibration.

    Args:
        outline: of the plan; None where there is no plan.

    Raises:
        CalibrationError: its pairs give no homography.
    """
    fit = fit_camera(camera)
    outlying = find_outlying(fit, camera)
    uncertainty, size_wh = fit.uncertainty, camera.frame_size_wh
    picture_shares = None if size_wh is None else _share_of_picture(uncertainty, size_wh)
    floor_shares = None
    if size_wh is not None and outline is not None:
        floor_shares = _share_of_floor(uncertainty, size_wh, outline)
    return CalibrationReport(
        camera=camera.name,
        pairs=tuple(
            PairReport(
                number=index + 1,
                residual_m=residual_m,
                left_out_m=left_out_m if np.isfinite(left_out_m) else None,
                is_outlier=outlying is not None and outlying.index == index,
            )
            for index, (residual_m, left_out_m) in enumerate(
                zip(fit.residuals_m.tolist(), fit.leave_one_out_m.tolist(), strict=True)
            )
        ),
        rms_m=fit.rms_m,
        noise_px=uncertainty.noise_px,
        picture_shares=picture_shares,
        floor_shares=floor_shares,
        warnings=tuple(_find_warnings(fit, outlying, floor_shares, camera=camera)),
        uncertainty=uncertainty,
    )


def _find_warnings(
    fit: HomographyFit, outlying: OutlyingPair | None, shares: tuple[float, float] | None, *, camera: Camera
) -> list[Phrase]:
    contradiction = describe_contradiction(fit, outlying, camera)
    warnings = [] if contradiction is None else [contradiction]
    if len(fit.residuals_m) == MINIMUM_PAIRS and camera.pair_sigma_px is None:
        warnings.append(
            Phrase("Four points always fit, so mistakes cannot be detected: add a fifth and a sixth.")
        )
    if shares is not None and shares[1] < LOW_SHARE:
        warnings.append(
            Phrase(
                "Only {percent:.0f} % of the visible floor is accurate to half a metre: add points "
                "near its borders, especially the far ones.",
                {"percent": 100 * shares[1]},
            )
        )
    return warnings


def _share_of_picture(uncertainty: PositionUncertainty, size_wh: tuple[int, int]) -> tuple[float, float]:
    u = (np.arange(_ACROSS) + 0.5) / _ACROSS * size_wh[0]
    v = (np.arange(_DOWN) + 0.5) / _DOWN * size_wh[1]
    grid = np.stack(np.meshgrid(u, v), axis=-1).reshape(-1, 2)
    return _count_shares(uncertainty.compute_expected_error(grid))


def _share_of_floor(
    uncertainty: PositionUncertainty, size_wh: tuple[int, int], outline: Polygon
) -> tuple[float, float] | None:
    corners = np.asarray(outline.points)
    low, high = corners.min(axis=0), corners.max(axis=0)
    parts = (np.arange(_FLOOR_STEPS) + 0.5) / _FLOOR_STEPS
    steps = [low[axis] + parts * (high[axis] - low[axis]) for axis in (0, 1)]
    floor = np.stack(np.meshgrid(*steps), axis=-1).reshape(-1, 2)
    floor = floor[shapely.contains_xy(outline.to_shape(), floor[:, 0], floor[:, 1])]
    uv_px = uncertainty.geometry.project_to_pixel(floor)
    with np.errstate(invalid="ignore"):
        is_seen = ((uv_px >= 0) & (uv_px <= np.asarray(size_wh))).all(axis=1)
    return _count_shares(uncertainty.compute_expected_error(uv_px[is_seen])) if is_seen.any() else None


def _count_shares(errors_m: FloatArray) -> tuple[float, float]:
    known = errors_m[np.isfinite(errors_m)]
    if not len(known):
        return 0.0, 0.0
    return float(np.mean(known <= GOOD_ERROR_M)), float(np.mean(known <= FAIR_ERROR_M))


WARPED_CELLS = 160_000
"""Cell count of the camera's picture on the plan: four cells per screen pixel look no better than one."""
_MIN_CELL_M = 0.02
_STEPS_OF_RING = 32
"""Points on a ring round an ellipse."""
_ELLIPSES_ACROSS = 14
"""Ellipses along the longer side of the floor, few enough not to touch on fairly known floor."""
_BORDER_PART = 0.04
"""Share of the picture, as clicks at its very border are inaccurate."""


class Certainty(StrEnum):
    """Certainty of a floor position, by its expected error."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


@dataclass(frozen=True, slots=True)
class FloorEllipse:
    """95 % confidence ellipse of a position; without a ring if longer than half the floor."""

    centre: Point
    ring: Ring
    certainty: Certainty


@dataclass(frozen=True, slots=True, eq=False)
class WarpedPicture:
    """The camera's picture projected onto the floor.

    Attributes:
        rgba: shape (rows, columns, 4), the row of the lowest y first; transparent where nothing is seen.
    """

    rgba: npt.NDArray[np.uint8]
    left_m: float
    bottom_m: float
    width_m: float
    height_m: float


@dataclass(frozen=True, slots=True)
class AdvisedPoint:
    """The place of one more point that lowers the errors of the visible floor most.

    Attributes:
        error_m, error_after_m: mean of the expected errors, without and with it.
    """

    pixel: Point
    place: Point
    error_m: float
    error_after_m: float


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationPreview:
    """Everything that is derived from point pairs.

    Attributes:
        advised: best next point; None if all visible floor is accurate (``FAIR_ERROR_M``, mean
            ``GOOD_ERROR_M``).
        moved_m: mean and maximum shift of the visible floor since the former calibration; None without one.
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
    """Compute the preview of a camera's pairs, saved or not.

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
    """Project a camera's picture onto the floor, cell by cell; None if it sees no floor.

    Args:
        picture: shape (height, width, 3), RGB.
        size_wh: the size in which ``geometry`` takes pixels.
    """
    low, high = _find_bounds(outline)
    width_m, height_m = (high - low).tolist()
    cell_m = max(_MIN_CELL_M, math.sqrt(width_m * height_m / WARPED_CELLS))
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
    """Return a grid of the visible floor, shape (n, 2)."""
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
    max_m = float((high - low).max()) / 4
    ellipses = uncertainty.find_ellipses_on_floor(seen_m)
    errors_m = uncertainty.compute_expected_error(uncertainty.geometry.project_to_pixel(seen_m))
    turns = np.linspace(0.0, 2 * math.pi, _STEPS_OF_RING, endpoint=False)
    circle = np.column_stack([np.cos(turns), np.sin(turns)])
    drawn = []
    for centre, axes, direction, error_m in zip(
        seen_m, ellipses.semi_axes_m, ellipses.directions_rad, errors_m, strict=True
    ):
        ring: Ring = ()
        if np.isfinite(axes).all() and axes[0] <= max_m:
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
