"""Between a camera's pixels and the floor in metres; the only place where the two meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.errors import CalibrationError
from analytics.domain.lens import PictureLens

MEAN_HEIGHT_M = 1.70
"""Of adults in shoes, women and men."""


class FloorErrors(Protocol):
    """How far places on the floor may be off because the calibration was made by hand."""

    def compute_covariance_on_floor(self, xy_m: FloatArray) -> FloatArray:
        """Covariance matrices, shape (n, 2, 2) in m², of floor points, shape (n, 2).

        Of the normal distribution whose 95 % ellipses hold the truth. The same in pictures of any size.
        """

    def compute_variance_on_floor(self, xy_m: FloatArray) -> FloatArray:
        """Means of the variances along both axes, shape (n,), of floor points in front of the camera."""


@dataclass(frozen=True, slots=True, eq=False)
class CameraGeometry:
    """A homography from the straightened picture to the floor, and the lens that bends the picture.

    Attributes:
        floor_from_pixel: shape (3, 3), maps (u_px, v_px, 1) to (x_m, y_m, 1) up to scale; its sign is such
            that the third coordinate is positive for the pixels of the calibration's pairs (the floor in
            front of the camera). With a lens, these are pixels that the lens has straightened.
        pair_rms_m: root mean square of the calibration's residuals on the floor, metres.
        lens: None for a straight one. All methods take and give pixels of the picture as it is.
        floor_errors: of the calibration; None where nobody made one by hand.
        lens_width_px: where these are pixels of a straightened picture, the width of the one that the lens
            made, which says how wide it is; None: of the picture itself.
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

    def project_to_floor(self, uv_px: FloatArray) -> FloatArray:
        """Floor points, shape (n, 2) in metres, of pixels, shape (n, 2); NaN at and above the horizon."""
        if self.lens is not None:
            uv_px = self.lens.straighten(uv_px)
        homogeneous = np.column_stack([uv_px, np.ones(len(uv_px))]) @ self.floor_from_pixel.T
        scale = homogeneous[:, 2:]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(scale > 1e-12, homogeneous[:, :2] / scale, np.nan)

    def project_to_pixel(self, xy_m: FloatArray) -> FloatArray:
        """Pixels, shape (n, 2), of floor points, shape (n, 2) in metres; NaN behind the camera."""
        inverse = np.linalg.inv(self.floor_from_pixel)
        homogeneous = np.column_stack([xy_m, np.ones(len(xy_m))]) @ inverse.T
        scale = homogeneous[:, 2:]
        with np.errstate(divide="ignore", invalid="ignore"):
            straight = np.where(scale > 1e-12, homogeneous[:, :2] / scale, np.nan)
        return straight if self.lens is None else self.lens.distort(straight)

    def measure_upright_px(self, xy_m: FloatArray, *, height_m: float) -> FloatArray:
        """About how tall in the picture somebody of a height is who stands at floor points, shape (n, 2).

        For a level camera with square pixels; one that looks down shows them shorter. Metres parallel to the
        horizon are all at one distance: with (u, v, 1) w = G (x, y, 1) their pixels are those of G's first
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
        """The same view in a picture of another size: calibrated at the first, used at the second.

        Width and height scale on their own, so that a stream with oblong pixels fits too; a cropped stream
        does not, which its caller can tell from the shapes.
        """
        to_calibrated = np.diag([frame_size_wh[0] / to_size_wh[0], frame_size_wh[1] / to_size_wh[1], 1.0])
        by_uv = to_size_wh[0] / frame_size_wh[0], to_size_wh[1] / frame_size_wh[1]
        lens = None if self.lens is None else self.lens.scaled(by_uv)
        matrix = self.floor_from_pixel @ to_calibrated
        lens_width_px = None if self.lens_width_px is None else self.lens_width_px * by_uv[0]
        return CameraGeometry(matrix, self.pair_rms_m, lens, self.floor_errors, lens_width_px)

    def compute_jacobian(self, uv_px: FloatArray) -> FloatArray:
        """Derivatives, shape (n, 2, 2) in metres a pixel, of the floor points by the pixels, shape (n, 2).

        Of the homography as in Hartley and Zisserman, Multiple View Geometry, 5.6, times the lens's.
        """
        straight = uv_px if self.lens is None else self.lens.straighten(uv_px)
        _, _, jacobian = self._differentiate(straight)
        return jacobian if self.lens is None else jacobian @ self.lens.compute_straightening(uv_px)

    def compute_floor_covariance(self, uv_px: FloatArray, sigma_uv_px: FloatArray) -> FloatArray:
        """Error ellipses on the floor, shape (n, 2, 2) in m²; see ``project_with_errors``."""
        return self.project_with_errors(uv_px, sigma_uv_px)[1]

    def project_with_errors(
        self, uv_px: FloatArray, sigma_uv_px: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Floor points of pixels, as ``project_to_floor``, and their covariances, shape (n, 2, 2) in m².

        First-order propagation J diag(sigma²) Jᵀ of the pixel errors ``sigma_uv_px``, shape (n, 2), plus the
        calibration's own error at each place, which is the same whenever somebody stands there and does not
        average out. Where it is not known, ``pair_rms_m`` stands for it in every direction.
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
        """The calibration's part in that, for floor points, shape (n, 2), in front of the camera.

        Returns:
            Means of the variances along both axes, shape (n,) in m².
        """
        if self.floor_errors is None:
            return np.full(len(xy_m), self.pair_rms_m**2)
        return self.floor_errors.compute_variance_on_floor(xy_m)

    def _differentiate(self, straight_px: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Of straight pixels: homogeneous and plain floor points, shapes (n, 3) and (n, 2); derivatives."""
        h = self.floor_from_pixel
        homogeneous = np.column_stack([straight_px, np.ones(len(straight_px))]) @ h.T
        w = homogeneous[:, 2]
        with np.errstate(divide="ignore", invalid="ignore"):
            xy = homogeneous[:, :2] / w[:, None]
            jacobian: FloatArray = (h[None, :2, :2] - xy[:, :, None] * h[None, 2:, :2]) / w[:, None, None]
        return homogeneous, xy, jacobian
