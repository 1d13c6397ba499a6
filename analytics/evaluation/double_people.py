"""Which people are followed by two identities at once, and which only stand beside a thing.

A poster or a mannequin that is taken for a person is one identity too many wherever it stands, and counts as
that in visits, person-seconds and identities. It does not make a double of whoever stands beside it. What
shows a thing is that its place is held while nobody is near.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

LEAST_DOUBLE_S = 3.0
"""A person who has a second identity beside the first for this long is counted double."""
THING_M = 0.2
"""Things keep their place to this; a person's second identity, whose feet are hidden, wanders by more."""
LEAST_ALONE_S = 10.0
"""A place that identities held for so long, in all, while nobody was near, is that of a thing."""


def find_double_people(
    *, person: IntArray, xy_m: FloatArray, alone_xy_m: FloatArray, people: int, step_s: float
) -> BoolArray:
    """Whether each person had a second identity for long enough, shape (people,).

    Args:
        person: who is nearest to an identity that is matched to nobody although near, one for each moment
            of each identity, shape (n,).
        xy_m: where that identity is, shape (n, 2), metres.
        alone_xy_m: where identities are near nobody, one row for each moment of each, shape (m, 2), metres.
        people: how many there are.
        step_s: time from moment to moment.
    """
    alone = cKDTree(alone_xy_m.reshape(-1, 2)).query_ball_point(
        xy_m.reshape(-1, 2), THING_M, return_length=True
    )
    is_double = np.asarray(alone, np.int64) * step_s < LEAST_ALONE_S - 1e-9
    seconds = np.bincount(person[is_double], minlength=people) * step_s
    return np.asarray(seconds >= LEAST_DOUBLE_S - 1e-9, np.bool_)
