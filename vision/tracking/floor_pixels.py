"""From places on the floor to where people's feet are in the picture."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vision.pixel_types import FootPoint
from vision.tracking.floor_view import FloorView

FloatArray = npt.NDArray[np.float64]


class FloorPixels:
    """The picture of the floor in one camera."""

    def __init__(self, view: FloorView) -> None:
        pixel_from_floor = np.linalg.inv(view.geometry.floor_from_pixel)
        self._rows = pixel_from_floor.tolist()
        self._columns = tuple(
            np.ascontiguousarray(column) for column in np.split(pixel_from_floor, 3, axis=1)
        )
        self._geometry = view.geometry
        self._size_wh = view.frame_size_wh

    def find_homogeneous(self, places: FloatArray) -> FloatArray:
        """Pixels of places, shape (2 or more, n), times their scales, and these: shape (3, n)."""
        by_x, by_y, fixed = self._columns
        homogeneous: FloatArray = by_x * places[0]
        homogeneous += by_y * places[1]
        homogeneous += fixed
        return homogeneous

    def find_feet(
        self, places: FloatArray, homogeneous: FloatArray, heights_m: Sequence[float | None]
    ) -> list[FootPoint | None]:
        """Foot points of people of known or unknown heights at places, shape (5, n).

        Args:
            places: as in ``FloorMotion``.
            homogeneous: as ``find_homogeneous`` gives it.

        Returns:
            None for places behind the camera.
        """
        w = homogeneous[2]
        is_behind = bool(w.size and np.minimum.reduce(w) <= 1e-12)
        if is_behind:
            w = np.where(w > 1e-12, w, np.nan)
        u, v = (homogeneous[:2] / w).tolist()
        x, y = places[:2].tolist()
        variance = (places[2] + places[3]) * 0.5
        variance += self._geometry.compute_calibration_variance(places[:2].T)
        sigma = np.sqrt(variance).tolist()
        feet: list[FootPoint | None] = list(
            map(FootPoint._make, zip(u, v, x, y, sigma, heights_m, strict=True))
        )
        if is_behind:
            return [foot if foot and math.isfinite(foot.u_px + foot.v_px) else None for foot in feet]
        return feet

    def is_outside(self, x_m: float, y_m: float) -> bool:
        """Whether a place is not in the picture."""
        u, v, w = (a * x_m + b * y_m + c for a, b, c in self._rows)
        width, height = self._size_wh
        return not (w > 0 and 0 <= u / w <= width and 0 <= v / w <= height)
