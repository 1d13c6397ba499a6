"""Uncertainty of floor positions that results from a manual calibration."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.camera_geometry import CameraGeometry

ELLIPSE_PROBABILITY = 0.95
NORMAL_ELLIPSE_SCALE = math.sqrt(-2 * math.log(1 - ELLIPSE_PROBABILITY))
"""Ratio of the 95 % ellipse's semi-axes to the standard deviations of a bivariate normal (Rayleigh)."""


@dataclass(frozen=True, slots=True, eq=False)
class FloorEllipses:
    """Error ellipses around points on the floor.

    Attributes:
        semi_axes_m: shape (n, 2), the longer one first; NaN at and above the horizon, like the directions.
        directions_rad: shape (n,), of the longer axis, counter-clockwise from x, between -pi/2 and pi/2.
    """

    semi_axes_m: FloatArray
    directions_rad: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class PositionUncertainty:
    """The uncertainty of a calibration, propagated to floor points.

    The calibration's parameters have p independent errors; each is kept as the effect of one standard
    deviation on the geometry, so that no badly scaled matrix is ever inverted.

    Attributes:
        matrix_deviations: shape (p, 3, 3), added to ``geometry.floor_from_pixel``.
        division_deviations: shape (p,), added to the lens's coefficient.
        noise_px: standard deviation of a picked pixel along u and along v.
        degrees_of_freedom: of the Student distribution of the parameters' errors.
    """

    geometry: CameraGeometry
    matrix_deviations: FloatArray
    division_deviations: FloatArray
    noise_px: float
    degrees_of_freedom: float
    _from_floor: FloatArray = field(init=False, repr=False)
    """Shape (3, 3): from 1, x and y of floor points to straight pixels, times a scale."""
    _step_terms: FloatArray = field(init=False, repr=False)
    """Shape (2 p, 6 or 8): movement of floor points by each deviation, by ``_list_terms``, x first."""
    _sigma_terms: FloatArray = field(init=False, repr=False)
    """Independent parts of the standard deviation along both axes in terms of ``_list_terms``."""

    def __post_init__(self) -> None:
        # with (u, v, 1) w = G (x, y, 1) and a deviation D of H = G⁻¹, the floor point moves by the first two
        # of D G (x, y, 1) less (x, y) times the third
        inverse = np.linalg.inv(self.geometry.floor_from_pixel)
        by_x, by_y, fixed = np.moveaxis(self.matrix_deviations @ inverse, 2, 0)
        scale_by_x, scale_by_y, scale = by_x[:, 2], by_y[:, 2], fixed[:, 2]
        none = np.zeros(len(scale))
        in_x = [fixed[:, 0], by_x[:, 0] - scale, by_y[:, 0], -scale_by_x, -scale_by_y, none]
        in_y = [fixed[:, 1], by_x[:, 1], by_y[:, 1] - scale, none, -scale_by_x, -scale_by_y]
        if self._is_lens_unsure:
            in_x += [self.division_deviations, none]
            in_y += [none, self.division_deviations]
        step_terms = np.concatenate([np.array(in_x).T, np.array(in_y).T])
        object.__setattr__(self, "_from_floor", inverse[:, [2, 0, 1]])
        object.__setattr__(self, "_step_terms", step_terms)
        sigma_terms = np.linalg.qr(math.sqrt(self._widening2 / 2) * step_terms, mode="r")
        object.__setattr__(self, "_sigma_terms", sigma_terms)

    def compute_covariance(self, uv_px: FloatArray, sigma_uv_px: FloatArray | None = None) -> FloatArray:
        """Return covariance matrices, shape (n, 2, 2) in m², of the floor points of pixels, shape (n, 2).

        First order (Hartley and Zisserman, Multiple View Geometry, 5.6): the derivatives of the floor point
        by each deviation, squared and added.

        Args:
            sigma_uv_px: errors of the pixels themselves, shape (n, 2); None: they are exact.
        """
        steps = self.compute_steps(uv_px)
        covariance: FloatArray = np.einsum("pni,pnj->nij", steps, steps)
        if sigma_uv_px is not None:
            jacobian = self.geometry.compute_jacobian(uv_px)
            covariance += np.einsum("nij,nj,nkj->nik", jacobian, np.asarray(sigma_uv_px) ** 2, jacobian)
        return covariance

    def compute_covariance_on_floor(self, xy_m: FloatArray) -> FloatArray:
        """Return covariance matrices of floor points, shape (n, 2), widened to the Student distribution.

        Their normal 95 % ellipses are as wide as Student's, so that a box's normal errors can be added.
        """
        terms = self._list_terms(xy_m)
        # behind the camera nothing is known
        is_in_front = self._from_floor[2] @ terms[:3] > 1e-12
        steps = np.where(is_in_front, self._step_terms @ terms, np.nan).reshape(2, -1, len(xy_m))
        return np.asarray(self._widening2 * np.einsum("ipn,jpn->nij", steps, steps), np.float64)

    def compute_variance_on_floor(self, xy_m: FloatArray) -> FloatArray:
        """Return half the traces of ``compute_covariance_on_floor``, shape (n,), in front of the camera.

        Faster, because trackers need it for every frame.
        """
        sigmas = self._sigma_terms @ self._list_terms(xy_m)
        sigmas *= sigmas
        variance: FloatArray = np.add.reduce(sigmas, axis=0)
        return variance

    def _list_terms(self, xy_m: FloatArray) -> FloatArray:
        """Return 1, x, y, x², x y and y² of floor points, shape (n, 2), in rows.

        Two more rows hold their derivatives in x and y by the lens's coefficient, if that is uncertain.
        """
        terms = np.empty((self._step_terms.shape[1], len(xy_m)))
        terms[0], terms[1:3] = 1.0, xy_m.T
        np.multiply(terms[1], terms[1:3], out=terms[3:5])
        np.multiply(terms[2], terms[2], out=terms[5])
        lens = self.geometry.lens
        if len(terms) > 6 and lens is not None:
            homogeneous = self._from_floor @ terms[:3]
            scale = np.where(homogeneous[2] > 1e-12, homogeneous[2], np.nan)
            effect_px = lens.compute_division_effect(lens.distort((homogeneous[:2] / scale).T)).T
            moved = self.geometry.floor_from_pixel[:, :2] @ effect_px
            terms[6:] = (moved[:2] - terms[1:3] * moved[2]) * scale
        return terms

    @property
    def _is_lens_unsure(self) -> bool:
        return self.geometry.lens is not None and bool(self.division_deviations.any())

    @property
    def _widening2(self) -> float:
        return (compute_ellipse_scale(self.degrees_of_freedom) / NORMAL_ELLIPSE_SCALE) ** 2

    def find_ellipses(self, uv_px: FloatArray) -> FloorEllipses:
        """Return the ellipses that hold the true floor points of pixels with 95 % probability."""
        centres = self.geometry.project_to_floor(uv_px)
        covariance = self.compute_covariance(uv_px)
        is_known = np.isfinite(centres).all(axis=1) & np.isfinite(covariance).all(axis=(1, 2))
        semi_axes = np.full((len(uv_px), 2), np.nan)
        directions = np.full(len(uv_px), np.nan)
        variances, axes = np.linalg.eigh(covariance[is_known])
        scale = compute_ellipse_scale(self.degrees_of_freedom)
        semi_axes[is_known] = scale * np.sqrt(np.maximum(variances[:, ::-1], 0.0))
        longer = axes[:, :, 1] * np.where(axes[:, :1, 1] < 0, -1.0, 1.0)
        directions[is_known] = np.arctan2(longer[:, 1], longer[:, 0])
        return FloorEllipses(semi_axes, directions)

    def find_ellipses_on_floor(self, xy_m: FloatArray) -> FloorEllipses:
        """Return the ellipses of floor points, shape (n, 2); NaN behind the camera."""
        return self.find_ellipses(self.geometry.project_to_pixel(xy_m))

    def compute_expected_error(self, uv_px: FloatArray) -> FloatArray:
        """Return root mean square distances, shape (n,) in metres, from the true floor points of pixels."""
        covariance = self.compute_covariance(uv_px)
        is_on_floor = np.isfinite(self.geometry.project_to_floor(uv_px)).all(axis=1)
        return np.where(is_on_floor, np.sqrt(np.trace(covariance, axis1=1, axis2=2)), np.nan)

    def compute_steps(self, uv_px: FloatArray) -> FloatArray:
        """Return the movement of the floor points of pixels by each deviation, shape (p, n, 2) in metres."""
        geometry, lens = self.geometry, self.geometry.lens
        straight = uv_px if lens is None else lens.straighten(uv_px)
        homogeneous = np.column_stack([straight, np.ones(len(straight))])
        projected = homogeneous @ geometry.floor_from_pixel.T
        moved = np.einsum("pij,nj->pni", self.matrix_deviations, homogeneous)
        with np.errstate(divide="ignore", invalid="ignore"):
            xy = projected[:, :2] / projected[:, 2:]
            steps: FloatArray = (moved[:, :, :2] - xy * moved[:, :, 2:]) / projected[:, 2:]
            if lens is not None and self.division_deviations.any():
                straight_geometry = CameraGeometry(geometry.floor_from_pixel)
                effect = np.einsum(
                    "nij,nj->ni",
                    straight_geometry.compute_jacobian(straight),
                    lens.compute_division_effect(uv_px),
                )
                steps += self.division_deviations[:, None, None] * effect
        return steps


def compute_ellipse_scale(degrees_of_freedom: float) -> float:
    """Return the ratio of the 95 % ellipse's semi-axes to the scale of a bivariate Student distribution.

    The square is twice the quantile of F with 2 and nu degrees of freedom, which is elementary:
    P(F > f) = (1 + 2 f / nu)^(-nu / 2).
    """
    nu = degrees_of_freedom
    return math.sqrt(nu * ((1 - ELLIPSE_PROBABILITY) ** (-2 / nu) - 1))
