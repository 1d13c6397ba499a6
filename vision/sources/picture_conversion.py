"""A decoded video frame turned into the picture that the detector sees."""

from __future__ import annotations

from typing import Any

import numpy as np

from vision.pixel_types import Picture


def convert_to_bgr(frame: Any, *, rotation_degrees: int = 0) -> Picture:
    """Return a frame of PyAV as an array of shape (height, width, 3), BGR, in the colours that it says.

    Args:
        rotation_degrees: how far the picture is to be turned counterclockwise to stand upright, a multiple
            of 90; telephones record sideways and say so.
    """
    # more threads than one only cost time: each frame would start them anew
    picture: Picture = frame.to_ndarray(format="bgr24", threads=1)
    quarter_turns = round(rotation_degrees / 90) % 4
    if quarter_turns:
        picture = np.rot90(picture, quarter_turns)
    # FFmpeg pads the rows of some widths
    return np.ascontiguousarray(picture)
