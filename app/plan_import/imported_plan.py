"""The content of a plan file, as a picture or as outlines in metres, and the limits of all formats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import Obstacle

Pixels = npt.NDArray[np.uint8]

MAX_SIDE_PX = 4096
"""Maximum picture side, enough for a screen at the deepest useful zoom; larger pictures are shrunk."""
MAX_PIXELS = 150_000_000
"""Maximum pixel count; a sheet of A0 at 300 dots an inch has 140 million."""
MAX_FILE_BYTES = 100_000_000
MILLIMETRES_PER_METRE = 1000.0


@dataclass(frozen=True, slots=True, eq=False)
class ImportedPlan:
    """The content of a plan file.

    Attributes:
        picture: shape (height, width, 3), RGB; None for outlines in metres.
        sheet_width_mm: width of the picture on paper, if known; gives metres together with a drawing scale.
        outline: of the hall, its lower left corner at (0 m, 0 m).
        pages: number of pages of the file.
    """

    picture: Pixels | None = None
    sheet_width_mm: float | None = None
    outline: Polygon | None = None
    obstacles: tuple[Obstacle, ...] = ()
    pages: int = 1

    def scale_of_drawing(self, one_to: float) -> float | None:
        """Return metres per pixel of a drawing of 1:``one_to``; None if the sheet's size is unknown."""
        if self.picture is None or self.sheet_width_mm is None:
            return None
        width_px = int(self.picture.shape[1])
        return self.sheet_width_mm / MILLIMETRES_PER_METRE * one_to / width_px
