"""Conversion of a decoded video frame to the picture for the detector."""

from __future__ import annotations

from typing import Any

import numpy as np

from vision.pixel_types import Picture


def convert_to_bgr(frame: Any, *, rotation_degrees: int = 0) -> Picture:
    """Return a frame of PyAV as an array, shape (height, width, 3), BGR, by the frame's colour space.

    Args:
        rotation_degrees: counterclockwise rotation that makes the picture upright, a multiple of 90;
            telephones record sideways and store it.
    """
    # more than one thread is slower: each frame would start them again
    picture: Picture = frame.to_ndarray(format="bgr24", threads=1)
    quarter_turns = round(rotation_degrees / 90) % 4
    if quarter_turns:
        picture = np.rot90(picture, quarter_turns)
    # FFmpeg pads the rows of some widths
    return np.ascontiguousarray(picture)
