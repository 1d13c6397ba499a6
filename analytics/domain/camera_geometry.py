"""Conversion between a camera's pixels and the floor in metres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.errors import CalibrationError
from analytics.domain.lens import PictureLens

MEAN_HEIGHT_M = 1.70
"""Mean height of adults in shoes."""


class FloorErrors(Protocol):
    """Errors of floor positions caused by a manual calibration."""

    def compute_covariance_on_floor(self, xy_m: FloatArray) -> FloatArray:
        """Return covariance matrices, shape (n, 2, 2) in m², of floor points, shape (n, 2).

        They describe the normal distribution whose 95 % ellipses hold the true points, for any picture size.
        """

    def compute_variance_on_floor(self, xy_m: FloatArray) -> FloatArray:
        """Return the mean variance of both axes, shape (n,), of floor points in front of the camera."""


@dataclass(frozen=True, slots=True, eq=False)
class CameraGeometry:
    """A homography from the straightened picture to the floor, and the lens that bends the picture.

    Attributes:
        floor_from_pixel: shape (3, 3), maps (u_px, v_px, 1) to (x_m, y_m, 1) up to scale; its sign is such
            that the third coordinate is positive for the pixels of the calibration's pairs (the floor in
            front of the camera). With a lens, these are pixels that the lens has straightened.
        pair_rms_m: root mean square of the calibration's residuals on the floor, metres.
        lens: None for a straight one. All methods take and return pixels of the original picture.
        floor_errors: errors of the calibration; None without a manual calibration.
        lens_width_px: width of the original picture where the pixels are those of a straightened one; None:
            they are those of the original picture.
    """

    floor_from_pixel: FloatArray
    pair_rms_m: float = 0.0
    lens: PictureLens | None = None
    floor_errors: FloorErrors | None = None
    lens_width_px: float | None = None

    def __post_init__(self) -> None:
        matrix = self.floor_from_pixel
        if matrix.shape != (3, 3) or not np.isfinite(matrix).all() or abs(np.linalg.det(matrix)) < 1e-18:
            raise CalibrationError(
                "The calibration's matrix cannot be inverted.",
                "Calibrate the camera again with at least four pairs that are not on one line.",
            )

    @property
    def looks_straight_down(self) -> bool:
        """Return whether the picture has no perspective, as that of a sensor that measures places itself."""
        away, scale = self.floor_from_pixel[2, :2], self.floor_from_pixel[2, 2]
        return float(np.abs(away).max()) < 1e-9 * abs(float(scale))

    def project_to_floor(self, uv_px: FloatArray) -> FloatArray:
        """Return floor points, shape (n, 2) in metres, of pixels, shape (n, 2); NaN from the horizon up."""
        if self.lens is not None:
            uv_px = self.lens.straighten(uv_px)
        homogeneous = np.column_stack([uv_px, np.ones(len(uv_px))]) @ self.floor_from_pixel.T
        scale = homogeneous[:, 2:]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(scale > 1e-12, homogeneous[:, :2] / scale, np.nan)

    def project_to_pixel(self, xy_m: FloatArray) -> FloatArray:
        """Return pixels, shape (n, 2), of floor points, shape (n, 2) in metres; NaN behind the camera."""
        inverse = np.linalg.inv(self.floor_from_pixel)
        homogeneous = np.column_stack([xy_m, np.ones(len(xy_m))]) @ inverse.T
        scale = homogeneous[:, 2:]
        with np.errstate(divide="ignore", invalid="ignore"):
            straight = np.where(scale > 1e-12, homogeneous[:, :2] / scale, np.nan)
        return straight if self.lens is None else self.lens.distort(straight)

    def measure_upright_px(self, xy_m: FloatArray, *, height_m: float) -> FloatArray:
        """Return the approximate height in the picture of an upright person at floor points, shape (n, 2).

        For a level camera with square pixels; one that looks down shows people shorter. Points on a parallel
        to the horizon have one distance: with (u, v, 1) w = G (x, y, 1) their pixels are those of G's first
        two rows, over w.

        Returns:
            Shape (n,); NaN behind the camera.
        """
        inverse = np.linalg.inv(self.floor_from_pixel)
        towards = inverse[2, :2]
        length = float(np.hypot(*towards))
        level = np.array([-towards[1], towards[0]]) / length if length > 0 else np.array([1.0, 0.0])
        homogeneous = np.column_stack([xy_m, np.ones(len(xy_m))]) @ inverse.T
        scale = np.where(homogeneous[:, 2] > 1e-12, homogeneous[:, 2], np.nan)
        tall: FloatArray = height_m * float(np.hypot(*(inverse[:2, :2] @ level))) / scale
        if self.lens is None:
            return tall
        feet = homogeneous[:, :2] / scale[:, None]
        tops = feet - np.column_stack([np.zeros(len(tall)), tall])
        upright = self.lens.distort(feet) - self.lens.distort(tops)
        return np.asarray(np.hypot(upright[:, 0], upright[:, 1]), np.float64)

    def scaled_from(self, frame_size_wh: tuple[int, int], to_size_wh: tuple[int, int]) -> CameraGeometry:
        """Return the geometry for pictures of another size: calibrated at the first size, used at the second.

        Width and height scale independently, so that a stream with oblong pixels fits too; a cropped stream
        does not, which the caller can detect from the shapes.
        """
        to_calibrated = np.diag([frame_size_wh[0] / to_size_wh[0], frame_size_wh[1] / to_size_wh[1], 1.0])
        by_uv = to_size_wh[0] / frame_size_wh[0], to_size_wh[1] / frame_size_wh[1]
        lens = None if self.lens is None else self.lens.scaled(by_uv)
        matrix = self.floor_from_pixel @ to_calibrated
        lens_width_px = None if self.lens_width_px is None else self.lens_width_px * by_uv[0]
        return CameraGeometry(matrix, self.pair_rms_m, lens, self.floor_errors, lens_width_px)

    def compute_jacobian(self, uv_px: FloatArray) -> FloatArray:
        """Return derivatives of floor points by pixels, shape (n, 2, 2) in metres per pixel.

        The homography's (Hartley and Zisserman, Multiple View Geometry, 5.6) times the lens's.
        """
        straight = uv_px if self.lens is None else self.lens.straighten(uv_px)
        _, _, jacobian = self._differentiate(straight)
        return jacobian if self.lens is None else jacobian @ self.lens.compute_straightening(uv_px)

    def compute_floor_covariance(self, uv_px: FloatArray, sigma_uv_px: FloatArray) -> FloatArray:
        """Return error ellipses on the floor, shape (n, 2, 2) in m²; see ``project_with_errors``."""
        return self.project_with_errors(uv_px, sigma_uv_px)[1]

    def project_with_errors(
        self, uv_px: FloatArray, sigma_uv_px: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return floor points of pixels and their covariances, shapes (n, 2) and (n, 2, 2), in m and m².

        First-order propagation J diag(sigma²) Jᵀ of the pixel errors ``sigma_uv_px``, shape (n, 2), plus the
        calibration's own error at each place, which is the same every time and does not average out. Where
        that error is unknown, ``pair_rms_m`` stands for it in every direction.
        """
        straight = uv_px if self.lens is None else self.lens.straighten(uv_px)
        homogeneous, xy, jacobian = self._differentiate(straight)
        if self.lens is not None:
            jacobian = jacobian @ self.lens.compute_straightening(uv_px)
        xy_m = np.where(homogeneous[:, 2:] > 1e-12, xy, np.nan)
        variance = np.asarray(sigma_uv_px, dtype=np.float64) ** 2
        covariance: FloatArray = np.einsum("nij,nj,nkj->nik", jacobian, variance, jacobian)
        if self.floor_errors is None:
            covariance += np.eye(2) * self.pair_rms_m**2
        else:
            covariance += self.floor_errors.compute_covariance_on_floor(xy_m)
        return xy_m, covariance

    def compute_calibration_variance(self, xy_m: FloatArray) -> FloatArray:
        """Return the calibration's part of the variance of floor points, shape (n, 2).

        Returns:
            Mean variance of both axes, shape (n,) in m².
        """
        if self.floor_errors is None:
            return np.full(len(xy_m), self.pair_rms_m**2)
        return self.floor_errors.compute_variance_on_floor(xy_m)

    def _differentiate(self, straight_px: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return homogeneous and plain floor points of straight pixels, and derivatives of the latter."""
        h = self.floor_from_pixel
        homogeneous = np.column_stack([straight_px, np.ones(len(straight_px))]) @ h.T
        w = homogeneous[:, 2]
        with np.errstate(divide="ignore", invalid="ignore"):
            xy = homogeneous[:, :2] / w[:, None]
            jacobian: FloatArray = (h[None, :2, :2] - xy[:, :, None] * h[None, 2:, :2]) / w[:, None, None]
        return homogeneous, xy, jacobian
