"""The uncertainty of a fitted geometry: the Gauss-Newton covariance of its parameters, as deviations."""

from __future__ import annotations

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.position_uncertainty import PositionUncertainty
from vision.calibration.click_noise import ClickNoise
from vision.calibration.point_transforms import apply_matrix, compute_matrix_jacobian, find_normalisation


def find_deviations(
    geometry: CameraGeometry,
    uv_px: FloatArray,
    xy_m: FloatArray,
    *,
    noise: ClickNoise,
    division_sigma: float = 0.0,
) -> PositionUncertainty:
    """Compute the uncertainty of the geometry fitted to pairs, shapes (n, 2).

    The inverse of the Gauss-Newton approximation of the Hessian, on the eight dimensions in which the
    homography is not merely scaled (Hartley and Zisserman, Multiple View Geometry, 5.2.4, result 5.10), and
    the lens's coefficient as a ninth, of which ``division_sigma`` is known beforehand.
    """
    lens = geometry.lens
    straight = uv_px if lens is None else lens.straighten(uv_px)
    normalise_uv, normalise_xy = find_normalisation(straight), find_normalisation(xy_m)
    xy = apply_matrix(normalise_xy, xy_m)
    pixel_from_floor = normalise_uv @ np.linalg.inv(geometry.floor_from_pixel) @ np.linalg.inv(normalise_xy)
    norm = float(np.linalg.norm(pixel_from_floor))
    pixel_from_floor = pixel_from_floor / norm
    jacobian = compute_matrix_jacobian(pixel_from_floor, xy) / normalise_uv[0, 0]
    with_lens = lens is not None and division_sigma > 0
    if lens is not None:
        weights = np.linalg.inv(lens.compute_straightening(uv_px))
        jacobian = weights @ jacobian
        if with_lens:
            effect = np.einsum("nij,nj->ni", weights, lens.compute_division_effect(uv_px))
            jacobian = np.concatenate([jacobian, -effect[:, :, None]], axis=2)
    design = jacobian.reshape(2 * len(uv_px), -1) / noise.sigma_px
    # the eight directions that are orthogonal to the matrix itself
    tangent = np.linalg.svd(pixel_from_floor.reshape(1, 9))[2][1:].T
    if with_lens:
        tangent = np.block([[tangent, np.zeros((9, 1))], [np.zeros((1, 8)), np.ones((1, 1))]])
        design = np.vstack([design, np.append(np.zeros(9), 1 / division_sigma)])
    _, singular, directions = np.linalg.svd(design @ tangent, full_matrices=False)
    deviations = (directions / singular[:, None]) @ tangent.T
    inverse = np.linalg.inv(pixel_from_floor)
    # d(G^-1) = -G^-1 dG G^-1, then back from normalised coordinates
    steps = -inverse @ deviations[:, :9].reshape(-1, 3, 3) @ inverse
    return PositionUncertainty(
        geometry=geometry,
        matrix_deviations=np.linalg.inv(normalise_xy) @ steps @ normalise_uv / norm,
        division_deviations=deviations[:, 9] if with_lens else np.zeros(len(deviations)),
        noise_px=noise.sigma_px,
        degrees_of_freedom=noise.degrees_of_freedom,
    )
