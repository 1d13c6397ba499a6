"""Aliases for the array types that functions exchange; docstrings state the shapes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
IndexArray = npt.NDArray[np.intp]
Interval = tuple[float, float]
"""(from, to); the end is excluded where it is a period of time."""
