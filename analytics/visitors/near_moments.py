"""When tracklets are near each other, searched again only for those that have changed.

Samples lie on one axis, moment after moment and along x within a moment, so that those near a sample are
among its neighbours there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.visitors.tracklet_pairs import TrackletSamples

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
_Found = tuple[IntArray, IntArray, IntArray, FloatArray]
"""Pieces of both, step and distance of each pair."""

MOMENT_APART_M = 1000.0
"""From a moment to the next on the axis; on a larger floor some are compared in vain."""
ROUNDING_M = 1e-6
"""On the axis, after weeks of moments."""


@dataclass(frozen=True, slots=True, eq=False)
class NearMoments:
    """When pieces a < b are near each other, by pair and time, shape (moments,) each."""

    a: IntArray
    b: IntArray
    step: IntArray
    distance_m: FloatArray

    def take(self, index: IntArray) -> NearMoments:
        """Some of the moments, in that order."""
        return NearMoments(*(getattr(self, name)[index] for name in self.__slots__))


@dataclass(frozen=True, slots=True, eq=False)
class _OrderedSamples:
    """Samples in the order of the axis."""

    axis_m: FloatArray
    piece: IntArray
    step: IntArray
    x_m: FloatArray
    y_m: FloatArray

    @staticmethod
    def order(samples: TrackletSamples, pieces: IntArray) -> _OrderedSamples:
        axis_m = samples.step * MOMENT_APART_M + samples.x_m
        order = np.argsort(axis_m)
        return _OrderedSamples(
            axis_m[order],
            pieces[samples.piece[order]],
            samples.step[order],
            samples.x_m[order],
            samples.y_m[order],
        )


class NearMomentSearch:
    """Finds all moments at which two pieces are within reach."""

    def __init__(self, *, pieces: int, reach_m: float) -> None:
        self._reach_m, self._reach_on_axis_m = reach_m, reach_m + ROUNDING_M
        self._taken: list[_OrderedSamples] = []
        self._newest = np.zeros(pieces, np.int64)

    def take(self, samples: TrackletSamples, pieces: IntArray) -> NearMoments:
        """Take samples of some pieces instead of those taken before; when these pieces are near any.

        Args:
            pieces: whose samples they are, by ``samples.piece``.
        """
        own = _OrderedSamples.order(samples, pieces)
        self._newest[pieces] = len(self._taken)
        found = [self._find(own, own, np.arange(1, len(own.axis_m) + 1))]
        for number, others in enumerate(self._taken):
            low = np.searchsorted(others.axis_m, own.axis_m - self._reach_on_axis_m)
            one, other, step, distance_m = self._find(own, others, low)
            # what else was taken of a piece since then is what it has become
            is_newest = self._newest[other] == number
            found.append((one[is_newest], other[is_newest], step[is_newest], distance_m[is_newest]))
        self._taken.append(own)
        one, other, step, distance_m = map(np.concatenate, zip(*found, strict=True))
        a, b = np.minimum(one, other), np.maximum(one, other)
        order = np.lexsort((step, b, a))
        return NearMoments(a[order], b[order], step[order], distance_m[order])

    def _find(self, own: _OrderedSamples, others: _OrderedSamples, low: IntArray) -> _Found:
        """Near pairs of both; those of the others before ``low``, shape (own,), are not looked at."""
        one, other = np.arange(len(own.axis_m)), low.copy()
        near = [np.empty((2, 0), np.int64)]
        while True:
            goes_on = other < len(others.axis_m)
            if not goes_on.all():
                one, other = one[goes_on], other[goes_on]
            goes_on = others.axis_m[other] <= own.axis_m[one] + self._reach_on_axis_m
            one, other = one[goes_on], other[goes_on]
            if not len(one):
                break
            x_m, y_m = others.x_m[other] - own.x_m[one], others.y_m[other] - own.y_m[one]
            is_near = x_m * x_m + y_m * y_m <= self._reach_m**2
            is_near &= own.step[one] == others.step[other]
            near.append(np.stack([one[is_near], other[is_near]]))
            other += 1
        one, other = np.concatenate(near, axis=1)
        distance_m = np.hypot(others.x_m[other] - own.x_m[one], others.y_m[other] - own.y_m[one])
        return own.piece[one], others.piece[other], own.step[one], distance_m
