"""How much of the people who were not seen is behind those who were: whether they could have been seen."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vision.tracking.sightings import BOTTOM, LEFT, RIGHT, TOP, Sightings
from vision.tracking.upright_bodies import UprightBodies

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

HIDES_SHARE = 0.6
"""Whoever is hidden by so much is hardly ever found: half of those hidden by 0.5 to 0.7 are missed, more of
them where a detector misses in bursts."""


def stand_people(homogeneous: FloatArray, stature: FloatArray, bodies: UprightBodies) -> FloatArray:
    """Left, top, right and bottom, shape (4, k), of people whose feet are at pixels, shape (3, k).

    Args:
        homogeneous: as ``FloorPixels.find_homogeneous`` gives them.
        stature: shape (k,), relative to the mean.
    """
    edges = np.empty((4, homogeneous.shape[1]))
    w = np.maximum(homogeneous[2], 1e-12)
    u = homogeneous[0] / w
    bottom = np.divide(homogeneous[1], w, out=edges[BOTTOM])
    top = edges[TOP] = bodies.find_top(bottom, stature / w)
    half = bodies.width_heights * (bottom - top) / 2
    np.subtract(u, half, out=edges[LEFT])
    np.add(u, half, out=edges[RIGHT])
    return edges


def find_in_sight(edges: FloatArray, own: IndexArray, sightings: Sightings) -> FloatArray:
    """How far people could have been seen in this frame, shape (k,): 1 in full view, 0 behind others.

    Args:
        edges: left, top, right and bottom of where they would be in the picture, shape (4, k), pixels.
        own: which sighting each person is, -1 for none.
    """
    if not len(sightings):
        return np.ones(edges.shape[1])
    upper_left, lower_right = edges[:2, :, None], edges[2:, :, None]
    shared = np.minimum(lower_right, sightings.edges[2:, None])
    shared -= np.maximum(upper_left, sightings.edges[:2, None])
    np.maximum(shared, 0.0, out=shared)
    width, height = edges[2:] - edges[:2]
    is_in_front = sightings.edges[BOTTOM] > (edges[BOTTOM] - 0.02 * height)[:, None]
    found = (own >= 0).nonzero()[0]
    if len(found):
        is_in_front[found, own[found]] = False
    hidden = np.add.reduce(shared[0] * shared[1] * is_in_front, axis=1) / np.maximum(width * height, 1e-9)
    in_sight: FloatArray = 1.0 - np.minimum(hidden / HIDES_SHARE, 1.0)
    return in_sight
