"""Unbroken runs of rows within the segments of presence rows."""

from __future__ import annotations

import numpy as np

from analytics.domain.arrays import BoolArray, IntArray


def find_runs(is_in: BoolArray, segment: IntArray) -> tuple[IntArray, IntArray]:
    """Return first and last row of every unbroken run of rows of one segment for which ``is_in`` holds."""
    begins, ends = is_in.copy(), is_in.copy()
    same = segment[1:] == segment[:-1]
    begins[1:] &= ~(is_in[:-1] & same)
    ends[:-1] &= ~(is_in[1:] & same)
    return np.flatnonzero(begins).astype(np.int64), np.flatnonzero(ends).astype(np.int64)
