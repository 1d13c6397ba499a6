"""Lens distortion: the division model of radial distortion, in both directions."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.errors import CalibrationError

MAX_BARREL = -0.9
"""About that of an equidistant fisheye of 150 degrees over the width of a 16:9 picture; down to -1 the model
covers the picture's corners."""
MAX_PINCUSHION = 0.5
"""Half of the value at which the corners of the picture would no longer be unique."""
UNKNOWN_SIGMA = 1.0
"""Standard deviation of a coefficient of which only the range is known."""
DATA_SHEET_SIGMA = 0.03
"""Relative standard deviation of a focal length or angle of view from a data sheet: makers state them to
within 5 %, and any such error is equally likely (uniform)."""


@dataclass(frozen=True, slots=True)
class Lens:
    """Radial distortion by the division model (Fitzgibbon, CVPR 2001, equation 1), for any picture size.

    A straight lens would show a pixel at distance r from the picture's centre at r / (1 + d r²); r is in half
    diagonals of the picture, so that the corners are at 1.

    Attributes:
        division: d; 0 is a straight lens, below 0 lines bulge outwards (barrel), above 0 inwards.
        division_sigma: standard deviation of d apart from the camera's point pairs, from 0 (exact) to 1
            (unknown).

    Raises:
        CalibrationError: stronger than ``MAX_BARREL`` or ``MAX_PINCUSHION``, or not a number.
    """

    division: float
    division_sigma: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.division_sigma <= UNKNOWN_SIGMA:
            raise ValueError(f"a standard deviation from 0 to {UNKNOWN_SIGMA}, not {self.division_sigma}")
        if not MAX_BARREL <= self.division <= MAX_PINCUSHION:
            raise CalibrationError(
                "The lens distortion {division:g} is not between {lowest:g} and {highest:g}.",
                "Estimate it from straight lines in the hall, or enter 0 for a lens without distortion.",
                division=self.division,
                lowest=MAX_BARREL,
                highest=MAX_PINCUSHION,
            )

    def in_picture(self, size_wh: tuple[int, int]) -> PictureLens:
        """Return the lens for pictures of one size, its axis at their centre."""
        width_px, height_px = size_wh
        half_diagonal_px = math.hypot(width_px, height_px) / 2
        return PictureLens(self.division, (width_px / 2, height_px / 2), (half_diagonal_px, half_diagonal_px))


@dataclass(frozen=True, slots=True)
class PictureLens:
    """A lens in pictures of one size.

    Attributes:
        division: see ``Lens``.
        centre_px: (u, v) at which the lens's axis meets the picture.
        unit_px: half a diagonal along u and along v; they differ in pictures with oblong pixels.
    """

    division: float
    centre_px: tuple[float, float]
    unit_px: tuple[float, float]

    def straighten(self, uv_px: FloatArray) -> FloatArray:
        """Return the pixels of a straight lens for pixels, shape (n, 2); NaN outside the model's range."""
        offset = self._offset(uv_px)
        divisor = 1 + self.division * (offset**2).sum(axis=1, keepdims=True)
        return self._place(np.where(divisor > 0, offset / np.where(divisor > 0, divisor, 1.0), np.nan))

    def distort(self, uv_px: FloatArray) -> FloatArray:
        """Return the pixels of this lens for pixels of a straight one, shape (n, 2); NaN if it shows none.

        The root of d r² s - r + s = 0 for the straight distance s that tends to 0 with s.
        """
        offset = self._offset(uv_px)
        discriminant = 1 - 4 * self.division * (offset**2).sum(axis=1, keepdims=True)
        root = np.sqrt(np.where(discriminant >= 0, discriminant, np.nan))
        return self._place(2 * offset / (1 + root))

    def compute_straightening(self, uv_px: FloatArray) -> FloatArray:
        """Return the Jacobian of ``straighten`` at pixels of shape (n, 2): shape (n, 2, 2)."""
        offset = self._offset(uv_px)
        divisor = 1 + self.division * (offset**2).sum(axis=1)
        bend = -2 * self.division * offset[:, :, None] * offset[:, None, :] / divisor[:, None, None] ** 2
        unit = np.asarray(self.unit_px)
        jacobian: FloatArray = np.eye(2) / divisor[:, None, None] + bend * (unit[:, None] / unit[None, :])
        return jacobian

    def compute_division_effect(self, uv_px: FloatArray) -> FloatArray:
        """Return the derivative of ``straighten`` by the division coefficient: shape (n, 2), pixels."""
        offset = self._offset(uv_px)
        square = (offset**2).sum(axis=1, keepdims=True)
        effect: FloatArray = -offset * square / (1 + self.division * square) ** 2 * np.asarray(self.unit_px)
        return effect

    def scaled(self, by_uv: tuple[float, float]) -> PictureLens:
        """Return the lens for pictures scaled by factors along u and v."""
        (u, v), (unit_u, unit_v), (by_u, by_v) = self.centre_px, self.unit_px, by_uv
        return PictureLens(self.division, (u * by_u, v * by_v), (unit_u * by_u, unit_v * by_v))

    def _offset(self, uv_px: FloatArray) -> FloatArray:
        return np.asarray((uv_px - np.asarray(self.centre_px)) / np.asarray(self.unit_px), np.float64)

    def _place(self, offset: FloatArray) -> FloatArray:
        return np.asarray(offset * np.asarray(self.unit_px) + np.asarray(self.centre_px), np.float64)


def compute_lens_of_data_sheet(
    *, focal_mm: float, sensor_width_mm: float, horizontal_fov_rad: float, size_wh: tuple[int, int]
) -> Lens:
    """Return the lens of a camera model from three values of its data sheet.

    A straight lens of this focal length would see 2 atan(width / 2 f); the difference to the angle that the
    camera sees is its distortion, expressed as the division coefficient at the picture's side. Its
    uncertainty follows from ``DATA_SHEET_SIGMA`` of the ratio.

    Raises:
            CalibrationError: a value is not positive, the angle is 180 degrees or more, or the values
                contradict each other.
    """
    figures = (focal_mm, sensor_width_mm, horizontal_fov_rad)
    if not all(math.isfinite(figure) and figure > 0 for figure in figures) or horizontal_fov_rad >= math.pi:
        raise CalibrationError(
            "The lens's data sheet has an impossible value.",
            "Enter the focal length and the sensor's width in millimetres, and a horizontal angle of view "
            "below 180 degrees.",
        )
    side = size_wh[0] / math.hypot(*size_wh)
    seen_over_straight = sensor_width_mm / 2 / (focal_mm * math.tan(horizontal_fov_rad / 2))
    sigma = min(DATA_SHEET_SIGMA * seen_over_straight / side**2, UNKNOWN_SIGMA)
    return Lens((seen_over_straight - 1) / side**2, sigma)
