"""Detection of the one outlying point pair of a calibration by an F test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.domain.camera import PointPair
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.lens import PictureLens
from vision.calibration.click_noise import PRIOR_NOISE, ClickNoise, learn_click_noise
from vision.calibration.homography import MINIMUM_PAIRS, HomographyFit, fit_matrix

MIN_PAIRS_FOR_OUTLIER = 6
"""Minimum pairs to name an outlier: with five, any four fit a homography exactly."""
FALSE_ALARM_RATE = 0.05
"""Share of false alarms in calibrations without an outlier."""


@dataclass(frozen=True, slots=True)
class OutlyingPair:
    """A pair that disagrees with the others.

    Attributes:
        index: in the order of the pairs, from 0.
        others_rms_m: root mean square of the other pairs' residuals without it.
    """

    index: int
    others_rms_m: float


def find_outlying_pair(
    pairs: Sequence[PointPair],
    fit: HomographyFit,
    *,
    lens: PictureLens | None = None,
    noise: ClickNoise = PRIOR_NOISE,
) -> OutlyingPair | None:
    """Return the pair without which the others agree significantly better; None without one.

    The F test of a point's two coordinates, with the noise of the others and what is known of clicking
    beforehand (``learn_click_noise``), at ``FALSE_ALARM_RATE`` over all pairs (Bonferroni).
    """
    if len(pairs) < MIN_PAIRS_FOR_OUTLIER:
        return None
    uv_px = np.array([(pair.u_px, pair.v_px) for pair in pairs], dtype=np.float64)
    xy_m = np.array([(pair.x_m, pair.y_m) for pair in pairs], dtype=np.float64)
    whole_px2 = float((fit.residuals_px**2).sum())
    suspects = []
    # pairs that the others cannot do without cannot be tested
    for index in np.flatnonzero(np.isfinite(fit.leave_one_out_m)).tolist():
        others_uv, others_xy = np.delete(uv_px, index, axis=0), np.delete(xy_m, index, axis=0)
        without = CameraGeometry(fit_matrix(others_uv, others_xy, what="", lens=lens), lens=lens)
        rest_px2 = float(((without.project_to_pixel(others_xy) - others_uv) ** 2).sum())
        learned = learn_click_noise(rest_px2, 2 * (len(others_uv) - MINIMUM_PAIRS), prior=noise)
        ratio = max(whole_px2 - rest_px2, 0.0) / 2 / learned.sigma_px**2
        freedom = learned.degrees_of_freedom
        # of F with 2 and nu degrees of freedom
        probability = (1 + 2 * ratio / freedom) ** (-freedom / 2)
        off_m = np.linalg.norm(without.project_to_floor(others_uv) - others_xy, axis=1)
        suspects.append((probability, index, float(np.sqrt(np.mean(off_m**2)))))
    if not suspects:
        return None
    probability, index, rms_m = min(suspects)
    return OutlyingPair(index, rms_m) if probability < FALSE_ALARM_RATE / len(pairs) else None


def is_consistent_with_clicking(fit: HomographyFit, noise: ClickNoise = PRIOR_NOISE) -> bool:
    """Return whether all residuals are consistent with clicking noise, by an F test.

    A noise that is known better than that of a hand is tested as if it were not.
    """
    freedom = 2 * (len(fit.residuals_px) - MINIMUM_PAIRS)
    if freedom <= 0:
        return True
    mean_px2 = float((fit.residuals_px**2).sum()) / freedom
    return bool(np.sqrt(mean_px2) <= noise.sigma_px * _QUANTILES.get(freedom, _QUANTILE_OF_MANY))


_QUANTILES = {2: 2.64, 4: 2.53, 6: 2.48}
"""Square roots of the 95 % quantiles of F with these and 4 degrees of freedom."""
_QUANTILE_OF_MANY = 2.37
"""The same for large degrees of freedom."""
