"""What the width of a box says of how tall the person in it is.

Whoever is short is narrow as well, and whoever stands behind a table is not.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

WIDER_SIGMA, NARROWER_SIGMA = 0.3, 0.5
"""Of the logarithm of a box's width over that of the person in it: arms and bags; others who hide a side."""

LEAST_COST = -100.0
"""What a width may say at most: no box is so thin that it proves a child."""


def weigh_short(*, width: FloatArray, height: FloatArray) -> FloatArray:
    """Minus twice the log of how likely boxes are as wide if people are only as high as they look.

    Over how likely they are of people of the height that was expected, whose feet are hidden.

    Args:
        width: of the boxes, shape (k,), in parts of the usual width of the people expected in them.
        height: as people look, shape (..., k), in parts of the height of those expected; more than 1 is 1.
    """
    as_tall = np.log(width)
    as_short = as_tall - np.log(np.minimum(height, 1.0))
    cost: FloatArray = _weigh(as_short)
    cost -= _weigh(as_tall)
    return np.maximum(cost, LEAST_COST, out=cost)


def _weigh(off: FloatArray) -> FloatArray:
    parts: FloatArray = off / np.where(off > 0, WIDER_SIGMA, NARROWER_SIGMA)
    parts *= parts
    return parts
