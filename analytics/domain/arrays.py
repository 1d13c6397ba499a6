"""Aliases of the arrays that are passed around; shapes stand in docstrings."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
IndexArray = npt.NDArray[np.intp]
Interval = tuple[float, float]
"""From and to, the end excluded where it is a period of time."""
