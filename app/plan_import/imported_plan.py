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


@dataclass(frozen=True, slots=True, eq=False)
class ImportedPlan:
    """The content of a plan file.

    Attributes:
        picture: shape (height, width, 3), RGB; None for outlines in metres.
        outline: of the hall, its lower left corner at (0 m, 0 m).
        pages: number of pages of the file.
    """

    picture: Pixels | None = None
    outline: Polygon | None = None
    obstacles: tuple[Obstacle, ...] = ()
    pages: int = 1
