"""How much of the people who were not seen is behind those who were: whether they could have been seen."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vision.tracking.foot_hypotheses import Sightings

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

HIDES_SHARE = 0.6
"""Whoever is hidden by so much is hardly ever found: half of those hidden by 0.5 to 0.7 are missed, more of
them where a detector misses in bursts."""


def find_in_sight(edges: FloatArray, own: IndexArray, sightings: Sightings) -> FloatArray:
    """How far people could have been seen in this frame, shape (k,): 1 in full view, 0 behind others.

    Args:
        edges: left, top, right and bottom of where they would be in the picture, shape (4, k), pixels.
        own: which sighting each person is, -1 for none.
    """
    count = edges.shape[1]
    if not len(sightings):
        return np.ones(count)
    left, top, right, bottom = edges[:, :, None]
    other_left, other_top, other_right, other_bottom = sightings.edges
    across = np.minimum(right, other_right) - np.maximum(left, other_left)
    down = np.minimum(bottom, other_bottom) - np.maximum(top, other_top)
    shared = np.maximum(across, 0.0) * np.maximum(down, 0.0)
    is_in_front = other_bottom > bottom - 0.02 * (bottom - top)
    is_in_front &= np.arange(len(sightings)) != own[:, None]
    area = np.maximum((right - left) * (bottom - top), 1e-9)[:, 0]
    hidden = (shared * is_in_front).sum(axis=1) / area
    in_sight: FloatArray = 1.0 - np.minimum(hidden / HIDES_SHARE, 1.0)
    return in_sight
