"""What was read of a plan's file: a picture, or outlines in metres; and the limits that every file keeps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import Obstacle

Pixels = npt.NDArray[np.uint8]

MAX_SIDE_PX = 4096
"""What a screen shows at the deepest useful zoom; larger pictures are made smaller."""
MAX_PIXELS = 150_000_000
"""A sheet of A0 at 300 dots an inch has 140 million."""
MAX_FILE_BYTES = 100_000_000
MILLIMETRES_PER_METRE = 1000.0


@dataclass(frozen=True, slots=True, eq=False)
class ImportedPlan:
    """A plan as its file has it.

    Attributes:
        picture: shape (height, width, 3), RGB; None of a drawing whose outlines are in metres.
        sheet_width_mm: how wide the picture is on paper, where the file says so; with the scale of the
            drawing (1:200) it gives metres.
        outline: of the hall, its lower left corner at (0 m, 0 m).
        obstacles: what stands in it.
        pages: how many the file has.
    """

    picture: Pixels | None = None
    sheet_width_mm: float | None = None
    outline: Polygon | None = None
    obstacles: tuple[Obstacle, ...] = ()
    pages: int = 1

    def scale_of_drawing(self, one_to: float) -> float | None:
        """Metres per pixel of a drawing of 1:``one_to``; None where the size of the sheet is not known."""
        if self.picture is None or self.sheet_width_mm is None:
            return None
        width_px = int(self.picture.shape[1])
        return self.sheet_width_mm / MILLIMETRES_PER_METRE * one_to / width_px
