"""Cameras and a map of what they see, as shapes and shades to draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.plan.floor_scene import Ring


@dataclass(frozen=True, slots=True)
class CameraGlyph:
    """A camera on the plan.

    Attributes:
        half_fov_rad: half of its angle of view across.
        view: rings round the floor that it sees; only of the chosen one.
    """

    name: str
    x_m: float
    y_m: float
    heading_rad: float
    half_fov_rad: float
    is_planned: bool
    is_selected: bool = False
    view: tuple[Ring, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ShownLayer:
    """A map as it is painted.

    Attributes:
        shares: shape (rows, columns), row 0 at the lowest y: 0 where all is well to 1 where it is bad; for
            the count of cameras 1, 2, 3, … instead; NaN where nothing is known.
        is_unseen: same shape, floor that no camera sees.
        rect_m: (x, y, width, height) of the whole grid.
    """

    shares: npt.NDArray[np.float64]
    is_unseen: npt.NDArray[np.bool_]
    rect_m: tuple[float, float, float, float]
    is_count: bool = False
