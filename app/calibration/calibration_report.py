"""What an installer is told about a calibration: of every pair, of the whole, and of the floor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from analytics.domain.arrays import FloatArray
from analytics.domain.camera import Camera
from analytics.domain.errors import Phrase
from analytics.domain.floor_geometry import Polygon
from analytics.domain.identifiers import CameraId
from analytics.domain.position_uncertainty import PositionUncertainty
from vision.calibration.camera_fit import find_pair_noise, fit_camera, place_lens
from vision.calibration.homography import MINIMUM_PAIRS, HomographyFit
from vision.calibration.outlying_pair import OutlyingPair, agree_with_clicking, find_outlying_pair

GOOD_ERROR_M, FAIR_ERROR_M = 0.2, 0.5
"""Expected errors on the floor up to which a point counts as well and as fairly known."""
LOW_SHARE = 0.5
"""Of what is seen: less of it fairly known is worth a warning."""
_ACROSS, _DOWN = 48, 27
_FLOOR_STEPS = 60


@dataclass(frozen=True, slots=True)
class PairReport:
    """One pair.

    Attributes:
        number: from 1.
        residual_m: distance on the floor between its projected pixel and its measured point.
        left_out_m: the same with a geometry from all the other pairs; None where they do not suffice.
        spoils: whether it does not belong to the others.
    """

    number: int
    residual_m: float
    left_out_m: float | None
    spoils: bool


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """One camera.

    Attributes:
        rms_m: root mean square of the pairs' residuals.
        noise_px: how exactly the pixels were clicked, as far as it is known.
        picture_shares: of the picture below the horizon, the parts with an expected error of at most 0.2 and
            0.5 m; None where the size of the pictures is not known.
        floor_shares: the same of the plan's floor that the camera sees; None without a plan as well.
        warnings: what to do better, the most urgent first.
        uncertainty: of every point of the floor.
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
    """How well a camera is calibrated.

    Args:
        outline: of the plan; None where there is no plan.

    Raises:
        CalibrationError: its pairs give no homography.
    """
    fit = fit_camera(camera)
    outlying = _find_outlying(fit, camera)
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
                spoils=outlying is not None and outlying.index == index,
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


def find_contradiction(camera: Camera) -> Phrase | None:
    """What to mend where a camera's pairs disagree by more than a hand is off; None where they do not.

    Raises:
        CalibrationError: its pairs give no homography.
    """
    fit = fit_camera(camera)
    return _describe_contradiction(fit, _find_outlying(fit, camera), camera)


def _find_outlying(fit: HomographyFit, camera: Camera) -> OutlyingPair | None:
    return find_outlying_pair(camera.pairs, fit, lens=place_lens(camera), noise=find_pair_noise(camera))


def _describe_contradiction(
    fit: HomographyFit, outlying: OutlyingPair | None, camera: Camera
) -> Phrase | None:
    if outlying is not None:
        return Phrase(
            "Point {number} spoils it: without it the others agree to {rms_cm:.0f} cm.",
            {"number": outlying.index + 1, "rms_cm": 100 * outlying.others_rms_m},
        )
    if not agree_with_clicking(fit, find_pair_noise(camera)):
        return Phrase(
            "The points disagree by more than a hand is off, and none of them alone explains it: measure "
            "them again, add more of them, or estimate the lens."
        )
    return None


def _find_warnings(
    fit: HomographyFit,
    outlying: OutlyingPair | None,
    shares: tuple[float, float] | None,
    *,
    camera: Camera,
) -> list[Phrase]:
    contradiction = _describe_contradiction(fit, outlying, camera)
    warnings = [] if contradiction is None else [contradiction]
    if len(fit.residuals_m) == MINIMUM_PAIRS and camera.pair_sigma_px is None:
        warnings.append(
            Phrase("Four points fit any view, so that nothing shows a slip: add a fifth and a sixth.")
        )
    if shares is not None and shares[1] < LOW_SHARE:
        warnings.append(
            Phrase(
                "Only {percent:.0f} % of the floor in view is known to half a metre: add points near its "
                "borders, the far ones above all.",
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
