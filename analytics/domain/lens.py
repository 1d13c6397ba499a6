"""What a lens does to straight lines: the division model of radial distortion, both ways."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.errors import CalibrationError

MAX_BARREL = -0.9
"""About that of an equidistant fisheye of 150 degrees over the width of a 16:9 picture; the model's picture
ends beyond the corners up to -1."""
MAX_PINCUSHION = 0.5
"""Half of the value from which the corners of the picture would no longer be unique."""
UNKNOWN_SIGMA = 1.0
"""Of a coefficient of which only its range is known."""
DATA_SHEET_SIGMA = 0.03
"""Standard deviation, in parts, of a focal length or an angle of view of a data sheet: makers state them to
within 5 %, and any such error is as likely (uniform)."""


@dataclass(frozen=True, slots=True)
class Lens:
    """Radial distortion of the division model (Fitzgibbon, CVPR 2001, equation 1), in pictures of any size.

    A pixel at the distance r from the picture's centre would be seen by a straight lens at r / (1 + d r²);
    r in half diagonals of the picture, so that the corners are at 1.

    Attributes:
        division: d; 0 is a straight lens, below 0 lines bulge outwards (barrel), above 0 inwards.
        division_sigma: how well it is known apart from the camera's point pairs, a standard deviation from 0
            (exactly) to 1 (not at all).

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
                "The lens distortion {division:g} is outside of {lowest:g} to {highest:g}.",
                "Estimate it from lines that are straight in the hall, or give 0 for a straight lens.",
                division=self.division,
                lowest=MAX_BARREL,
                highest=MAX_PINCUSHION,
            )

    def in_picture(self, size_wh: tuple[int, int]) -> PictureLens:
        """The lens of pictures of one size, its axis at their centre."""
        width_px, height_px = size_wh
        half_diagonal_px = math.hypot(width_px, height_px) / 2
        return PictureLens(self.division, (width_px / 2, height_px / 2), (half_diagonal_px, half_diagonal_px))


@dataclass(frozen=True, slots=True)
class PictureLens:
    """A lens in pictures of one size.

    Attributes:
        division: as of ``Lens``.
        centre_px: (u, v) where the lens's axis meets the picture.
        unit_px: half a diagonal along u and along v; they differ in pictures with oblong pixels.
    """

    division: float
    centre_px: tuple[float, float]
    unit_px: tuple[float, float]

    def straighten(self, uv_px: FloatArray) -> FloatArray:
        """Where a straight lens would have shown pixels, shape (n, 2); NaN outside the model's picture."""
        offset = self._offset(uv_px)
        divisor = 1 + self.division * (offset**2).sum(axis=1, keepdims=True)
        return self._place(np.where(divisor > 0, offset / np.where(divisor > 0, divisor, 1.0), np.nan))

    def distort(self, uv_px: FloatArray) -> FloatArray:
        """Where the lens shows what a straight one shows at ``uv_px``, shape (n, 2); NaN where nowhere.

        The root of d r² s - r + s = 0 for the straight distance s that goes with s to 0.
        """
        offset = self._offset(uv_px)
        discriminant = 1 - 4 * self.division * (offset**2).sum(axis=1, keepdims=True)
        root = np.sqrt(np.where(discriminant >= 0, discriminant, np.nan))
        return self._place(2 * offset / (1 + root))

    def compute_straightening(self, uv_px: FloatArray) -> FloatArray:
        """Jacobian of ``straighten`` at pixels of shape (n, 2): shape (n, 2, 2)."""
        offset = self._offset(uv_px)
        divisor = 1 + self.division * (offset**2).sum(axis=1)
        bend = -2 * self.division * offset[:, :, None] * offset[:, None, :] / divisor[:, None, None] ** 2
        unit = np.asarray(self.unit_px)
        jacobian: FloatArray = np.eye(2) / divisor[:, None, None] + bend * (unit[:, None] / unit[None, :])
        return jacobian

    def compute_division_effect(self, uv_px: FloatArray) -> FloatArray:
        """Derivative of ``straighten`` by the division coefficient: shape (n, 2), pixels."""
        offset = self._offset(uv_px)
        square = (offset**2).sum(axis=1, keepdims=True)
        effect: FloatArray = -offset * square / (1 + self.division * square) ** 2 * np.asarray(self.unit_px)
        return effect

    def scaled(self, by_uv: tuple[float, float]) -> PictureLens:
        """The same lens in pictures that are so many times as wide and as high."""
        (u, v), (unit_u, unit_v), (by_u, by_v) = self.centre_px, self.unit_px, by_uv
        return PictureLens(self.division, (u * by_u, v * by_v), (unit_u * by_u, unit_v * by_v))

    def _offset(self, uv_px: FloatArray) -> FloatArray:
        return np.asarray((uv_px - np.asarray(self.centre_px)) / np.asarray(self.unit_px), np.float64)

    def _place(self, offset: FloatArray) -> FloatArray:
        return np.asarray(offset * np.asarray(self.unit_px) + np.asarray(self.centre_px), np.float64)


def compute_lens_of_data_sheet(
    *, focal_mm: float, sensor_width_mm: float, horizontal_fov_rad: float, size_wh: tuple[int, int]
) -> Lens:
    """The lens of a camera model from three figures of its data sheet.

    A straight lens of this focal length would see 2 atan(width / 2 f); that the camera sees more (barrel) or
    less is its distortion, which the division model turns into its one coefficient at the picture's side. It
    is as uncertain as ``DATA_SHEET_SIGMA`` of the ratio makes it.

    Raises:
        CalibrationError: a figure is not positive, the angle is not below a half turn, or the three do not
            fit together.
    """
    figures = (focal_mm, sensor_width_mm, horizontal_fov_rad)
    if not all(math.isfinite(figure) and figure > 0 for figure in figures) or horizontal_fov_rad >= math.pi:
        raise CalibrationError(
            "The lens's data sheet has a figure that cannot be.",
            "Give the focal length and the sensor's width in millimetres, and a horizontal angle of view "
            "below 180 degrees.",
        )
    side = size_wh[0] / math.hypot(*size_wh)
    seen_over_straight = sensor_width_mm / 2 / (focal_mm * math.tan(horizontal_fov_rad / 2))
    sigma = min(DATA_SHEET_SIGMA * seen_over_straight / side**2, UNKNOWN_SIGMA)
    return Lens((seen_over_straight - 1) / side**2, sigma)
